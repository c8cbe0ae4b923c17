import { type Ingested, ingest } from '../../pipelines/ingest.ts'
import { progressOn } from '../../pipelines/progress.ts'
import type { StreamName } from '../../pipelines/streams.ts'
import { openAudit } from '../../sql/audit.ts'
import type { Env } from '../env.ts'
import { configure, openStore } from '../open.ts'
import { byCommand } from './actor.ts'

export type IngestFlags = {
  mapping: string
  service?: string
  source?: string
  stream?: StreamName
  zone?: string
  dryRun?: boolean
  json?: boolean
}

/** Loads a file, a folder or what an address answers with. A first Ctrl-C cancels cleanly, a second one ends at once. */
export async function ingestCommand(env: Env, path: string, { json = false, ...flags }: IngestFlags) {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const db = await openStore(env)
  try {
    await configure(db)
    let shown: { file: string; progress: ReturnType<typeof progressOn> } | undefined
    const results = await ingest(db, path, {
      ...flags,
      signal: stop.signal,
      onProgress: (progress, file) => {
        if (shown?.file !== file) shown = { file, progress: progressOn(process.stderr, file) }
        shown.progress.load(progress)
      },
    }).finally(() => shown?.progress.done())
    const audit = openAudit(db)
    for (const result of flags.dryRun ? [] : results) {
      const { load_id, source, read, accepted, rejected } = result
      const detail = { source, mapping: flags.mapping, read, accepted, rejected }
      await audit.note({ actor: byCommand('ingest'), deed: 'rows_load', object: load_id, detail })
    }
    for (const result of results) {
      process.stdout.write(`${json ? JSON.stringify(result) : sentence(result, flags.dryRun ?? false)}\n`)
    }
  } finally {
    await db.close()
  }
}

const count = (rows: number) => rows.toLocaleString('en')

function sentence(result: Ingested, dryRun: boolean): string {
  const { source, load_id, read, accepted, rejected, duplicates, corrected, seconds } = result
  const parts = [
    `${count(accepted)} accepted`,
    ...(corrected > 0 ? [`${count(corrected)} of them corrections`] : []),
    `${count(rejected)} rejected`,
    `${count(duplicates)} already there`,
  ]
  const what = dryRun ? 'would give (nothing was stored)' : `in ${seconds.toFixed(1)} s`
  return `${source}: ${count(read)} rows read, ${parts.join(', ')}, ${what}. Load ${load_id}.`
}
