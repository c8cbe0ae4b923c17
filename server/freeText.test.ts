import { pino } from 'pino'
import { beforeAll, expect, test } from 'vitest'
import { load } from '../pipelines/load.ts'
import { loadMapping } from '../pipelines/mapping.ts'
import { Intake } from '../pipelines/sources/intake.ts'
import { useStore } from '../pipelines/testStore.ts'
import { createKey } from '../sql/keys.ts'
import { commentsAnswer, themesAnswer } from './answers.ts'
import { createApp } from './app.ts'
import { linkKeys, sealLink } from './feedback/link.ts'
import { openArchive } from './reports/archive.ts'
import { testOffice } from './reports/runs/testOffice.ts'
import { lookOut } from './status/known.ts'
import { Watch } from './status/watch.ts'

/** What may never be seen: it stands in comments, in reasons of one case and as respondents. */
const planted = [
  'Quartermain',
  'zebulon',
  '555-0132',
  '5550132',
  'leak@',
  'leak.example',
  'Nowhere',
  'R-SECRET',
]
const comment = (at: number) =>
  `Zebulon Quartermain waited ${at} weeks. Call (415) 555-0132 or leak@leak.example, 12 Nowhere Street. Rude staff.`

const store = useStore()
const lines: string[] = []
let app: ReturnType<typeof createApp>
let headers: Record<string, string> = {}
let loadId = ''
beforeAll(async () => {
  const mapping = await loadMapping('clearway')
  const outcomes = Array.from({ length: 14 }, (_, at) => ({
    ...{ outcome_id: `O${at}`, service: 'permits', district: 'north', at: `2026-05-${10 + at}T10:00:00Z` },
    ...{ case_id: `C${at}`, rating: at < 12 ? 2 : 5, respondent: `R-SECRET-${at}`, language: 'en' },
    comment: at < 13 ? comment(at) : 'Fine.',
  }))
  const broken = { ...outcomes[0], outcome_id: 'X', rating: 9 }
  const event = (at: number, hour: number, activity: string, clock: string, reason = '') => ({
    ...{ case_id: `C${at}`, event_id: activity, service: 'permits', activity, clock, reason },
    time: `2026-05-02T0${hour}:00:00Z`,
  })
  const events = outcomes.flatMap((_, at) => [
    event(at, 1, 'Asked', 'start'),
    event(at, 2, 'On hold', 'pause', at === 0 ? 'Zebulon Quartermain is ill' : 'papers'),
    event(at, 3, 'Decided', 'stop'),
  ])
  const take = async (name: string, stream: 'outcomes' | 'case_events', rows: object[]) =>
    load(store.db, {
      file: await store.file(name, rows.map((row) => JSON.stringify(row)).join('\n')),
      ...{ mapping, stream, source: 'desk', maxRejectedShare: 0.5 },
    })
  await take('events.ndjson', 'case_events', events)
  loadId = (await take('outcomes.ndjson', 'outcomes', [...outcomes, broken])).load_id
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) })
  const keys = await linkKeys(store.db.dataDir, undefined)
  const archive = openArchive(store.db.dataDir)
  const desk = testOffice(() => store.db).desk()
  const watch = new Watch()
  const { close, ...told } = lookOut(store.db, watch)
  const status = {
    ...{ ...told, watch, dataDir: store.db.dataDir },
    ...{ place: { name: 'Here', zone: 'Europe/London' }, public: true },
  }
  const intake = await Intake.open(store.db)
  app = createApp({ db: store.db, log, intake, feedback: { keys }, reports: { desk, archive }, status })
  const link = { service: 'permits', source: 'desk', case_id: 'Quartermain', slip: '', channel: '' }
  await app.request(`/feedback/${sealLink(keys, { ...link, expires: 4_000_000_000 })}`)
  const { key } = await createKey(store.db, {
    name: 'reviewer',
    role: 'analyst',
    scopes: ['loads', 'rejected', 'cases', 'comments', 'reports', 'audit'],
  })
  headers = { Authorization: `Bearer ${key}` }
  return async () => {
    await close()
    await intake.close()
  }
})

const may = 'from=2026-05-01&until=2026-06-01'
const values: Record<string, string> = {
  ...{ dimension: 'district', stage: 'Decided', stream: 'outcomes', source: 'desk', case_id: 'C0' },
  ...{ service: 'permits', purpose: 'complaint', grain: 'month', checksum: '0123456789abcdef' },
}

test('no path of the API, in no format, nor the metrics or the log tell what was planted', {
  timeout: 180_000,
}, async () => {
  const { paths } = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<string, { get?: { parameters?: { name: string; in: string; required?: boolean }[] } }>
  }
  // single releases have an outsider of their own, who reads every file: releases/attack.test.ts; here nothing was sent
  const gets = Object.entries(paths).filter(
    ([path, { get }]) =>
      get && !path.endsWith('/events') && !/\/(releases\/(\{|preview)|reports\/(runs|files)\/)/.test(path),
  )
  expect(gets.length).toBeGreaterThan(20)
  const seen: [string, string][] = []
  for (const [path, { get }] of gets) {
    const parameters = get?.parameters ?? []
    const ids: Record<string, string> = { id: path.includes('/kpis') ? 'satisfied_share' : loadId, ...values }
    const place = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name)
    const asks = ['service', 'purpose', 'dimension'].filter((name) =>
      parameters.some((each) => each.in === 'query' && each.name === name),
    )
    const asked = asks.map((name) => `${name}=${values[name]}`)
    const period = parameters.some(({ name }) => name === 'until') ? [may] : []
    const answers = await Promise.all(
      ['', 'format=json', 'format=csv', 'format=ndjson', 'format=parquet', 'wrong=Quartermain'].map(
        async (format) => {
          const search = [...period, ...asked, format].filter((part) => part !== '').join('&')
          const answer = await app.request(`${place}?${search}`, { headers })
          const text = await answer.text()
          // what was asked comes back in the complaint about it
          seen.push([`${place}?${search}`, format.startsWith('wrong') ? '' : text])
          return answer.status
        },
      ),
    )
    expect(
      answers.some((status) => status === 200),
      `${place}: ${answers}`,
    ).toBe(true)
    expect(Math.max(...answers), place).toBeLessThan(500)
  }
  for (const path of ['/metrics', '/api/v1/nothing', '/api/v1/cases/desk/none', '/docs'])
    seen.push([path, await (await app.request(path, { headers })).text()])
  seen.push(['log', lines.join('').replaceAll('wrong=Quartermain', '')])
  expect(lines.length).toBeGreaterThan(100)
  const found = seen.flatMap(([where, text]) =>
    planted
      .filter((each) => text.toLowerCase().includes(each.toLowerCase()))
      .map((each) => `${each} at ${where}`),
  )
  expect(found).toEqual([])
})

test('comments are read by those with the right alone, page by page, and every reading is written down', async () => {
  const ask = (search: string, more = headers) => app.request(`/api/v1/comments?${search}`, { headers: more })
  expect((await ask(`${may}&purpose=looking`, {})).status).toBe(403)
  const { key } = await createKey(store.db, { name: 'sender', role: 'ingest', scopes: ['ingest:*', 'cases'] })
  expect((await ask(`${may}&purpose=looking`, { Authorization: `Bearer ${key}` })).status).toBe(403)
  const unsaid = await ask(may)
  expect([unsaid.status, await unsaid.text()]).toEqual([
    422,
    expect.stringContaining('what the comments are read for'),
  ])

  const first = commentsAnswer.parse(await (await ask(`${may}&purpose=weekly%20review&limit=10`)).json())
  const rest = commentsAnswer.parse(
    await (await ask(`${may}&purpose=weekly%20review&cursor=${first.next_cursor}`)).json(),
  )
  const all = [...first.comments, ...rest.comments]
  expect(all.map(({ answered_at }) => answered_at.slice(8, 10))).toEqual(
    Array.from({ length: 14 }, (_, at) => String(23 - at)),
  )
  expect(rest.next_cursor).toBeNull()
  expect(all.at(-1)).toMatchObject({
    comment: '[name] waited 0 weeks. Call [phone] or [mail], [address] Rude staff.',
    themes: ['communication', 'staff', 'waiting'],
    rating: 2,
  })
  const about = commentsAnswer.parse(await (await ask(`${may}&purpose=weekly%20review&theme=digital`)).json())
  expect(about.comments).toEqual([])
  const readings = await store.rows(
    `SELECT reader, purpose, comments, JSONExtractString(filters, 'theme') AS theme FROM comment_readings WHERE purpose = 'weekly review' ORDER BY at`,
  )
  expect(readings).toEqual(
    [
      { comments: 10, theme: '' },
      { comments: 4, theme: '' },
      { comments: 0, theme: 'digital' },
    ].map((row) => ({ reader: 'reviewer', purpose: 'weekly review', ...row })),
  )
})

test('themes are counted with their share satisfied, never fewer than ten', async () => {
  const answer = await app.request(`/api/v1/satisfaction/themes?${may}&service=permits`)
  const { themes, comments, without_theme } = themesAnswer.parse(await answer.json())
  expect([comments, without_theme]).toEqual([14, null])
  const theme = (id: string) => themes.find((each) => each.theme === id)
  expect(theme('staff')).toMatchObject({
    comments: 13,
    share: { numerator: 13, denominator: 14, status: 'ok' },
    satisfied: { numerator: 1, denominator: 13, status: 'ok' },
  })
  expect(theme('decision')).toMatchObject({
    comments: null,
    share: { value: null, n: 0, numerator: null, status: 'hidden' },
    satisfied: { value: null, status: 'hidden' },
  })
})
