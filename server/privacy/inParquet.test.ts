import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import { inParquet } from './inParquet.ts'

const store = useStore()

test.each(['embedded', 'server'] as const)('ids are found in Parquet files, %s', async (kind) => {
  const file = join(store.dir, `${kind}.parquet`)
  const { stream } = await store.db.exec({
    query: `SELECT number AS n, if(number = 7, 'about A-17, twice', NULL) AS "what \`was\` said", ['B-2', 'x'] AS list,
      toDateTime64('2026-06-01 10:00:00', 3) AS at, number % 2 = 0 AS yes, 1.5 AS share FROM numbers(10) FORMAT Parquet`,
  })
  await pipeline(stream, createWriteStream(file))
  const db = { ...store.db, kind }
  const found = (...ids: string[]) => inParquet(db, file, ids)
  expect([await found('A-17'), await found('C-9', '1.5')]).toEqual([true, true])
  expect(await found('B-2')).toBe(kind === 'embedded')
  expect([await found('A-1'), await found('A-170', '17')]).toEqual([false, false])
  expect(
    await store.rows(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'erasing%'`,
    ),
  ).toEqual([])
})
