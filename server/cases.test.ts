import { beforeAll, describe, expect, test } from 'vitest'
import { ingest } from '../pipelines/ingest.ts'
import { useStore } from '../pipelines/testStore.ts'
import { createKey, type Scope } from '../sql/keys.ts'
import { caseAnswer, casesAnswer, causesAnswer, stageAnswer } from './answers.ts'
import { createApp } from './app.ts'
import { parseCsv } from './testCsv.ts'

const store = useStore()
let app: ReturnType<typeof createApp>

const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
const ask = (path: string, headers: Record<string, string> = {}, env: object = here) =>
  app.request(`http://localhost/api/v1${path}`, { headers }, env)
const june = 'from=2026-06-01&until=2026-07-01'
const list = async (search: string) => {
  const response = await ask(`/cases?${june}&${search}`)
  const body: unknown = await response.json()
  expect(response.status, JSON.stringify(body)).toBe(200)
  return casesAnswer.parse(body)
}
const one = async (source: string, id: string) => {
  const response = await ask(`/cases/${encodeURIComponent(source)}/${encodeURIComponent(id)}`)
  const body: unknown = await response.json()
  expect(response.status, JSON.stringify(body)).toBe(200)
  return caseAnswer.parse(body)
}

const oddIds = ['A/1', '../up', '50%2F', 'ü ?#&+', '<b>"\'', '=1+1', 'a\\b', '-7']
const header = 'case_id,event_id,service,activity,lifecycle,time,clock,reason,due_at,district,team\n'
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
const event = (
  id: string,
  activity: string,
  time: string,
  more: { lifecycle?: string; clock?: string; reason?: string; due?: string; district?: string } = {},
) =>
  `${[id, `${activity} ${time}`, 'permits', activity, more.lifecycle ?? 'complete', time, more.clock ?? '', more.reason ?? '', more.due ?? '', more.district ?? 'north', 'desk'].map(cell).join(',')}\n`

beforeAll(async () => {
  const rows = [
    // ten hours of waiting, two of work, a day on hold in the middle of the wait
    event('full', 'Apply', '2026-06-02T08:00:00Z', { clock: 'start', due: '2026-06-03T08:00:00Z' }),
    event('full', 'Ask', '2026-06-02T12:00:00Z', { clock: 'pause', lifecycle: 'suspend', reason: 'papers' }),
    event('full', 'Ask', '2026-06-03T12:00:00Z', { clock: 'resume', lifecycle: 'resume' }),
    event('full', 'Review', '2026-06-03T18:00:00Z', { lifecycle: 'start' }),
    event('full', 'Review', '2026-06-03T20:00:00Z', { clock: 'stop' }),
    // five cases with the same reason make it one that may be told; a sentence of one case is not
    ...[1, 2, 3, 4].flatMap((at) => [
      event(`p${at}`, 'Apply', '2026-05-01T08:00:00Z', { clock: 'start' }),
      event(`p${at}`, 'Ask', '2026-05-02T08:00:00Z', {
        clock: 'pause',
        lifecycle: 'suspend',
        reason: 'papers',
      }),
    ]),
    event('secret', 'Apply', '2026-06-02T08:00:00Z', { clock: 'start' }),
    event('secret', 'Ask', '2026-06-03T08:00:00Z', {
      clock: 'pause',
      lifecycle: 'suspend',
      reason: 'Mrs Example is in hospital',
    }),
    // begun and not done
    event('busy', 'Apply', '2026-06-09T08:00:00Z', { clock: 'start', district: 'west' }),
    event('busy', 'Review', '2026-06-10T08:00:00Z', { lifecycle: 'start', district: 'west' }),
    // cases that are alike: only their ids put them in order
    ...oddIds.flatMap((id) => [
      event(id, 'Apply', '2026-06-10T08:00:00Z', { clock: 'start', district: 'south' }),
      event(id, 'Review', '2026-06-11T08:00:00Z', { clock: 'stop', district: 'south' }),
    ]),
    // back at the stage a second time, and late
    event('twice', 'Apply', '2026-06-04T08:00:00Z', { clock: 'start', due: '2026-06-05T08:00:00Z' }),
    event('twice', 'Review', '2026-06-05T08:00:00Z'),
    event('twice', 'Correct', '2026-06-06T08:00:00Z'),
    event('twice', 'Review', '2026-06-08T08:00:00Z', { clock: 'stop' }),
  ]
  const file = await store.file('events.csv', header + rows.join(''))
  await ingest(store.db, file, { mapping: 'clearway', source: 'desk/1' })
  app = createApp({ db: store.db, versionAge: 0 })
})

test('single cases are told on the machine itself or to a key with the scope, and kept by nobody', async () => {
  const key = async (scope: Scope) =>
    (await createKey(store.db, { name: scope, role: 'analyst', scopes: [scope] })).key
  const bearer = async (scope: Scope) => ({ Authorization: `Bearer ${await key(scope)}` })
  const [sender, reader] = [await bearer('ingest:*'), await bearer('cases')]
  for (const path of [`/cases?${june}`, '/cases/desk%2F1/full', `/cases?${june}&format=csv`]) {
    const refused = await ask(path, {}, {})
    expect(refused.status).toBe(403)
    expect(((await refused.json()) as { detail: string }).detail).toContain('--scope cases')
    expect((await ask(path, { 'X-Forwarded-For': '10.0.0.1' })).status).toBe(403)
    expect((await ask(path, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await ask(path, sender, {})).status).toBe(403)
    expect((await ask(path, { Authorization: 'Bearer cw_nothing' }, {})).status).toBe(401)
    for (const allowed of [await ask(path, reader, {}), await ask(path)]) {
      expect(allowed.status).toBe(200)
      expect(allowed.headers.get('Cache-Control')).toBe('no-store')
      expect(allowed.headers.get('ETag')).toBeNull()
      await allowed.text()
    }
  }
})

describe('the list of cases', () => {
  test('pages through equal values without losing or repeating one, whatever the sort', async () => {
    for (const sort of ['wait', 'age', 'started'])
      for (const stage of ['', 'Review']) {
        const whole = await list(`sort=${sort}&stage=${stage}&limit=200`)
        const pages: string[] = []
        let cursor: string | null = ''
        while (cursor !== null) {
          const page = await list(`sort=${sort}&stage=${stage}&limit=3${cursor && `&cursor=${cursor}`}`)
          expect(page.total_cases).toBe(whole.cases.length)
          pages.push(...page.cases.map(({ case_id }) => case_id))
          cursor = page.next_cursor
        }
        expect(pages).toEqual(whole.cases.map(({ case_id }) => case_id))
        expect(new Set(pages).size).toBe(pages.length)
      }
  })

  test('holds what left a stage in the period, with all visits of a case to it', async () => {
    const { cases, total_cases, total_visits } = await list('stage=Review&sort=wait')
    expect([total_cases, total_visits]).toEqual([10, 11])
    const stage = await ask(`/stages/Review?service=permits&${june}`)
    expect(await stage.json()).toMatchObject({ median: { n: total_visits } })
    expect(cases[0]).toMatchObject({ case_id: 'twice', stage_visits: 2, stage_hours: 72, hours: 96 })
    expect(cases[0]?.late_by_hours).toBe(72)
    const again = await list('stage=Review&from_stage=Correct')
    expect(again.cases.map(({ case_id, stage_hours }) => [case_id, stage_hours])).toEqual([['twice', 48]])
    expect((await list('stage=Review&dimension=district&value=south')).total_cases).toBe(oddIds.length)
  })

  test('holds on demand also who still stands there, as many and for as long as the causes of the wait say', async () => {
    const { cases, ...totals } = await list('stage=Review&also=waiting&sort=wait')
    expect(totals).toMatchObject({ total_cases: 16, total_visits: 17, total_there: 6 })
    const there = cases.filter(({ stage_state }) => stage_state !== 'left')
    // what is known ends on 11 June at 8:00
    expect(there.map(({ case_id, stage_state, stage_hours }) => [case_id, stage_state, stage_hours])).toEqual(
      [
        ...['p1', 'p2', 'p3', 'p4'].map((id) => [id, 'waiting', 41 * 24]),
        ['secret', 'waiting', 9 * 24],
        ['busy', 'in_work', 24],
      ],
    )
    const causes = causesAnswer.parse(
      await (await ask(`/causes?service=permits&stage=Review&${june}`)).json(),
    )
    expect(causes.stages[0]).toMatchObject({ n: 11, open_n: 6, open_wait_hours: 4 * 41 * 24 + 9 * 24 + 24 })
    expect((await list('stage=Review')).cases.every(({ stage_state }) => stage_state === 'left')).toBe(true)
    const north = await list('stage=Review&also=waiting&state=open&dimension=district&value=north')
    expect(north.cases.map(({ case_id }) => case_id)).toEqual(['p1', 'p2', 'p3', 'p4', 'secret'])
    expect((await list('stage=Review&from_stage=Correct&also=waiting')).total_cases).toBe(1)
  })

  test('holds who stood at a stage at the end of an earlier period and left it since', async () => {
    const early = await ask('/cases?from=2026-06-01&until=2026-06-03&stage=Review&also=waiting&sort=wait')
    const { cases } = casesAnswer.parse(await early.json())
    expect(cases.find(({ case_id }) => case_id === 'full')).toMatchObject({
      stage_state: 'waiting',
      stage_hours: 16,
      state: 'open',
    })
  })

  test('tells open, closed and late ones apart as they stood at the end of the period', async () => {
    const ids = async (search: string) => (await list(search)).cases.map(({ case_id }) => case_id).sort()
    const open = ['busy', 'p1', 'p2', 'p3', 'p4', 'secret']
    expect(await ids('state=open')).toEqual(open)
    expect(await ids('state=closed')).toEqual(['full', 'twice', ...oddIds].sort())
    expect(await ids('state=all')).toEqual([...open, 'full', 'twice', ...oddIds].sort())
    // the day on hold moved the due time of `full` on: it was in time
    const late = await list('state=late')
    expect(late.cases.map(({ case_id, late_by_hours }) => [case_id, late_by_hours])).toEqual([['twice', 72]])
  })

  test('goes out as CSV that no spreadsheet runs, and as lines for machines, unchanged', async () => {
    const csv = await (await ask(`/cases?${june}&format=csv&sort=started`)).text()
    const [head, ...rows] = csv.trimEnd().split('\r\n')
    expect(head).toMatch(/^source,case_id,service,/)
    expect(rows).toHaveLength(16)
    expect(csv).toContain("desk/1,'=1+1,permits")
    expect(csv).toContain("desk/1,'-7,permits")
    expect(csv).toContain('desk/1,"<b>""\'",permits')
    const lines = (await (await ask(`/cases?${june}&format=ndjson`)).text()).trim().split('\n')
    const ids = lines.map((line) => (JSON.parse(line) as { case_id: string }).case_id)
    expect(ids).toEqual(expect.arrayContaining(oddIds))
  })

  test.each([
    ['cursor=nonsense', 'next_cursor'],
    ['limit=201', '1 to 200'],
    ['from_stage=Apply', 'needs a stage'],
    ['also=waiting', 'needs a stage'],
    ['stage=Review&also=open', 'must be waiting'],
    ['state=gone', 'open, closed, late'],
    ['sort=name', 'wait, age, started'],
    ['dimension=colour', 'district'],
  ])('names what is wrong in %s', async (search, says) => {
    const response = await ask(`/cases?${june}&${search}`)
    expect(response.status).toBe(422)
    expect(((await response.json()) as { detail: string }).detail).toContain(says)
  })

  test('an unknown service is not found, in CSV too', async () => {
    for (const format of ['json', 'csv']) {
      const response = await ask(`/cases?service=moon&format=${format}`)
      expect([response.status, response.headers.get('Content-Type')]).toEqual([
        404,
        'application/problem+json',
      ])
    }
  })
})

describe('one case', () => {
  test('its wait, touch and pauses add up to its time, and a sentence says so', async () => {
    const found = await one('desk/1', 'full')
    expect(found).toMatchObject({
      hours: 36,
      wait_hours: 10,
      touch_hours: 2,
      paused_hours: 24,
      ended_hours: 0,
    })
    expect(found.pieces.map(({ kind, hours }) => [kind, hours])).toEqual([
      ['wait', 4],
      ['paused', 24],
      ['wait', 6],
      ['touch', 2],
    ])
    expect(found.sentence).toBe(
      'It took 36.0 hours: 10.0 hours of waiting, 2.0 hours of work and 24.0 hours in which the clock stood still (papers: 24.0 hours). The longest wait was 10.0 hours, before Review. It ended in time.',
    )
    expect(found.clock.map(({ event, reason }) => [event, reason])).toEqual([
      ['start', ''],
      ['pause', 'papers'],
      ['resume', ''],
      ['stop', ''],
    ])
  })

  test('is found whatever signs its id has', async () => {
    for (const id of oddIds) expect(await one('desk/1', id)).toMatchObject({ case_id: id, hours: 24 })
  })

  test('a reason that stands in one case only is not told', async () => {
    const answer = await (await ask('/cases/desk%2F1/secret')).text()
    expect(answer).toContain('"event":"pause"')
    expect(answer).not.toContain('hospital')
  })

  test('an unknown one is not found', async () => {
    const response = await ask('/cases/desk%2F1/nobody')
    expect(response.status).toBe(404)
    expect(((await response.json()) as { detail: string }).detail).toContain('nobody')
  })
})

test('the CSV of a stage tells what its page tells, and of how many visits the start is told', async () => {
  const path = `/stages/Review?service=permits&${june}`
  const stage = stageAnswer.parse(await (await ask(path)).json())
  const [head = [], ...lines] = parseCsv(await (await ask(`${path}&format=csv`)).text())
  const rows = lines.map((line) => Object.fromEntries(head.map((name, at) => [name, line[at]])))
  const of = (grain: string) => rows.filter((row) => row.grain === grain)
  // ten cases left, one of them twice; one start is told
  expect(of('period')).toMatchObject([{ n: '11', starts_told: '1', from: '2026-06-01', until: '2026-07-01' }])
  expect(stage).toMatchObject({ starts_told: 1, median: { n: 11 } })
  expect(of('month').at(-1)).toMatchObject({ n: '11', starts_told: '1' })
  expect(of('week')).toHaveLength(stage.weeks.length)
  const districts = of('segment').filter(({ dimension }) => dimension === 'district')
  expect(districts.map(({ segment, n, starts_told }) => [segment, n, starts_told])).toEqual([
    ['north', '3', '1'],
    ['south', '8', '0'],
  ])
  expect(of('segment')).toHaveLength(stage.by.reduce((sum, group) => sum + group.rows.length, 0))
  expect(of('from_stage').map(({ from_stage, n, median_hours }) => [from_stage, n, median_hours])).toEqual([
    ['Apply', '10', '24'],
    ['Correct', '1', '48'],
  ])
  const moves = of('hour').map(({ weekday, hour, came, went }) => [weekday, hour, came, went].map(Number))
  expect(moves).toEqual(stage.hours.map(({ weekday, hour, came, went }) => [weekday, hour, came, went]))
  expect(moves.reduce((sum, [, , , went = 0]) => sum + went, 0)).toBe(11)
})
