import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { useStore } from '../../../pipelines/testStore.ts'
import type { Db } from '../../../sql/db.ts'
import { readRun } from '../../../sql/reportRuns.ts'
import { openArchive } from '../archive.ts'
import { NotNowError, ReportError } from '../reportError.ts'
import { forgetReportsDaily } from '../retention.ts'
import type { ReportsDesk } from './desk.ts'
import { type Limits, Rounds } from './rounds.ts'
import { daily, testOffice } from './testOffice.ts'

const store = useStore()
let office: ReturnType<typeof testOffice>
let desk: ReportsDesk
let servers: Rounds[] = []
let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-runs-'))
  for (const table of ['report_schedules', 'report_run_log'])
    await store.db.command({ query: `TRUNCATE TABLE ${table}` })
  office = testOffice(() => ({ ...store.db, dataDir: dir }) as Db)
  desk = office.desk()
  servers = []
  return async () => {
    for (const server of servers) await server.close()
    await rm(dir, { recursive: true, force: true })
  }
})

const june = { from: '2026-06-01', until: '2026-07-01' }
const limits: Partial<Limits> = { random: () => 0.5 }
const start = (of = desk, more: Partial<Limits> = {}) => {
  const server = new Rounds(of, { limits: { ...limits, ...more } })
  servers.push(server)
  return server
}
/** Rounds until nothing moves: makes what is due and brings it. */
const work = async (server: Rounds, rounds = 3) => {
  for (let each = 0; each < rounds; each++) {
    await server.round()
    await server.settled()
    office.post.bring(office.now)
  }
  await server.round()
}
const minutes = async (schedule = '') =>
  (await office.runs({ schedule })).map(({ occurrence }) => occurrence.slice(0, 16)).sort()
const reasons = async () => (await office.runs()).map(({ reason }) => reason)

describe('each recipient gets each report once', () => {
  test('a report is made once for all who ask for the same, and everybody gets it within their scope', async () => {
    const to = (name: string, scope = {}) => ({
      destination: { kind: 'email', to: `${name}@city.example` },
      scope,
    })
    const recipients = [
      ...[
        to('ada'),
        to('bob'),
        to('planner', { department: ['planning'] }),
        to('parks', { service: ['parks'] }),
      ],
      { destination: { kind: 'webhook', url: 'https://hooks.example/reports?office=planning' } },
    ]
    await office.keep(
      daily('brief', { recipients, formats: ['csv', 'xlsx'], filters: { service: ['permits'] } }),
    )
    const server = start()
    await work(server)
    expect(await office.states()).toEqual({})
    office.at('2026-07-01T06:00:20Z')
    await work(server)
    expect(await office.states()).toEqual({ done: 8, skipped: 2 })
    // two formats, with and without the department
    expect(office.made).toHaveLength(4)
    expect(office.made[0]?.filters).toMatchObject({
      service: ['permits'],
      from: '2026-06-30',
      until: '2026-07-01',
    })
    expect(new Set(await reasons())).toEqual(
      new Set(['', 'Not sent because the recipient may see nothing of what the report tells.']),
    )
    const runs = await office.runs()
    expect(runs.map(({ recipient }) => recipient).join()).toContain('webhook at https://hooks.example,')
    expect(runs.map(({ recipient }) => recipient).join()).not.toContain('office=planning')
    // another look, another process, a later hour: nothing more
    await work(server)
    office.at('2026-07-01T18:00:00Z')
    await work(start())
    expect(office.post.received).toHaveLength(8)
    expect(new Set(office.post.received.map(({ key }) => key)).size).toBe(8)
    const [first] = await readRun(store.db, runs.find(({ state }) => state === 'done')?.key ?? '')
    expect(first).toMatchObject({ state: 'queued', schedule: 'brief', attempt: 0 })
  })

  test('one report for many is made for each with the rows that recipient may see', async () => {
    const to = (name: string, scope = {}) => ({ destination: { kind: 'folder', path: name }, scope })
    const recipients = [
      to('city'),
      to('planning', { department: ['planning'] }),
      to('desks', { department: ['desks'] }),
      to('north', { district: ['north'] }),
      to('planning in the north', { department: ['planning'], district: ['north'] }),
      to('south', { district: ['south'] }),
    ]
    await office.keep(daily('brief', { recipients, filters: { district: ['north', 'harbour'] } }))
    office.at('2026-07-01T06:00:00Z')
    await work(start())
    const made = office.made.map(({ filters: { department, district } }) => `${department} | ${district}`)
    expect(made.sort()).toEqual(
      [
        ' | north',
        ' | north,harbour',
        'desks | north,harbour',
        'planning | north',
        'planning | north,harbour',
      ].sort(),
    )
    expect(await office.states()).toEqual({ done: 5, skipped: 1 })
  })

  test('a thousand runs that are due at once are written down in a few inserts', async () => {
    const recipients = Array.from({ length: 200 }, (_, n) => ({
      destination: { kind: 'email', to: `n${n}@city.example` },
    }))
    for (const id of ['a', 'b', 'c', 'd', 'e'])
      await office.keep(daily(id, { recipients, filters: { team: [id] } }))
    let inserts = 0
    const insert: Db['insert'] = (given) => {
      inserts++
      return store.db.insert(given)
    }
    const server = start(office.desk({ db: { ...store.db, dataDir: dir, insert } as Db }))
    office.at('2026-07-01T06:00:00Z')
    await work(server)
    expect(await office.states()).toEqual({ done: 1000 })
    expect(office.made).toHaveLength(5)
    expect(inserts).toBeLessThanOrEqual(4)
    expect(office.post.posts).toBe(1)
  })
})

describe('the right number of runs, whatever the clock does', () => {
  /** Moves the clock on by minutes as a running server sees it. */
  const pass = async (server: Rounds, from: string, until: string, minutes: number) => {
    for (let at = Date.parse(from); at <= Date.parse(until); at += minutes * 60_000) {
      office.now = new Date(at)
      await server.round()
    }
  }
  test('a time that does not exist fires once, and one that comes twice', async () => {
    const when = { kind: 'cron', cron: '30 1 * * *' }
    office.at('2026-03-28T22:00:00Z')
    await office.keep(daily('spring', { when }))
    await pass(start(), '2026-03-28T22:00:00Z', '2026-03-29T06:00:00Z', 10)
    expect(await minutes('spring')).toEqual(['2026-03-29T01:00'])
    office.at('2026-10-24T22:00:00Z')
    await office.keep(daily('autumn', { when }))
    await pass(start(), '2026-10-24T22:00:00Z', '2026-10-25T06:00:00Z', 10)
    expect(await minutes('autumn')).toEqual(['2026-10-25T00:30'])
  })
  test('the clock is set back, an hour or from another century: no second run, and the next comes', async () => {
    await office.keep(daily('brief'))
    const server = start()
    await pass(server, '2026-07-01T05:50:00Z', '2026-07-01T06:10:00Z', 5)
    await pass(server, '2026-07-01T05:10:00Z', '2026-07-01T06:30:00Z', 5)
    await pass(start(), '2026-07-01T05:30:00Z', '2026-07-01T06:30:00Z', 15)
    expect(await minutes()).toEqual(['2026-07-01T06:00'])
    await pass(server, '2046-01-01T06:00:00Z', '2046-01-01T08:00:00Z', 60)
    // one that was missed, and one that is due
    expect(await minutes()).toHaveLength(3)
    await pass(server, '2026-07-01T07:00:00Z', '2026-07-03T05:00:00Z', 120)
    await pass(start(), '2026-07-03T05:00:00Z', '2026-07-03T07:00:00Z', 60)
    expect((await minutes()).slice(0, 3)).toEqual([
      '2026-07-01T06:00',
      '2026-07-02T06:00',
      '2026-07-03T06:00',
    ])
  })
  test.each([
    ['last', ['2026-07-04T06:00'], {}],
    ['all', ['2026-07-01T06:00', '2026-07-02T06:00', '2026-07-03T06:00', '2026-07-04T06:00'], {}],
    ['none', ['2026-07-04T06:00'], { skipped: 1 }],
  ] as const)(
    'no server ran for days: missed times are made up for as asked (%s)',
    async (missed, expected, skipped) => {
      await office.keep(daily('brief', { missed, unchanged: 'send' }))
      await start().round()
      office.at('2026-07-04T12:00:00Z')
      const server = start()
      await work(server)
      expect(await minutes()).toEqual(expected)
      expect(await office.states()).toEqual('skipped' in skipped ? skipped : { done: expected.length })
      if (missed === 'none')
        expect(await reasons()).toEqual(['Not sent because no server ran at 07:00 on 4 July 2026.'])
      office.at('2026-07-05T06:00:00Z')
      await work(server)
      expect(await minutes()).toHaveLength(expected.length + 1)
    },
  )
  test('a pause has nothing due in it, and whoever changes the times begins anew', async () => {
    await office.keep(daily('brief'))
    await office.keep(daily('brief', { paused: true }))
    office.at('2026-07-02T12:00:00Z')
    await work(start())
    await office.keep(daily('brief', { missed: 'all' }))
    await work(start())
    expect(await minutes()).toEqual([])
    // another name changes no times
    office.at('2026-07-03T06:00:30Z')
    await office.keep(daily('brief', { name: 'Another name' }))
    await work(start())
    expect(await minutes()).toEqual(['2026-07-03T06:00'])
  })
  test('“when June is complete” is the moment its last data is there, once, also when July is over by then', async () => {
    office.at('2026-06-20T00:00:00Z')
    const when = { kind: 'complete', period: 'month' }
    office.missing = 0.5
    await office.keep(daily('monthly', { when, period: 'last_month' }))
    const server = start()
    office.loadedAt = '2026-06-30T12:00:00Z'
    office.at('2026-07-01T00:00:00Z')
    await work(server)
    office.missing = 0
    // all of June's days are known, but nothing came since it ended
    await work(server)
    expect(await minutes()).toEqual([])
    office.loadedAt = '2026-08-02T05:00:00Z'
    office.at('2026-08-02T05:01:00Z')
    office.version = 4
    const june = office.look()
    const missing: typeof june.missing = ({ from }) =>
      from === '2026-07-01' ? [{ source: 'register', stream: 'outcomes', services: [], complete: 0.2 }] : []
    await work(start(office.desk({ look: async () => ({ ...office.look(), missing }) })))
    expect(await minutes()).toEqual(['2026-06-30T23:00'])
    expect(office.made[0]?.filters).toMatchObject({ from: '2026-06-01', until: '2026-07-01' })
    await work(server)
    await work(start())
    expect(await minutes()).toEqual(['2026-06-30T23:00', '2026-07-31T23:00'])
  })
})

test('a sample is told of as it stood on its last day, whatever the clock shows, and due by the clock', async () => {
  office.at('2026-11-27T05:00:00Z')
  office.sampleUntil = '2026-07-01'
  const when = { kind: 'complete', period: 'month' }
  await office.keep(daily('brief', { period: 'last_month' }), daily('monthly', { when, period: 'last_week' }))
  office.at('2026-11-27T07:00:00Z')
  await work(start())
  expect(await minutes('brief')).toEqual(['2026-11-27T07:00'])
  expect(await minutes('monthly')).toEqual(['2026-11-01T00:00'])
  expect(office.made.map(({ filters: { from, until } }) => `${from} ${until}`).sort()).toEqual([
    '2026-06-01 2026-07-01',
    '2026-06-22 2026-06-29',
  ])
  // and days that are still to come are no part of it
  office.sampleUntil = '2027-03-01'
  office.at('2026-11-28T07:00:00Z')
  await work(start())
  expect(office.made.at(-1)?.filters).toMatchObject({ from: '2026-10-01', until: '2026-11-01' })
})

describe('not sent because', () => {
  test('a stale feed holds a report and says so; loading the data releases it', async () => {
    office.stale = true
    await office.keep(daily('brief'), daily('marked', { stale: 'mark' }))
    office.at('2026-07-01T06:00:00Z')
    const server = start()
    await work(server, 6)
    expect(await office.states('brief')).toEqual({ queued: 1 })
    expect(await office.states('marked')).toEqual({ done: 1 })
    const late = 'the case events of “register” are late: they were due at 06:00 on 30 June 2026 UTC'
    const [held] = await office.runs({ schedule: 'brief' })
    expect(held?.reason).toBe(`Not sent because ${late}.`)
    const [marked] = await office.runs({ schedule: 'marked' })
    expect(JSON.parse(marked?.request ?? '')).toMatchObject({ marks: [late] })
    expect(office.made).toMatchObject([{ marks: [late] }])
    // it is written down once, however often it is looked at
    office.version = 4
    await work(server)
    expect(await readRun(store.db, held?.key ?? '')).toHaveLength(2)
    office.stale = false
    office.version = 6
    await work(server)
    expect(await office.states()).toEqual({ done: 2 })
  })
  test('a source that never came holds reports of every service, as it may be of any', async () => {
    office.feeds = [
      { source: 'till', stream: 'wait_times', services: [], state: 'silent', due_at: null, loaded_at: null },
    ]
    await office.keep(daily('brief', { filters: { service: ['permits'] } }))
    office.at('2026-07-01T06:00:00Z')
    await work(start())
    expect(await reasons()).toEqual(['Not sent because the wait times of “till” are silent.'])
  })
  test('what is held gives way to the next one, and says so', async () => {
    office.missing = 0.17
    await office.keep(daily('brief'))
    const server = start()
    office.at('2026-07-01T06:00:00Z')
    await work(server)
    office.at('2026-07-02T06:00:00Z')
    await work(server)
    expect(await office.states()).toEqual({ skipped: 1, queued: 1 })
    expect((await office.runs({ state: 'skipped' }))[0]?.reason).toBe(
      'Not sent because only 83 % of the case events of “register” from 2026-06-30 until 2026-07-01 are known. The next one, due at 07:00 on 2 July 2026, takes its place.',
    )
  })
  test('figures that did not change are not sent again, unless it is asked for', async () => {
    await office.keep(daily('brief'), daily('always', { unchanged: 'send' }))
    const server = start()
    for (const day of ['01', '02', '03']) {
      office.at(`2026-07-${day}T06:00:00Z`)
      if (day === '03') office.version = 4
      await work(server)
    }
    expect(await office.states('brief')).toEqual({ done: 2, skipped: 1 })
    expect(await office.states('always')).toEqual({ done: 3 })
    expect(await reasons()).toContain('Not sent because its figures are those that were sent last.')
  })
  test('a schedule that is deleted or paused takes what waits with it', async () => {
    office.stale = true
    await office.keep(daily('brief'))
    const server = start()
    office.at('2026-07-01T06:00:00Z')
    await work(server)
    await office.keep(daily('brief', { paused: true }))
    office.stale = false
    office.version = 4
    await work(server)
    expect(await reasons()).toEqual(['Not sent because its schedule was paused.'])
  })
})

describe('what goes wrong', () => {
  test('a receiver that fails is tried again, each time later; one that refuses is not', async () => {
    office.post.outcome = ({ destination }) =>
      destination.kind === 'email' && destination.to.startsWith('moved')
        ? { outcome: 'refused', reason: 'There is no such mailbox.' }
        : { outcome: 'retry', reason: 'The server is busy.' }
    await office.keep(daily('busy'), daily('moved'))
    const server = start(desk, { mostAttempts: 4 })
    office.at('2026-07-01T06:00:00Z')
    await work(server)
    expect((await office.runs({ schedule: 'moved' }))[0]).toMatchObject({
      state: 'failed',
      reason: 'There is no such mailbox.',
    })
    const tries: string[] = []
    for (let minute = 0; minute < 12; minute++) {
      office.now = new Date(Date.parse('2026-07-01T06:00:00Z') + minute * 60_000)
      await server.round()
      const [run] = await office.runs({ schedule: 'busy' })
      office.post.bring(office.now)
      await server.round()
      if ((await office.runs({ schedule: 'busy' }))[0]?.attempt !== run?.attempt) tries.push(`${minute}`)
    }
    // 1, 2 and 4 minutes after the one before
    expect(tries).toEqual(['1', '3', '7'])
    expect((await office.runs({ schedule: 'busy' }))[0]).toMatchObject({
      state: 'failed',
      reason: 'Tried 4 times. The server is busy.',
    })
    expect(office.made).toHaveLength(1)
  })
  test.each([new Error('the engine is restarting'), new NotNowError('data is loaded all the while')])(
    'a report that cannot be made now is tried again and says why: %s',
    async (error) => {
      const { make } = office
      office.make = async () => {
        throw error
      }
      await office.keep(daily('brief'))
      const server = start()
      office.at('2026-07-01T06:00:00Z')
      await work(server)
      expect((await office.runs())[0]).toMatchObject({
        state: 'queued',
        attempt: 1,
        not_before: '2026-07-01T06:01:00.000Z',
        reason: `It could not be made: ${error.message}`,
      })
      office.make = make
      office.at('2026-07-01T06:01:00Z')
      await work(server)
      expect(await office.states()).toEqual({ done: 1 })
    },
  )
  test('a report that cannot be made as asked ends at once and says so in one sentence', async () => {
    office.make = async () => {
      throw new ReportError('The report needed more than 1000 MB of memory and was stopped.')
    }
    await office.keep(daily('brief'))
    office.at('2026-07-01T06:00:00Z')
    await work(start())
    expect((await office.runs())[0]).toMatchObject({
      ...{ state: 'failed', attempt: 0, not_before: null, worker: '' },
      reason: 'It could not be made: The report needed more than 1000 MB of memory and was stopped.',
    })
  })
  test('a receiver that wants to be left alone for longer is', async () => {
    office.post.outcome = () => ({ outcome: 'retry', not_before: '2026-07-01T08:00:00.000Z' })
    await office.keep(daily('brief'))
    office.at('2026-07-01T06:00:00Z')
    const server = start()
    await work(server)
    expect((await office.runs())[0]).toMatchObject({ attempt: 1, not_before: '2026-07-01T08:00:00.000Z' })
    office.post.outcome = () => ({ outcome: 'retry', not_before: '2026-07-01T08:00:01.000Z' })
    office.at('2026-07-01T08:00:00Z')
    await work(server)
    expect((await office.runs())[0]).toMatchObject({ attempt: 2, not_before: '2026-07-01T08:02:00.000Z' })
  })
  test('a report is forgotten when its time is over, unless a run under way needs it', async () => {
    const archive = openArchive(dir)
    const filed = async (name: string) => {
      const file = join(dir, name)
      await writeFile(file, name)
      const { make } = testOffice(() => store.db)
      const about = { ...{ name, media_type: 'text/csv', figures_sha256: '0'.repeat(64), report: 'table' } }
      const days = { ...june, as_of: null, made_at: '2026-07-01T06:00:00.000Z' }
      return { make, file: await archive.keep(file, { ...about, ...days }) }
    }
    const [sent, waiting] = [await filed('sent'), await filed('waiting')]
    office.make = async (request) => {
      const { make, file } = request.filters.service[0] === 'permits' ? sent : waiting
      return { ...(await make(request)), file }
    }
    office.post.outcome = ({ file }) => ({ outcome: file.name === 'sent' ? 'delivered' : 'retry' })
    await office.keep(
      daily('sent', { filters: { service: ['permits'] } }),
      daily('waiting', { filters: { service: ['counter'] } }),
    )
    office.at('2026-07-01T06:00:00Z')
    await work(start())
    expect(await office.states()).toEqual({ done: 1, delivering: 1 })
    const gone = await new Promise<string[]>((resolve, reject) => {
      const daily = forgetReportsDaily(desk, {
        ...{ archive, days: () => -1, onTrouble: reject },
        onForgotten: (sha256) => void daily.close().then(() => resolve(sha256)),
      })
    })
    expect(gone).toEqual([sent.file.sha256])
    expect(await archive.open(waiting.file.sha256)).toBeDefined()
  })
  test('what a server had taken on is free when it is gone, or when its time is over', async () => {
    office.make = () => new Promise(() => {})
    await office.keep(daily('brief'))
    office.at('2026-07-01T06:00:00Z')
    const stuck = start()
    await stuck.round()
    expect(await office.states()).toEqual({ rendering: 1 })
    const { make } = testOffice(() => store.db)
    office.make = make
    const other = start()
    await work(other)
    expect(await office.states()).toEqual({ rendering: 1 })
    office.at('2026-07-01T06:10:00Z')
    await work(other)
    expect(await office.states()).toEqual({ done: 1 })
    // the first one wakes up: too late
    await stuck.round()
    expect(office.post.received).toHaveLength(1)

    office.make = () => new Promise(() => {})
    office.at('2026-07-02T06:00:00Z')
    const dying = start()
    await dying.round()
    await dying.close()
    office.make = make
    await work(other)
    expect(await office.states()).toEqual({ done: 1, skipped: 1 })
  })
  test('what only waited for its turn when a server ended was not tried', async () => {
    office.make = () => new Promise(() => {})
    await office.keep(daily('brief'), daily('other', { filters: { service: ['counter'] } }))
    office.at('2026-07-01T06:00:00Z')
    const server = start(desk, { atOnce: 1 })
    await server.round()
    await server.close()
    await start().round()
    expect((await office.runs()).map(({ state, attempt }) => [state, attempt]).sort()).toEqual([
      ['rendering', 0],
      ['rendering', 1],
    ])
  })
  test('a report that ends the server each time is given up at last', async () => {
    office.make = () => new Promise(() => {})
    await office.keep(daily('brief'))
    office.at('2026-07-01T06:00:00Z')
    for (let time = 0; time < 10; time++) {
      const server = start(desk, { mostAttempts: 3 })
      await server.round()
      await server.close()
      office.now = new Date(office.now.getTime() + 600_000)
    }
    expect((await office.runs())[0]).toMatchObject({
      state: 'failed',
      reason: 'It was begun 6 times and never came to an end.',
    })
  })
})

test('departments take turns, however much one of them asks for', async () => {
  for (const n of ['1', '2', '3', '4', '5', '6'])
    await office.keep(daily(`many-${n}`, { filters: { department: ['planning'], team: [n] } }))
  await office.keep(
    daily('one', { filters: { department: ['parks'] } }),
    daily('two', { filters: { service: ['counter'] } }),
  )
  let atOnce = 0
  let most = 0
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const { make } = office
  office.make = async (request) => {
    most = Math.max(most, ++atOnce)
    await opened
    atOnce--
    return make(request)
  }
  office.at('2026-07-01T06:00:00Z')
  const working = work(start(desk, { atOnce: 2, ahead: 30 }))
  await expect.poll(() => atOnce).toBe(2)
  await office.runs()
  open()
  await working
  const order = office.made.map(({ filters }) => filters.department[0] ?? filters.service[0])
  expect(order.slice(0, 3).sort()).toEqual(['counter', 'parks', 'planning'])
  expect(order).toHaveLength(8)
  expect(most).toBe(2)
})

test('several servers share the work, and nothing is made or sent twice', async () => {
  for (const n of Array.from({ length: 20 }, (_, each) => `s${each}`))
    await office.keep(daily(n, { filters: { team: [n] } }))
  office.at('2026-07-01T06:00:00Z')
  const three = [0, 1, 2].map(() => start(desk, { atOnce: 2, ahead: 3 }))
  for (let round = 0; round < 8; round++) {
    await Promise.all(three.map((server) => server.round()))
    await Promise.all(three.map((server) => server.settled()))
    office.post.bring(office.now)
  }
  expect(await office.states()).toEqual({ done: 20 })
  expect(office.made).toHaveLength(20)
  expect(new Set(office.post.received.map(({ key }) => key)).size).toBe(20)
  expect(office.post.received).toHaveLength(20)
})

/**
 * A desk whose n-th write to disk, store or postman goes wrong: it does not happen and the server dies with it, or it happens and fails
 * all the same, and the server lives on.
 */
function failingAt(place: number, dies: boolean): { desk: ReportsDesk; failed: () => boolean } {
  let calls = 0
  const isOut = () => (dies ? calls >= place : calls === place)
  const mortal = <T extends object>(all: T, names: (keyof T)[]): T => {
    const call = (name: keyof T, given: unknown[]) => (all[name] as (...of: unknown[]) => unknown)(...given)
    const wrapped = names.map((name) => [
      name,
      async (...given: unknown[]) => {
        calls++
        if (!isOut()) return call(name, given)
        if (!dies) await call(name, given)
        throw new Error('failed')
      },
    ])
    return { ...all, ...Object.fromEntries(wrapped) }
  }
  return {
    failed: () => calls >= place,
    desk: office.desk({
      db: mortal({ ...store.db, dataDir: dir } as Db, ['insert']),
      disk: mortal(desk.disk, ['makeFolder', 'write', 'rename', 'remove']),
      postman: mortal(office.post.postman, ['post', 'settle']),
    }),
  }
}

test.each([
  ['dies at any write', true],
  ['is told of any write that it failed though it did not', false],
])('a server that %s: every report comes, once', async (_, dies) => {
  await office.keep(daily('brief', { formats: ['csv', 'xlsx'] }))
  let place = 0
  for (let isOver = false; !isOver; ) {
    place += 1
    office.now = new Date(Date.parse('2026-07-01T06:00:00Z') + place * 86_400_000)
    office.version = 2 * place
    const failing = failingAt(place, dies)
    const server = start(failing.desk)
    for (let round = 0; round < 4; round++) {
      await server.round().catch((error: Error) => expect(error.message).toBe('failed'))
      await server.settled()
      office.post.bring(office.now)
      if (dies && failing.failed()) break
    }
    isOver = !failing.failed()
    if (dies) await server.close()
    // what could not be made rests a minute
    office.now = new Date(office.now.getTime() + 120_000)
    await work(dies ? start() : server)
    expect(office.post.received, `failed at write ${place}`).toHaveLength(2 * place)
    expect(await office.states(), `failed at write ${place}`).toEqual({ done: 2 * place })
  }
  expect(place).toBeGreaterThan(8)
  expect(new Set(office.post.received.map(({ key }) => key)).size).toBe(2 * place)
})
