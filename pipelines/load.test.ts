import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ingest } from './ingest.ts'
import { type LoadRequest, load } from './load.ts'
import { loadMapping, parseMapping } from './mapping.ts'
import { realData, useStore, withRealData } from './testStore.ts'

const store = useStore()
const clearway = await loadMapping('clearway')
const header = 'case_id,event_id,service,activity,time,recorded_at\n'
const take = (file: string, request: Partial<LoadRequest> = {}) =>
  load(store.db, { file, mapping: clearway, ...request })
const factsOf = (source: string) =>
  store.rows(
    `SELECT * EXCEPT (source, version, load_no, seq) FROM case_events FINAL WHERE source = {source: String} ORDER BY case_id, event_key`,
    { source },
  )
const casesOf = (source: string) =>
  store.rows('SELECT * EXCEPT (source) FROM cases WHERE source = {source: String} ORDER BY case_id', {
    source,
  })

withRealData('a log in XES and the same log as CSV give the same facts and cases', async () => {
  const xes = await take(realData('receipt/receipt.xes.gz'), {
    mapping: await loadMapping('xes'),
    source: 'as-xes',
  })
  expect(xes).toMatchObject({ read: 8577, accepted: 8577, rejected: 0, duplicates: 0 })
  const csv = await take(realData('receipt/receipt.csv.gz'), {
    mapping: await loadMapping('csv-log'),
    source: 'as-csv',
  })
  expect(csv).toMatchObject({ read: 8577, accepted: 8577, facts: 8577 })
  expect(await factsOf('as-csv')).toEqual(await factsOf('as-xes'))
  const cases = await casesOf('as-xes')
  expect(cases).toHaveLength(1434)
  expect(await casesOf('as-csv')).toEqual(cases)
  expect(
    await store.value(`SELECT count() FROM services FINAL WHERE id = 'receipt' AND closes = 'last_event'`),
  ).toBe(1)
})

withRealData('the toy log loads from XES and from CSV with an unnamed column', async () => {
  const [xes] = await ingest(store.db, realData('running-example/running-example.xes'), { mapping: 'xes' })
  expect(xes).toMatchObject({ source: 'running-example', read: 42, accepted: 42 })
  const [csv] = await ingest(store.db, realData('running-example/running-example.csv'), {
    mapping: 'csv-log',
  })
  expect(csv).toMatchObject({ source: 'running-example', read: 42, accepted: 0, duplicates: 42 })
})

withRealData(
  'every Boston request is taken as an opening and, when closed, a closing in local time',
  async () => {
    const file = realData('boston-311/requests-2011-h2.csv.gz')
    const result = await take(file, { mapping: await loadMapping('boston-311') })
    expect(result).toMatchObject({ read: 58_251, accepted: 58_251, rejected: 0, facts: 58_251 + 54_570 })
    const [first] = await store.rows(
      `SELECT time, activity, toString(clock) AS clock, district, channel, subtype, due_at, claimed, outcome FROM case_events FINAL
     WHERE source = 'boston-311' AND case_id = '101000295613' ORDER BY time`,
    )
    expect(first).toEqual({
      ...{
        time: '2011-07-01T05:32:33.000000Z',
        activity: 'Opened',
        clock: 'start',
        outcome: '',
        claimed: 'ONTIME',
      },
      ...{ district: 'Greater Mattapan', channel: 'Employee Generated', subtype: 'Street Light Outages' },
      due_at: '2011-07-15T05:32:32.000000Z',
    })
    const utc = await take(file, { mapping: await loadMapping('boston-311'), zone: 'UTC', source: 'utc' })
    expect(utc).toMatchObject({ accepted: 58_251 })
    const opened = `SELECT toString(min(time)) FROM case_events FINAL WHERE source = 'utc'`
    expect(await store.value(opened)).toBe('2011-07-01 01:32:33.000000')
  },
)

test('the same file loaded twice changes nothing', async () => {
  const file = await store.file(
    'twice.csv',
    `${header}A,1,permits,Applied,2026-01-05T09:00:00Z,\nA,2,permits,Granted,2026-01-09T09:00:00Z,\n`,
  )
  const first = await take(file)
  const held = `SELECT * FROM case_events WHERE source = 'twice' ORDER BY ALL`
  const before = await store.rows(held)
  const second = await take(file)
  expect(first).toMatchObject({ read: 2, accepted: 2, duplicates: 0 })
  expect(second).toMatchObject({ load_id: first.load_id, read: 2, accepted: 0, duplicates: 2 })
  expect(await store.rows(held)).toEqual(before)
  expect(await store.value(`SELECT count() FROM loads FINAL WHERE load_id = '${first.load_id}'`)).toBe(1)
})

test('accepted, corrected, rejected and duplicate rows add up, and the latest version counts', async () => {
  const first = await store.file(
    'counts-1.csv',
    `${header}${[
      'A,1,permits,Applied,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z',
      'A,2,permits,Granted,2026-01-09T09:00:00Z,2026-01-09T10:00:00Z',
      'A,2,permits,Refused,2026-01-09T09:00:00Z,2026-01-10T10:00:00Z',
      'A,2,permits,Refused,2026-01-09T09:00:00Z,2026-01-10T10:00:00Z',
      'B,1,permits,Applied,yesterday,',
      'B,1,nonsense,,2026-01-05T09:00:00Z,',
    ].join('\n')}\n`,
  )
  const options = { source: 'counts', maxRejectedShare: 0.5 }
  expect(await take(first, options)).toMatchObject({
    read: 6,
    accepted: 3,
    corrected: 1,
    duplicates: 1,
    rejected: 2,
    facts: 2,
  })
  const second = await store.file(
    'counts-2.csv',
    `${header}${[
      'A,1,permits,Applied,2026-01-05T09:00:00Z,2026-02-01T00:00:00Z',
      'A,2,permits,Late and old,2026-01-09T09:00:00Z,2026-01-09T12:00:00Z',
      'A,2,permits,Granted after all,2026-01-12T09:00:00Z,2026-01-12T10:00:00Z',
      'C,1,permits,Applied,2026-01-06T09:00:00Z,',
    ].join('\n')}\n`,
  )
  expect(await take(second, options)).toMatchObject({
    read: 4,
    accepted: 2,
    corrected: 1,
    duplicates: 2,
    rejected: 0,
  })
  const held = await store.rows(
    `SELECT case_id, activity FROM case_events FINAL WHERE source = 'counts' ORDER BY case_id, time`,
  )
  expect(held).toEqual([
    { case_id: 'A', activity: 'Applied' },
    { case_id: 'A', activity: 'Granted after all' },
    { case_id: 'C', activity: 'Applied' },
  ])
  const rejected = await store.rows(
    `SELECT line, field, rule, reason FROM rejected_rows FINAL WHERE load_id IN (SELECT load_id FROM loads WHERE source = 'counts') ORDER BY line, field`,
  )
  expect(rejected).toEqual([
    { line: 6, field: 'time', rule: 'time', reason: 'time is not a time written like 2026-03-02T10:15:00Z.' },
    { line: 7, field: 'activity', rule: 'required', reason: 'activity is empty.' },
    { line: 7, field: 'service', rule: 'known', reason: 'service is not a service of the configuration.' },
  ])
  expect(await store.leftOvers()).toEqual([])
})

test('a correction without a time of recording replaces what came before it, in the file and in the store', async () => {
  const file = await store.file(
    'arrival-1.csv',
    `${header}A,1,permits,First,2026-01-05T09:00:00Z,\nA,1,permits,Second,2026-01-05T09:00:00Z,\n`,
  )
  expect(await take(file, { source: 'arrival' })).toMatchObject({ accepted: 2, corrected: 1, facts: 1 })
  const next = await store.file('arrival-2.csv', `${header}A,1,permits,Third,2026-01-05T09:00:00Z,\n`)
  expect(await take(next, { source: 'arrival' })).toMatchObject({ accepted: 1, corrected: 1 })
  expect(await store.rows(`SELECT activity FROM case_events FINAL WHERE source = 'arrival'`)).toEqual([
    { activity: 'Third' },
  ])
})

test('a row the source withdraws is gone, and its older version does not bring it back', async () => {
  const columns = 'wait_id,service,asked_at,wait,recorded_at,deleted\n'
  const told = await store.file(
    'waits-1.csv',
    `${columns}W1,counter,2026-01-05T09:00:00Z,60,2026-01-05T10:00:00Z,\nW2,counter,2026-01-05T09:00:00Z,,2026-01-05T10:00:00Z,\n`,
  )
  const gone = await store.file('waits-2.csv', `${columns}W1,,,,2026-01-06T10:00:00Z,true\n`)
  const late = await store.file(
    'waits-3.csv',
    `${columns}W1,counter,2026-01-05T09:00:00Z,61,2026-01-05T11:00:00Z,\n`,
  )
  const results = []
  const again = await store.file('waits-4.csv', `${columns}W1,,,,2026-01-07T10:00:00Z,yes\n`)
  for (const file of [told, gone, late, again]) results.push(await take(file, { source: 'waits' }))
  expect(results.map(({ accepted, corrected, duplicates }) => [accepted, corrected, duplicates])).toEqual([
    [2, 0, 0],
    [1, 1, 0],
    [0, 0, 1],
    [0, 0, 1],
  ])
  expect(await store.rows(`SELECT wait_id, wait_ms FROM wait_times FINAL WHERE source = 'waits'`)).toEqual([
    { wait_id: 'W2', wait_ms: null },
  ])
})

test('of two rows with one key the later in the file counts, also when it comes in another chunk', async () => {
  const rows = Array.from({ length: 400 }, (_, at) => `W${at % 200},counter,2026-01-05T09:00:00Z,${at}`)
  const file = await store.file('order.csv', `wait_id,service,asked_at,wait\n${rows.join('\n')}\n`)
  const result = await take(file, { source: 'order', chunkBytes: 500 })
  expect(result).toMatchObject({ read: 400, accepted: 400, corrected: 200, facts: 200 })
  expect(await store.value(`SELECT min(wait_ms) FROM wait_times FINAL WHERE source = 'order'`)).toBe(200_000)
})

test('the place of a row in its file is not content, a number the source gives it is', async () => {
  const columns = 'case_id,event_id,service,activity,time,seq\n'
  const row = 'A,1,permits,Applied,2026-01-05T09:00:00Z,'
  const first = await store.file('seq-1.csv', `${columns}${row}\n${row}\n`)
  expect(await take(first, { source: 'seq' })).toMatchObject({ accepted: 1, duplicates: 1 })
  const second = await store.file('seq-2.csv', `${columns}${row}7\n`)
  expect(await take(second, { source: 'seq' })).toMatchObject({ accepted: 1, corrected: 1 })
})

test('events without ids keep their repetitions and the order of equal times', async () => {
  const rows = ['Call', 'Check', 'Call', 'Call', 'Close'].map(
    (activity) => `A,permits,${activity},2026-01-05T09:00:00Z`,
  )
  const file = await store.file('ties.csv', `case_id,service,activity,time\n${rows.join('\n')}\n`)
  expect(await take(file, { source: 'ties' })).toMatchObject({ accepted: 5, facts: 5 })
  const again = await store.file(
    'ties-again.csv',
    `case_id,service,activity,time\n${rows.join('\n')}\nA,permits,Call,2026-01-05T09:00:00Z\n`,
  )
  expect(await take(again, { source: 'ties' })).toMatchObject({ accepted: 1, duplicates: 5, corrected: 0 })
  const order = await store.rows<{ activity: string }>(
    `SELECT activity FROM case_events FINAL WHERE source = 'ties' ORDER BY time, seq`,
  )
  expect(order.map(({ activity }) => activity)).toEqual(['Call', 'Check', 'Call', 'Call', 'Close', 'Call'])
})

test('CSV, NDJSON, gzip and Parquet of the same rows give the same facts', async () => {
  const rows = [
    {
      case_id: '1001',
      event_id: 'a',
      activity: 'Applied, with "quotes"\nand a line',
      time: '2026-01-05T09:00:00.123456+01:00',
      seq: '3',
    },
    { case_id: '1002', event_id: 'b', activity: 'Grüße', time: '2026-01-05 10:00:00Z', seq: '4' },
  ].map((row) => ({ ...row, service: 'permits' }))
  const names = ['case_id', 'event_id', 'activity', 'time', 'seq', 'service'] as const
  const cell = (text: string): string => `"${text.replace(/"/g, '""')}"`
  const csv = `\uFEFF${names.join(';')}\r\n${rows.map((row) => names.map((name) => cell(row[name])).join(';')).join('\r\n')}`
  const ndjson = rows
    .map((row) =>
      JSON.stringify({ ...row, case_id: Number(row.case_id), seq: Number(row.seq), extra: { a: [1] } }),
    )
    .join('\n')
  const parquet = await store.db.exec({
    query: `SELECT toInt32(case_id) AS case_id, event_id, activity, parseDateTime64BestEffort(time, 6, 'UTC') AS time, toUInt8(seq) AS seq, service
            FROM format(JSONEachRow, 'case_id String, event_id String, activity String, time String, seq String, service String', {lines: String}) FORMAT Parquet`,
    query_params: { lines: rows.map((row) => JSON.stringify(row)).join('\n') },
  })
  const bytes: Buffer[] = []
  for await (const block of parquet.stream) bytes.push(block)
  const files = {
    csv: await store.file('formats.csv', csv),
    gzip: await store.file('formats.csv.gz', csv),
    ndjson: await store.file('formats.ndjson', ndjson),
    parquet: await store.file('formats.parquet', Buffer.concat(bytes)),
  }
  for (const [source, file] of Object.entries(files))
    expect(await take(file, { source }), source).toMatchObject({ read: 2, accepted: 2 })
  const facts = await factsOf('csv')
  expect(facts).toMatchObject([
    { case_id: '1001', activity: 'Applied, with "quotes"\nand a line', time: '2026-01-05T08:00:00.123456Z' },
    { case_id: '1002', activity: 'Grüße', time: '2026-01-05T10:00:00.000000Z' },
  ])
  for (const source of ['gzip', 'ndjson', 'parquet']) expect(await factsOf(source), source).toEqual(facts)
  // a moment in UTC stays one, whatever zone the mapping has for local times
  expect(await take(files.parquet, { source: 'zoned', zone: 'America/New_York' })).toMatchObject({
    accepted: 2,
  })
  expect(await factsOf('zoned')).toEqual(facts)
})

test('a mapping of ones own reads odd dates, old encodings, value tables and missing values', async () => {
  const mapping = parseMapping(
    JSON.stringify({
      ...{
        name: 'own',
        stream: 'outcomes',
        encoding: 'windows-1252',
        zone: 'Europe/Berlin',
        times: ['%d.%m.%Y %H:%i'],
        missing: ['k.A.'],
      },
      columns: { outcome_id: 'Nr', at: 'Zeitpunkt', outcome: 'Ergebnis', rating: ['Note', 'Bewertung'] },
      constants: { service: 'permits' },
      values: { rating: { table: { gut: '5', schlecht: '1' } } },
    }),
    'own.json',
  )
  const text =
    'Nr;Zeitpunkt;Ergebnis;Bewertung\n1;05.07.2026 10:00;Gr\xfcn;gut\n2;05.01.2026 10:00;k.A.;\n3;01/02/2026;x;gut\n'
  const file = await store.file('own.csv', Buffer.from(text, 'latin1'))
  expect(await take(file, { mapping, now: new Date('2026-08-01'), maxRejectedShare: 0.5 })).toMatchObject({
    accepted: 2,
    rejected: 1,
  })
  expect(
    await store.rows(
      `SELECT at, outcome, rating FROM outcomes FINAL WHERE source = 'own' ORDER BY outcome_id`,
    ),
  ).toEqual([
    { at: '2026-07-05T08:00:00.000000Z', outcome: 'Grün', rating: 5 },
    { at: '2026-01-05T09:00:00.000000Z', outcome: '', rating: null },
  ])
})

test('a file may have hundreds of columns', async () => {
  const more = Array.from({ length: 390 }, (_, at) => `extra ${at}`)
  const file = await store.file(
    'wide.csv',
    `${more.join(',')},case_id,service,activity,time\n${more.map(() => 'x').join(',')},A,permits,Applied,2026-01-05\n`,
  )
  expect(await take(file, { source: 'wide' })).toMatchObject({ accepted: 1 })
})

test('a dry run counts and stores nothing', async () => {
  const file = await store.file(
    'dry.csv',
    `${header}A,1,permits,Applied,2026-01-05T09:00:00Z,\nA,1,permits,Applied,never,\n`,
  )
  const result = await take(file, { dryRun: true, source: 'dry' })
  expect(result).toMatchObject({ state: 'dry_run', read: 2, accepted: 1, rejected: 1 })
  expect(await factsOf('dry')).toEqual([])
  expect(await store.value(`SELECT count() FROM loads WHERE source = 'dry'`)).toBe(0)
  expect(await store.leftOvers()).toEqual([])
})

test('a folder is loaded in the order of its names, with one result a file', async () => {
  const folder = path.join(store.dir, 'folder')
  await mkdir(folder)
  await writeFile(`${folder}/b.csv`, `${header}A,1,permits,Second,2026-01-05T09:00:00Z,\n`)
  await writeFile(`${folder}/a.csv`, `${header}A,1,permits,First,2026-01-05T09:00:00Z,\n`)
  await writeFile(`${folder}/notes.md`, 'not data')
  const results = await ingest(store.db, folder, { mapping: 'clearway', source: 'folder' })
  expect(results.map(({ accepted, corrected }) => [accepted, corrected])).toEqual([
    [1, 0],
    [1, 1],
  ])
  expect(Object.keys(results[0] ?? {})).toEqual([
    'load_id',
    'source',
    'read',
    'accepted',
    'rejected',
    'duplicates',
    'corrected',
    'seconds',
    'rows_per_second',
  ])
  expect(await factsOf('folder')).toMatchObject([{ activity: 'Second' }])
})
