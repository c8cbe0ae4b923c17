import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type LoadRequest, load } from './load.ts'
import { LoadError } from './loadError.ts'
import { loadMapping, parseMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const clearway = await loadMapping('clearway')
const csvLog = await loadMapping('csv-log')
const xes = await loadMapping('xes')
const header = 'case_id,service,activity,time\n'
const row = 'A,permits,Applied,2026-01-05T09:00:00Z\n'
/** The header and two rows, compressed by the zstd command. */
const zstdOf2Rows = Buffer.from(
  'KLUv/QRoPQIAkgQPEbA92JMbmwmGaMM/Rcu5k6YlZSigmA/zMZwIB8GhDB7r2l+MaOc7lB1XKNDQf+s79W9suzmVPdf56slaAgDAEGTZygyhNfib',
  'base64',
)

type Bad = {
  what: string
  name: string
  content: string | Buffer
  says: RegExp
  request?: Partial<LoadRequest>
}
const bad: Bad[] = [
  { what: 'an empty file', name: 'empty.csv', content: '', says: /empty\.csv is empty/ },
  { what: 'an empty gzip', name: 'empty.csv.gz', content: '', says: /is empty/ },
  { what: 'a header without rows', name: 'header.csv', content: header, says: /has a header but no rows/ },
  {
    what: 'a missing column',
    name: 'missing.csv',
    content: 'case_id,service,activity\nA,permits,Applied\n',
    says: /column "time".*missing|none of the streams.*time/,
  },
  {
    what: 'a column missing for a mapping',
    name: 'log.csv',
    content: header + row,
    request: {
      mapping: parseMapping(
        '{"name":"m","stream":"case_events","columns":{"case_id":"case_id","activity":"activity","time":"when"}}',
        'm.json',
      ),
    },
    says: /column "when" is missing \(needed for time\)\. The file has: case_id, service, activity, time/,
  },
  {
    what: 'a mapped column twice in the header',
    name: 'double.csv',
    content: `case_id,service,activity,time,time\nA,permits,Applied,2026-01-05,2026-01-06\n`,
    says: /column "time" 2 times/,
  },
  { what: 'a binary file', name: 'binary.csv', content: Buffer.from([1, 2, 0, 4, 10, 0]), says: /NUL bytes/ },
  { what: 'an Excel workbook', name: 'book.csv', content: Buffer.from('504b030400', 'hex'), says: /Excel/ },
  {
    what: 'UTF-16 text',
    name: 'utf16.csv',
    content: Buffer.from(`\uFEFF${header}`, 'utf16le'),
    says: /UTF-16/,
  },
  {
    what: 'Latin-1 text read as UTF-8',
    name: 'latin1.csv',
    content: Buffer.from(`${header}${row}B,permits,Pr\xfcfung,2026-01-05T09:00:00Z\n`, 'latin1'),
    says: /Line 3 is not UTF-8.*windows-1252/,
  },
  {
    what: 'an unclosed quote',
    name: 'quote.csv',
    content: `${header}${row}"B,permits,Applied,2026-01-05\n${row}`,
    says: /quote opened on line 3 is never closed/,
  },
  {
    what: 'text after a closing quote',
    name: 'after.csv',
    content: `${header}"A"x,permits,Applied,2026-01-05\n`,
    says: /line 2 text follows a closing quote/,
  },
  {
    what: 'a ragged line',
    name: 'ragged.csv',
    content: `${header}${row}B,permits,Applied\n`,
    says: /Line 3 has 3 columns, the header has 4/,
  },
  {
    what: 'a line without end',
    name: 'long.csv',
    content: `${header}${'x'.repeat(2_000_000)}`,
    says: /Line 2 is longer than 1 MB/,
  },
  {
    what: 'too many columns',
    name: 'wide.csv',
    content: `${Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(',')}\n${row}`,
    says: /10000 columns; at most/,
  },
  {
    what: 'a cut gzip',
    name: 'cut.csv',
    content: gzipSync(header + row.repeat(5000)).subarray(0, 60),
    says: /damaged or cut off/,
  },
  {
    what: 'a gzip that explodes',
    name: 'bomb.csv',
    content: gzipSync(Buffer.alloc(80 * 2 ** 20, 'a,b\n')),
    says: /unpacks to more than 300 times/,
  },
  {
    what: 'a cut zstd file',
    name: 'cut.csv.zst',
    content: zstdOf2Rows.subarray(0, 50),
    says: /zstd file cut\.csv\.zst is damaged or cut off/,
  },
  {
    what: 'a zstd file that asks for too much memory',
    name: 'window.csv.zst',
    content: Buffer.from('28b52ffd00a8', 'hex'),
    says: /window of more than 128 MB/,
  },
  {
    what: 'a zstd file that explodes',
    name: 'bomb.csv.zst',
    // one frame of 2,000 blocks that each repeat one letter 128 KB long
    content: Buffer.concat([
      Buffer.from('28b52ffd0070', 'hex'),
      Buffer.from('02001061'.repeat(2000), 'hex'),
      Buffer.from('010000', 'hex'),
    ]),
    says: /zstd file bomb\.csv\.zst unpacks to more than 300 times|longer than 1 MB/,
  },
  {
    what: 'a file compressed twice',
    name: 'twice.csv',
    content: gzipSync(gzipSync(header + row)),
    says: /compressed twice/,
  },
  {
    what: 'a JSON array that breaks off',
    name: 'array.json',
    content: '[{"case_id":"A"},{"case_id"',
    says: /JSON array is never closed/,
  },
  {
    what: 'two JSON arrays',
    name: 'arrays.json',
    content: '[{"case_id":"A"}] [{"case_id":"B"}]',
    says: /After the JSON array the file goes on/,
  },
  { what: 'an empty JSON array', name: 'none.json', content: ' [ ] ', says: /holds no rows/ },
  {
    what: 'XML with text without end',
    name: 'long.xes',
    content: `<log><trace><event><string key="a" value="${'x'.repeat(6 * 2 ** 20)}"/></event></trace></log>`,
    request: { mapping: xes },
    says: /element of more than 4 MB/,
  },
  {
    what: 'XML that is not XES',
    name: 'page.xes',
    content: '<html></html>',
    request: { mapping: xes },
    says: /<html>, not <log>/,
  },
  {
    what: 'an entity bomb',
    name: 'bomb.xes',
    content: '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><log>&b;</log>',
    request: { mapping: xes },
    says: /DOCTYPE/,
  },
  {
    what: 'XES that breaks off',
    name: 'cut.xes',
    content: '<log><trace><event>',
    request: { mapping: xes },
    says: /XES/,
  },
  {
    what: 'a damaged Parquet file',
    name: 'broken.parquet',
    content: Buffer.from('PAR1xxxxxxxxxxxx\xff\xff\xff\x7fPAR1', 'latin1'),
    says: /Parquet file is damaged/,
  },
  {
    what: 'bad dates in every row',
    name: 'dates.csv',
    content: `${header}A,permits,Applied,05/01/2026\nB,permits,Applied,2026-02-30T10:00:00Z\n`,
    says: /2 of 2 rows were rejected.*not a time written like 2026-03-02T10:15:00Z/,
  },
  {
    what: 'an unknown service in the rows',
    name: 'service.csv',
    content: `${header}A,taxes,Applied,2026-01-05T09:00:00Z\n`,
    says: /1 of 1 rows were rejected.*service is not a service/,
  },
  {
    what: 'an unknown service in the request',
    name: 'ask.csv',
    content: header + row,
    request: { service: 'taxes' },
    says: /There is no service "taxes"\. Known services: .*permits/,
  },
  {
    what: 'an unknown time zone',
    name: 'zone.csv',
    content: header + row,
    request: { zone: 'Mars/Olympus' },
    says: /not a known time zone/,
  },
  {
    what: 'more than one row in twenty rejected',
    name: 'share.csv',
    content: header + row.repeat(18) + 'A,permits,,2026-01-05\n'.repeat(2),
    says: /2 of 20 rows were rejected, more than the 5 % allowed.*first on line 20/,
  },
  {
    what: 'a log of another kind',
    name: 'other.csv',
    content: header + row,
    request: { mapping: csvLog, stream: 'outcomes' },
    says: /is for case_events, not for outcomes/,
  },
]

test.each(bad)(
  '$what is refused in one clear sentence and leaves nothing',
  async ({ name, content, says, request }) => {
    const file = await store.file(name, content)
    const failure: unknown = await load(store.db, {
      file,
      mapping: clearway,
      source: name,
      ...request,
    }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LoadError)
    expect((failure as LoadError).message).toMatch(says)
    for (const table of ['case_events', 'cases'])
      expect(await store.value(`SELECT count() FROM ${table} WHERE source = '${name}'`)).toBe(0)
    expect(await store.leftOvers()).toEqual([])
    const states = await store.rows<{ state: string }>(
      'SELECT DISTINCT toString(state) AS state FROM loads FINAL WHERE source = {name: String}',
      { name },
    )
    expect(states.filter(({ state }) => state !== 'failed')).toEqual([])
  },
)

test('a file that is not there, an unknown mapping and a wrong mapping are named', async () => {
  await expect(load(store.db, { file: '/nowhere/x.csv', mapping: clearway })).rejects.toThrow(
    /x\.csv does not exist/,
  )
  await expect(loadMapping('bostn')).rejects.toThrow(
    /no mapping "bostn"\. Known mappings: clearway, csv-log, xes, boston-311/,
  )
  expect(() => parseMapping('{"name":"m","stream":"outcomes","columns":{"colour":"x"}}', 'm.json')).toThrow(
    /"columns\.colour".*not a field of outcomes/,
  )
  expect(() => parseMapping('{"name":"m","zone":"Mars"}', 'm.json')).toThrow(/"zone".*not a known time zone/)
})

test('rejected rows of a load that was stopped can be looked at', async () => {
  const file = await store.file('look.csv', `${header}A,permits,Applied,soon\n`)
  await expect(load(store.db, { file, mapping: clearway, source: 'look' })).rejects.toThrow(LoadError)
  const rows = await store.rows(
    `SELECT line, field, rule, raw FROM rejected_rows FINAL WHERE load_id IN (SELECT load_id FROM loads FINAL WHERE source = 'look' AND state = 'failed' AND rejected = 1 AND error != '')`,
  )
  expect(rows).toEqual([
    {
      line: 2,
      field: 'time',
      rule: 'time',
      raw: '{"case_id":"A","service":"permits","activity":"Applied","time":"soon"}',
    },
  ])
})

test('a malformed line of NDJSON is rejected with its number, the others are taken', async () => {
  const line = (at: number): string =>
    JSON.stringify({
      case_id: `${at}`,
      service: 'permits',
      activity: 'Applied',
      time: '2026-01-05T09:00:00Z',
    })
  const file = await store.file('some.ndjson', `${line(1)}\n{"case_id": \n\n${line(2)}\n`)
  expect(
    await load(store.db, { file, mapping: clearway, source: 'some', maxRejectedShare: 0.5 }),
  ).toMatchObject({ read: 3, accepted: 2, rejected: 1 })
  const rows = await store.rows(`SELECT line, rule, raw FROM rejected_rows FINAL WHERE rule = 'json'`)
  expect(rows).toEqual([{ line: 2, rule: 'json', raw: '{"case_id": ' }])
})

test('rows compressed with zstd and rows parted by tabs load like any others', async () => {
  const zstd = await store.file('rows.csv.zst', zstdOf2Rows)
  expect(await load(store.db, { file: zstd, mapping: clearway, source: 'packed' })).toMatchObject({
    read: 2,
    accepted: 2,
  })
  const tabs = `${header}Z1,permits,Applied,2026-01-05T09:00:00Z\n"Z\t3",permits,"a ""b"", c",2026-01-05T09:00:00Z\n`
  const tsv = await store.file('rows.tsv', tabs.replace(/,(?! )/g, '\t'))
  expect(await load(store.db, { file: tsv, mapping: clearway, source: 'packed' })).toMatchObject({
    read: 2,
    accepted: 1,
    duplicates: 1,
  })
  expect(
    await store.rows(
      `SELECT case_id, activity FROM case_events FINAL WHERE source = 'packed' ORDER BY case_id`,
    ),
  ).toEqual([
    { case_id: 'Z\t3', activity: 'a "b", c' },
    { case_id: 'Z1', activity: 'Applied' },
    { case_id: 'Z2', activity: 'Applied' },
  ])
})

test('a negative wait is rejected, an early vehicle is not', async () => {
  const file = await store.file(
    'negative.csv',
    'wait_id,service,asked_at,wait,kind\n1,counter,2026-01-05T09:00:00Z,-5,wait\n2,counter,2026-01-05T09:00:00Z,-5,delay\n3,counter,2026-01-05T09:00:00Z,-5,\n',
  )
  const result = await load(store.db, {
    file,
    mapping: await loadMapping('clearway'),
    source: 'negative',
    maxRejectedShare: 1,
  })
  expect(result).toMatchObject({ read: 3, accepted: 1, rejected: 2 })
  expect(
    await store.value(`SELECT groupUniqArray(rule) FROM rejected_rows WHERE load_id = '${result.load_id}'`),
  ).toEqual(['not_negative'])
})
