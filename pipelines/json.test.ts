import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitJsonArray } from './decoders/jsonArray.ts'
import { load } from './load.ts'
import { loadMapping, parseMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()

async function split(text: string, blockBytes: number): Promise<string> {
  const bytes = Buffer.from(text)
  const blocks = (async function* () {
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes)
  })()
  const parts: Buffer[] = []
  for await (const part of splitJsonArray(blocks)) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

test('a JSON array parts into the same values, wherever its blocks end and however it is indented', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 3 }),
      async (values, blockBytes, indent) => {
        const lines = await split(JSON.stringify(values, null, indent), blockBytes)
        const read = lines.split('\n').filter((line) => line !== '')
        expect(read.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(values)))
      },
    ),
    { numRuns: 60 },
  )
})

test('a JSON array loads like the same rows one a line', async () => {
  const rows = ['A', 'B, "c"\n]'].map((case_id) => ({
    ...{ case_id, service: 'permits', activity: 'Applied', time: '2026-01-05T09:00:00Z' },
    team: null,
  }))
  const mapping = await loadMapping('clearway')
  const array = await store.file('array.json.gz', `\uFEFF${JSON.stringify(rows, null, 2)}\n`)
  const lines = await store.file('lines.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'))
  expect(await load(store.db, { file: array, mapping, source: 'json' })).toMatchObject({
    read: 2,
    accepted: 2,
  })
  expect(await load(store.db, { file: lines, mapping, source: 'json' })).toMatchObject({ duplicates: 2 })
})

test('a field that only later rows have is read where it comes', async () => {
  const wide = parseMapping(
    JSON.stringify({
      ...{ name: 'late', stream: 'case_events', columns: { case_id: ['id', 'number'], district: 'ward' } },
      events: [
        { event_id: 'opened', activity: 'Opened', time: 'opened', clock: 'start' },
        { event_id: 'closed', activity: 'Closed', time: 'closed', clock: 'stop' },
      ],
    }),
    'late.json',
  )
  const rows = Array.from({ length: 300 }, (_, at) => ({
    ...(at < 200 ? { id: `${at}` } : { number: `${at}`, ward: '9', closed: '2026-01-06T09:00:00Z' }),
    opened: '2026-01-05T09:00:00Z',
  }))
  const file = await store.file('late.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'))
  expect(await load(store.db, { file, mapping: wide, source: 'late', service: 'permits' })).toMatchObject({
    read: 300,
    accepted: 300,
    facts: 400,
  })
  expect(
    await store.value(
      `SELECT count() FROM cases WHERE source = 'late' AND district = '9' AND closed_at IS NOT NULL`,
    ),
  ).toBe(100)
  const own = rows.map((_, at) => ({
    ...{ case_id: `${at}`, service: 'permits', activity: 'Applied', time: '2026-01-05T09:00:00Z' },
    ...(at < 200 ? {} : { team: 'north' }),
  }))
  const ownFile = await store.file('own.ndjson', own.map((row) => JSON.stringify(row)).join('\n'))
  await load(store.db, { file: ownFile, mapping: await loadMapping('clearway'), source: 'own' })
  expect(
    await store.value(`SELECT count() FROM case_events FINAL WHERE source = 'own' AND team = 'north'`),
  ).toBe(100)
})
