import { createReadStream } from 'node:fs'
import type { ClickHouseSettings } from '@clickhouse/client'
import type { Db } from '../sql/db.ts'
import { dropTables } from '../sql/dropTables.ts'
import type { CheckedFile } from './check.ts'
import { judgedTable } from './classify.ts'
import { loadTables, type Plan } from './plan.ts'

/** Every setting that decides how bytes become rows, so that no default of a server version does. */
const readSettings: ClickHouseSettings = {
  async_insert: 0,
  optimize_on_insert: 0,
  insert_deduplicate: 0,
  max_partitions_per_insert_block: '0',
  max_threads: 1,
  max_insert_threads: '1',
  input_format_parallel_parsing: 0,
  input_format_skip_unknown_fields: 1,
  input_format_null_as_default: 1,
  input_format_allow_errors_num: '0',
  input_format_allow_errors_ratio: 0,
  input_format_csv_trim_whitespaces: 0,
  input_format_csv_detect_header: 0,
  input_format_csv_allow_variable_number_of_columns: 0,
  input_format_csv_empty_as_default: 1,
  input_format_parquet_preserve_order: 1,
  input_format_parquet_allow_missing_columns: 1,
  format_csv_allow_single_quotes: 0,
  format_csv_allow_double_quotes: 1,
  short_circuit_function_evaluation: 'force_enable',
  // people who ask go first, where the system lets the engine say so
  os_thread_priority: '10',
  max_execution_time: 3600,
}

export type StageOptions = {
  loadId: string
  /** Chunks that the engine reads at the same time; 1 keeps the rows in the order of the file. */
  atOnce: number
  onRows?: (rows: number, bytes: number) => void
  signal?: AbortSignal | undefined
}

/** Makes the tables of a load and sends the file to the engine, chunk by chunk, as raw bytes. */
export async function stageFile(db: Db, file: CheckedFile, plan: Plan, options: StageOptions): Promise<void> {
  await dropLoadTables(db, options.loadId)
  for (const query of plan.create) await db.command({ query })
  let next = 0
  let bytes = 0
  const signal = options.signal
  const failed = new AbortController()
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  const work = async (): Promise<void> => {
    for (let chunk = file.chunks[next++]; chunk; chunk = file.chunks[next++]) {
      stop.throwIfAborted()
      const { stream } = await db.exec({
        query: plan.insert(chunk.line),
        values: createReadStream(file.path, {
          start: chunk.start,
          end: chunk.end - 1,
          highWaterMark: 1 << 20,
        }),
        clickhouse_settings:
          file.format === 'csv' ? { ...readSettings, format_csv_delimiter: file.delimiter } : readSettings,
        abort_signal: stop,
      })
      for await (const _ of stream) {
        // an insert answers with nothing; reading to the end frees the connection
      }
      bytes += chunk.end - chunk.start
      options.onRows?.(Math.round((file.rows * bytes) / file.bytes), bytes)
    }
  }
  const workers = Array.from({ length: options.atOnce }, async () => {
    try {
      await work()
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  const settled = await Promise.allSettled(workers)
  signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  const broken = settled.find((result) => result.status === 'rejected')
  if (broken) throw broken.reason
}

/** Removes everything that exists only while a load runs. Views first: they feed the tables. */
export async function dropLoadTables(db: Db, loadId: string): Promise<void> {
  const { views, raw, landing, stage, rejects, fresh } = loadTables(loadId)
  await dropTables(db, [...views, raw, landing, judgedTable(loadId), stage, rejects, fresh])
}
