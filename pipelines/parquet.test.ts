import { expect, test } from 'vitest'
import { load } from './load.ts'
import { LoadError } from './loadError.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()

/** A Parquet file of the columns; written without compression, so that its bytes can be found in it. */
async function parquet(columns: string, rows: number): Promise<Buffer> {
  const { stream } = await store.db.exec({
    query: `SELECT ${columns} FROM numbers(${rows}) FORMAT Parquet`,
    clickhouse_settings: { output_format_parquet_compression_method: 'none' },
  })
  const blocks: Buffer[] = []
  for await (const block of stream) blocks.push(block)
  return Buffer.concat(blocks)
}

test('text in a Parquet file that is not UTF-8 is rejected with field and reason', async () => {
  const bytes = await parquet(
    `toString(number) AS case_id, 'permits' AS service, 'Applied' AS activity, '2026-01-05T09:00:00Z' AS time,
     if(number = 1, concat('Pr', unhex('FC'), 'fung'), 'Prüfung') AS team, if(number = 2, unhex('FF'), '') AS unused`,
    4,
  )
  const file = await store.file('latin.parquet', bytes)
  const request = { file, mapping: await loadMapping('clearway'), source: 'latin', maxRejectedShare: 0.5 }
  expect(await load(store.db, request)).toMatchObject({ read: 4, accepted: 3, rejected: 1 })
  expect(
    await store.rows(`SELECT field, rule, reason, isValidUTF8(raw) AS readable FROM rejected_rows FINAL`),
  ).toEqual([{ field: 'team', rule: 'utf8', reason: 'team is not text in UTF-8.', readable: 1 }])
})

test('what the engine says of a damaged file names the file, not our folders', async () => {
  const bytes = await parquet(
    `hex(sipHash128(number)) AS case_id, 'permits' AS service, 'Applied' AS activity, '2026-01-05T09:00:00Z' AS time`,
    2000,
  )
  bytes.fill(0xff, 4, 2000)
  const file = await store.file('damaged.parquet', bytes)
  const failure: unknown = await load(store.db, {
    file,
    mapping: await loadMapping('clearway'),
    source: 'damaged',
  }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(LoadError)
  const told = [
    (failure as LoadError).message,
    String(await store.value(`SELECT any(error) FROM loads FINAL WHERE source = 'damaged'`)),
  ]
  for (const text of told) {
    expect(text).toContain('The engine could not take the file')
    expect(text).toContain('damaged.parquet')
    expect(text).not.toContain(store.dir)
  }
})
