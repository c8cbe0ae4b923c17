import { createReadStream } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { loadIdOf } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { pushLimits } from '../../pipelines/sources/push.ts'
import { Spool } from '../../pipelines/sources/spool.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { keepWeeks } from '../../pipelines/weeks.ts'
import { type Db, openDb } from '../../sql/db.ts'
import { filters } from '../../sql/filters.ts'
import { kpiAnswer } from '../../sql/kpiFigures.ts'
import { makeBackup } from '../backup/make.ts'
import { restore } from '../backup/restore.ts'
import { openArchive } from '../reports/archive.ts'
import { applyErasures, erase } from './erase.ts'
import { filesWith, traces } from './testTraces.ts'

const who = { source: 'register', case_id: 'BP-2026-7' }
const store = useStore()
const never = useStore()
const full = useStore()

const day = (n: number) => new Date(Date.UTC(2026, 0, 5 + n, 9)).toISOString()
const ids = Array.from({ length: 90 }, (_, n) => `BP-2026-${n}`)
const events = ids.flatMap((id, n) => [
  [id, 'Register', day(n), 'start'],
  [id, 'Review', day(n + 3), ''],
  ...(n % 5 === 1 ? [] : [[id, 'Decide', day(n + 20), 'stop']]),
])
const csv = (head: string, rows: (string | number | undefined)[][]) =>
  `${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`
const eventsCsv = (rows: (string | undefined)[][]) =>
  csv(
    'source,service,district,case_id,activity,time,clock',
    rows.map((row) => ['register', 'permits', 'north', ...row]),
  )
const bad = [...ids.slice(0, 8).map((id) => [id, 'Close', 'never', '']), ['BP-2026-1', 'Close', day(60), '']]
const waits = ids.map((id, n) => ['register', 'counter', id, `W-${n}`, day(n), 60 * n])
const waitsCsv = (rows: (string | number)[][]) => csv('source,service,case_id,wait_id,asked_at,wait', rows)
const outcomes = ids.map((id, n) => [
  'register',
  'permits',
  id,
  `F-${n}`,
  day(n + 21),
  1 + (n % 5),
  `It took long ${n}`,
])
const outcomesCsv = (rows: (string | number)[][]) =>
  csv('source,service,case_id,outcome_id,at,rating,comment', rows)

const fill = async (to: typeof store, without: string[]) => {
  const keeps = (row: (string | number | undefined)[]) => !row.some((cell) => without.includes(String(cell)))
  for (const [name, content] of [
    ['events.csv', eventsCsv(events.filter(keeps))],
    ['bad.csv', eventsCsv(bad.filter(keeps))],
    ['waits.csv', waitsCsv(waits.filter(keeps))],
    ['outcomes.csv', outcomesCsv(outcomes.filter(keeps))],
  ] as const)
    await ingest(to.db, await to.file(name, content), { mapping: 'clearway', maxRejectedShare: 1 })
  await keepWeeks(to.db)
}

/** Everything that figures are made of. */
const figures = async (of: typeof store) => {
  const tables = ['cases', 'stage_visits', 'open_visits', 'current_waits', 'current_outcomes', 'comments']
  const rollUps = [
    'daily_cases',
    'daily_wait_times',
    'daily_outcomes',
    'weekly_visits',
    'weekly_moves',
    'weekly_ends',
  ]
  const all: Record<string, unknown> = {}
  for (const table of [...tables, ...rollUps, 'monthly_hours'])
    all[table] = await of.rows(`SELECT * FROM ${table} ORDER BY ALL`)
  all.held = await of.rows(
    'SELECT source, stream, service, day, sum(rows) AS n FROM arrivals GROUP BY ALL HAVING n != 0 ORDER BY ALL',
  )
  const { kpis } = await kpiAnswer(of.db, filters.parse({ from: '2026-01-01', until: '2026-05-01' }))
  return { ...all, kpis }
}

test('whoever is erased is nowhere, the figures are those of a city that never had them, and no load brings them back', async () => {
  const { db } = store
  await fill(store, [])
  await fill(never, [who.case_id])
  // what lies about: files that were loaded, an answer on its way, reports
  const done = path.join(db.dataDir, 'sources', 'inbox', 'done')
  await mkdir(done, { recursive: true })
  await mkdir(path.join(db.dataDir, 'answers'), { recursive: true })
  await writeFile(path.join(done, 'events.csv.gz'), gzipSync(eventsCsv(events)))
  await writeFile(path.join(done, 'one.json'), JSON.stringify([{ case_id: who.case_id }]))
  const answers = ids
    .slice(6, 9)
    .map((case_id) => `${JSON.stringify({ outcome_id: `A${case_id}`, case_id })}\n`)
  await writeFile(path.join(db.dataDir, 'answers', 'answers.ndjson'), answers.join(''))
  const archive = openArchive(db.dataDir)
  const about = {
    figures_sha256: 'a'.repeat(64),
    from: '2026-01-01',
    until: '2026-02-01',
    as_of: null,
    made_at: day(0),
  }
  const kept = []
  for (const [name, text, media_type] of [
    ['list.csv', `case\n${who.case_id}\n`, 'text/csv'],
    ['list.pdf', '%PDF', 'application/pdf'],
    ['other.csv', 'case\nBP-2026-77\n', 'text/csv'],
  ] as const)
    kept.push(
      await archive.keep(await store.file(name, text), { ...about, name, media_type, report: 'case-list' }),
    )
  await db.insert({
    table: 'comment_readings',
    values: [{ purpose: `A complaint about ${who.case_id}.` }],
    format: 'JSONEachRow',
  })

  // as the audit has it: what a deed was done with may be emptied
  await db.command({
    query:
      'CREATE TABLE IF NOT EXISTS audit (chain String, no UInt64, object String, salt String) ENGINE = MergeTree ORDER BY (chain, no)',
  })
  const opened = [who.case_id, 'BP-2026-77'].map((object, at) => ({
    chain: 'a',
    no: at + 1,
    object,
    salt: 's',
  }))
  await db.insert({ table: 'audit', values: opened, format: 'JSONEachRow' })

  const before = await figures(store)
  const dry = await erase(db, [who], { by: 'officer', dryRun: true })
  expect(dry.found).toMatchObject({
    ...{
      case_events: 3,
      wait_times: 1,
      outcomes: 1,
      cases: 1,
      current_waits: 1,
      current_outcomes: 1,
      comments: 1,
    },
    ...{
      rejected_rows: 1,
      'comment_readings.purpose': 1,
      'files in sources': 4,
      'files in answers': 1,
      reports: 2,
    },
  })
  expect(await figures(store)).toEqual(before)

  const noted: unknown[] = []
  const erased = await erase(db, [who], { by: 'officer', note: async (each) => void noted.push(each) })
  expect(erased).toMatchObject({ found: dry.found, hashes: dry.hashes })
  expect(noted).toEqual([
    { deed: 'audit_empty', by: 'officer', erasure: erased.erasure, detail: { entries: ['a:1'] } },
    {
      deed: 'erase',
      by: 'officer',
      erasure: erased.erasure,
      detail: { hashes: erased.hashes, found: dry.found },
    },
  ])
  expect(await store.rows("SELECT no, object, salt FROM audit WHERE chain = 'a' ORDER BY no")).toEqual([
    { no: 1, object: '', salt: '' },
    { no: 2, object: 'BP-2026-77', salt: 's' },
  ])
  expect(await store.rows('SELECT state, by, hashes, found FROM erasures ORDER BY at, state')).toEqual([
    { state: 'begun', by: 'officer', hashes: erased.hashes, found: '{}' },
    { state: 'done', by: 'officer', hashes: erased.hashes, found: JSON.stringify(erased.found) },
  ])

  // BP-2026-70 to BP-2026-79 begin alike, and stay: 10 cases
  expect(
    await store.value("SELECT uniqExact(case_id) FROM case_events WHERE case_id LIKE 'BP-2026-7_'"),
  ).toBe(10)
  const texts = await store.rows<{ table: string; name: string }>(
    "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND type IN ('String', 'LowCardinality(String)') AND table NOT LIKE '.%'",
  )
  for (const { table, name } of texts)
    expect(
      await store.value(`SELECT countIf(match(${name}, '${who.case_id}($|[^0-9])')) FROM ${table}`),
      `${table}.${name}`,
    ).toBe(0)
  expect(await figures(store)).toEqual(await figures(never))
  expect(gunzipSync(await readFile(path.join(done, 'events.csv.gz'))).toString()).toBe(
    eventsCsv(events.filter(([id]) => id !== who.case_id)),
  )
  expect(await readFile(path.join(db.dataDir, 'answers', 'answers.ndjson'), 'utf8')).toBe(
    [answers[0], answers[2]].join(''),
  )
  expect((await archive.list()).map(({ name }) => name)).toEqual(['other.csv'])

  // the same file, a corrected one, and a row that is wrong besides
  await ingest(db, await store.file('events.csv', eventsCsv(events)), { mapping: 'clearway' })
  const again = [
    [who.case_id, 'Register', day(7), 'start'],
    [who.case_id, 'Close', 'never', ''],
    ['BP-2026-1', 'Close', day(60), ''],
  ]
  const [loaded] = await ingest(db, await store.file('late.csv', eventsCsv(again)), { mapping: 'clearway' })
  expect(loaded).toMatchObject({ read: 3, duplicates: 1, rejected: 2 })
  expect(
    await store.rows(
      `SELECT line, rule, raw FROM rejected_rows WHERE load_id = '${loaded?.load_id}' AND rule = 'erased' ORDER BY line`,
    ),
  ).toEqual([
    { line: 2, rule: 'erased', raw: '' },
    { line: 3, rule: 'erased', raw: '' },
  ])
  expect(await store.value(`SELECT count() FROM cases WHERE case_id = '${who.case_id}'`)).toBe(0)
  // asked for again it is answered with the proof; whoever was never there is not known
  expect(await erase(db, [who], { by: 'officer' })).toMatchObject({ erasure: erased.erasure })
  await expect(erase(db, [{ ...who, case_id: 'nobody' }], { by: 'officer' })).rejects.toThrow(
    /Nothing is held of case "nobody"/,
  )
  expect(await applyErasures(db)).toBe(0)
}, 180_000)

/** Files and rows of all kinds that name somebody, by id or by what they wrote. */
async function layAbout(id: string, words: string): Promise<void> {
  const { db } = full
  const files = {
    'events.csv': eventsCsv([
      ...events,
      [id, 'Register', day(7), 'start'],
      [id, 'Review', day(9), ''],
      [id, `Sent ${id}`, day(60), 'stop'],
    ]),
    'bad.csv': eventsCsv([
      [id, 'Close', 'never', ''],
      ['BP-2026-1', 'Close', day(60), ''],
    ]),
    'waits.csv': waitsCsv([...waits, ['register', 'counter', id, `W-${id}`, day(7), 60]]),
    'outcomes.csv': outcomesCsv([...outcomes, ['register', 'permits', id, `F-${id}`, day(60), 1, words]]),
  }
  for (const [name, content] of Object.entries(files))
    await ingest(db, await full.file(name, content), { mapping: 'clearway', maxRejectedShare: 1 })
  await keepWeeks(db)
  const lay = async (name: string, content: string | Buffer) => {
    const file = path.join(db.dataDir, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  const outcomesGz = gzipSync(files['outcomes.csv'])
  await lay('sources/inbox/done/events.csv', files['events.csv'])
  await lay('sources/inbox/done/outcomes.csv.gz', outcomesGz)
  await lay(`sources/inbox/failed/${id}.json`, JSON.stringify([{ case_id: id, comment: words }]))
  const sheet = zipSync({ 'sheet1.xml': Buffer.from(`<c>${id}</c>`) })
  await lay('sources/inbox/done/list.xlsx', Buffer.from(sheet))
  await lay('answers/answers.ndjson', `${JSON.stringify({ outcome_id: `A-${id}`, case_id: id })}\n`)
  const archive = openArchive(db.dataDir)
  await archive.keep(await full.file('list.csv', `case\n${id}\n`), {
    ...{ name: 'list.csv', media_type: 'text/csv', report: 'case-list', figures_sha256: 'a'.repeat(64) },
    ...{ from: '2026-01-01', until: '2026-02-01', as_of: null, made_at: day(0) },
  })
  const spool = new Spool(path.join(db.dataDir, 'push'), pushLimits)
  await spool.open()
  const pushed = await full.file('pushed.csv', eventsCsv([[id, 'Called', day(61), '']]))
  const received = await spool.receive(createReadStream(pushed))
  const how = {
    stream: 'case_events',
    mapping: await loadMapping('clearway'),
    source: 'register',
    format: 'csv',
  } as const
  await spool.keep(received, { load_id: loadIdOf(received.sha256, { file: pushed, ...how }), ...how })
  await db.insert({
    table: 'comment_readings',
    values: [{ purpose: `A complaint about ${id}.` }],
    format: 'JSONEachRow',
  })
  await db.insert({
    table: 'audit',
    values: [{ chain: 'a', no: 1, object: id, salt: 's' }],
    format: 'JSONEachRow',
  })
}

test('neither the id nor the words of whoever is erased stand in any file, any table or a backup made after it', async () => {
  const { db } = full
  const one = { source: 'register', case_id: 'ZQX-2026-7741' }
  const words = [one.case_id, 'quokkafeather']
  await layAbout(one.case_id, 'A quokkafeather lay on my form')
  // the search finds what there is
  expect(await traces(db, words)).toEqual(
    expect.arrayContaining([
      ...['answers/answers.ndjson', 'sources/inbox/done/events.csv', 'sources/inbox/done/list.xlsx'],
      ...['sources/inbox/done/outcomes.csv.gz', `sources/inbox/failed/${one.case_id}.json`],
      ...['case_events', 'cases', 'stage_visits', 'wait_times', 'current_waits'].map(
        (name) => `table ${name}`,
      ),
      ...['outcomes', 'current_outcomes', 'comments', 'rejected_rows'].map((name) => `table ${name}`),
      ...['comment_readings', 'audit'].map((name) => `table ${name}`),
      expect.stringMatching(/^reports\/archive\//),
      expect.stringMatching(/^push\//),
    ]),
  )
  await erase(db, [one], { by: 'officer' })
  expect(await traces(db, words)).toEqual([])
  const { file } = await makeBackup(db, path.join(full.dir, 'after.tar'))
  const again = path.join(full.dir, 'again')
  await restore(file, again)
  const restored = await openDb({ CLEARWAY_DATA: again })
  expect(await traces(restored, words)).toEqual([])
  expect(await traces(restored, ['BP-2026-8'])).toContain('table case_events')
  await restored.close()

  // a single copy would be found, wherever it is left
  await db.command({
    query: 'CREATE TABLE left_over (texts Array(Nullable(String))) ENGINE = MergeTree ORDER BY tuple()',
  })
  await db.insert({
    table: 'left_over',
    values: [{ texts: [null, `on ${one.case_id}`] }],
    format: 'JSONEachRow',
  })
  expect(await traces(db, words)).toContain('table left_over')
  await db.command({ query: 'DELETE FROM left_over WHERE 1' })
  expect(await traces(db, words)).toContain('table left_over')
  await db.command({ query: 'DROP TABLE left_over SYNC' })
  const leftOver = path.join(db.dataDir, 'spool', 'left.csv.gz')
  await mkdir(path.dirname(leftOver), { recursive: true })
  await writeFile(leftOver, gzipSync(`a line with a ${words[1]}`))
  expect(await traces(db, words)).toEqual(['spool/left.csv.gz'])
  await rm(leftOver)
}, 180_000)

/** A store that dies at its n-th change, and answers nothing from there on. */
function dyingAt(db: Db, n: number): Db {
  let left = n
  const counted =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      left-- > 0 ? call(...args) : Promise.reject(new Error('killed'))
  return { ...db, command: counted(db.command), insert: counted(db.insert) } as Db
}

test('an erasure that was interrupted anywhere is completed by the next start', async () => {
  const { db } = store
  const killed = [6, 16, 28]
  for (const at of killed) {
    const one = { source: 'register', case_id: `BP-2026-${at}` }
    await expect(erase(dyingAt(db, at), [one], { by: 'officer' })).rejects.toThrow('killed')
    expect(await applyErasures(db), `killed at ${at}`).toBe(1)
    expect(await filesWith(db.dataDir, [`"case_id":"${one.case_id}"`])).toEqual([])
  }
  const gone = [who, ...killed.map((at) => ({ source: 'register', case_id: `BP-2026-${at}` }))]
  const there = gone.map(({ case_id }) => case_id)
  expect(await store.value(`SELECT count() FROM cases WHERE case_id IN ('${there.join("','")}')`)).toBe(0)
  expect(await store.value("SELECT count() FROM erasures WHERE state = 'done'")).toBe(gone.length)
}, 180_000)

test('a backup that is older than an erasure has it applied again', async () => {
  const { db } = store
  for (const table of ['erased_subjects', 'erasures', 'loads'])
    await db.command({ query: `TRUNCATE TABLE ${table}` })
  await ingest(db, await store.file('backup.csv', eventsCsv(events.slice(0, 30))), { mapping: 'clearway' })
  const held = `SELECT count() FROM case_events WHERE case_id = '${who.case_id}'`
  expect(await store.value(held)).toBe(3)
  expect(await applyErasures(db)).toBe(4)
  expect(await store.value(held)).toBe(0)
  expect(await applyErasures(db)).toBe(0)
}, 180_000)
