import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type KafkaConfig, sourceConfig } from '../../sql/sourceConfig.ts'
import { useStore } from '../testStore.ts'
import { topicFolder } from './gather.ts'
import { KafkaSource } from './kafka.ts'
import { RunningLoads } from './running.ts'
import { HeldLoads } from './testHeld.ts'
import { TestKafka } from './testKafka.ts'

const store = useStore()
const held: HeldLoads[] = []
const broker = new TestKafka()
const silent = { info: () => {}, warn: () => {} }
const patient = { timeout: 60_000, interval: 50 }
const opened: KafkaSource[] = []

// what is tried again is tried again soon
vi.mock('./source.ts', async (original) => ({ ...(await original<object>()), patience: () => 100 }))
// each of these makes several loads and waits for a broker to be found again
vi.setConfig({ testTimeout: 120_000 })

beforeAll(() => broker.start())
afterEach(async () => {
  for (const each of held.splice(0)) each.letGo()
  await Promise.all(opened.splice(0).map((source) => source.close()))
})
afterAll(() => broker.stop())

const event = (id: string | number): string =>
  JSON.stringify({
    case_id: `${id}`,
    event_id: '1',
    service: 'permits',
    activity: 'Review',
    time: '2026-01-05T09:00:00Z',
  })
const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => event(from + at))

/** A configuration whose topic is also the system its rows come from. */
function configOf(topic: string, more: Partial<KafkaConfig> = {}): KafkaConfig {
  const given = { kind: 'kafka', brokers: [broker.address], topic, mapping: 'clearway', source: topic }
  return sourceConfig.parse({ ...given, batch_seconds: 0.3, ...more }) as KafkaConfig
}
async function reading(config: KafkaConfig, running = new RunningLoads()): Promise<KafkaSource> {
  const source = new KafkaSource(store.db, running, silent, config)
  opened.push(source)
  await source.open()
  return source
}
function holding(): HeldLoads {
  const hold = new HeldLoads()
  held.push(hold)
  return hold
}
const cases = (source: string) =>
  store.value(`SELECT count() FROM case_events FINAL WHERE source = '${source}'`)
const loads = (source: string) =>
  store.rows<{ read: number; accepted: number }>(
    `SELECT read, accepted FROM loads FINAL WHERE source = '${source}' AND state = 'done' ORDER BY load_no`,
  )
const committed = (topic: string, partitions = 1): number[] =>
  Array.from({ length: partitions }, (_, partition) =>
    broker.committed(`clearway-${topic}`, topic, partition),
  )

test('two topics are loaded in batches by number and by time, and offsets are committed after the load', async () => {
  broker.topic('permits', 2)
  broker.topic('counter', 1)
  broker.send('permits', 0, ...numbered(0, 60))
  broker.send('permits', 1, ...numbered(60, 55))
  const byNumber = await reading(configOf('permits', { batch_messages: 50, batch_seconds: 3_600 }))
  const hold = holding()
  const byTime = await reading(configOf('counter', { name: 'Counter', batch_messages: 1_000_000 }), hold)
  broker.send('counter', 0, event('A'), `[${event('B')}, ${event('C')}]`, `${event('D')}\n${event('A')}\n`)

  await expect.poll(() => hold.done, patient).toBe(1)
  expect(committed('counter')).toEqual([-1])
  expect(byTime.state()).toMatchObject({
    kind: 'kafka',
    name: 'Counter',
    state: 'loading',
    waiting: 3,
    position: null,
  })
  hold.letGo()
  await expect.poll(() => committed('counter'), patient).toEqual([3])
  expect(await loads('counter')).toEqual([{ read: 5, accepted: 4 }])
  await expect
    .poll(() => byTime.state(), patient)
    .toMatchObject({ state: 'ready', waiting: 0, last_error: null })
  expect(byTime.state().position).toBe('partition 0: 3')

  await expect.poll(() => committed('permits', 2).reduce((a, b) => a + b), patient).toBe(100)
  expect(await loads('permits')).toEqual([
    { read: 50, accepted: 50 },
    { read: 50, accepted: 50 },
  ])
  expect(byNumber.state()).toMatchObject({ waiting: 15, last_error: null })
  expect(byNumber.state().position).toMatch(/^partition 0: \d+, partition 1: \d+$/)
})

test('messages that come again because their offset was not committed count once, and equal ones sent later are looked at', async () => {
  broker.topic('again', 1)
  broker.send('again', 0, ...numbered(0, 20))
  const hold = holding()
  const first = await reading(configOf('again'), hold)
  await expect.poll(() => hold.done, patient).toBe(1)
  await broker.stop()
  hold.letGo()
  await expect.poll(() => first.state(), patient).toMatchObject({ state: 'troubled', waiting: 0 })
  expect(first.state().last_error).toMatch(/^The broker 127\.0\.0\.1:\d+ cannot be reached .* by itself\.$/)
  await first.close()
  await broker.start()
  expect(committed('again')).toEqual([-1])

  const second = await reading(configOf('again'))
  broker.send('again', 0, ...numbered(18, 4))
  await expect.poll(() => committed('again'), patient).toEqual([24])
  expect(await cases('again')).toBe(22)
  const accepted = (await loads('again')).map((load) => load.accepted)
  expect(accepted.reduce((a, b) => a + b)).toBe(22)

  const back = (activity: string) => event(1).replace('Review', activity)
  for (const [at, activity] of ['Decision', 'Review', 'Decision'].entries()) {
    broker.send('again', 0, back(activity))
    await expect.poll(() => committed('again'), patient).toEqual([25 + at])
  }
  expect(
    await store.value(`SELECT any(activity) FROM case_events FINAL WHERE source = 'again' AND case_id = '1'`),
  ).toBe('Decision')
  expect(second.state()).toMatchObject({ waiting: 0, last_error: null })
})

test('no more is read than one batch that is loaded and one that waits for it', async () => {
  broker.topic('full', 1)
  broker.send('full', 0, ...numbered(0, 25))
  const hold = holding()
  const source = await reading(configOf('full', { batch_messages: 10 }), hold)
  await expect.poll(() => hold.done, patient).toBe(1)
  await expect.poll(() => source.state().waiting, patient).toBe(20)
  expect(committed('full')).toEqual([-1])
  hold.letGo()
  await expect.poll(() => committed('full'), patient).toEqual([25])
  expect((await loads('full')).map(({ read }) => read)).toEqual([10, 10, 5])
})

test('a source that is closed while it gathers leaves its messages for the next one', async () => {
  broker.topic('closed', 1)
  broker.send('closed', 0, ...numbered(0, 30))
  const first = await reading(configOf('closed', { batch_messages: 20, batch_seconds: 3_600 }))
  await expect.poll(() => first.state().waiting, patient).toBeGreaterThan(0)
  await first.close()
  await reading(configOf('closed'))
  await expect.poll(() => committed('closed'), patient).toEqual([30])
  expect(await cases('closed')).toBe(30)
})

test('broken messages are rejected rows, a batch with too many is set aside, and the topic goes on', async () => {
  broker.topic('broken', 1)
  const config = configOf('broken', { max_rejected_share: 0.8, batch_messages: 7 })
  const folder = path.join(topicFolder(store.db, config), 'failed')
  broker.send(
    'broken',
    0,
    'hello',
    event('A'),
    null,
    Buffer.from('fffe', 'hex'),
    '[{"case_id":',
    '7',
    event('B'),
  )
  const source = await reading(config)
  await expect.poll(() => committed('broken'), patient).toEqual([7])
  const rejected = await store.rows<{ line: number; raw: string }>(
    `SELECT DISTINCT line, raw FROM rejected_rows FINAL WHERE load_id IN (SELECT load_id FROM loads FINAL WHERE source = 'broken') ORDER BY line`,
  )
  expect(rejected).toEqual([
    { line: 1, raw: 'hello' },
    { line: 3, raw: '(an empty message)' },
    { line: 4, raw: '(no UTF-8 text; as base64) //4=' },
    { line: 5, raw: '[{"case_id":' },
    { line: 6, raw: '7' },
  ])

  broker.send('broken', 0, event('C').replace('2026-01-05T09:00:00Z', 'soon'))
  await expect.poll(() => committed('broken'), patient).toEqual([8])
  await expect.poll(() => source.state(), patient).toMatchObject({ state: 'troubled', waiting: 0 })
  expect(source.state().last_error).toContain('1 of 1 rows were rejected')
  const [kept = '', reason = ''] = (await readdir(folder)).sort()
  expect(await readFile(path.join(folder, kept), 'utf8')).toContain('"soon"')
  expect(reason).toBe(`${kept}.reason.txt`)
  expect(await readFile(path.join(folder, reason), 'utf8')).toBe(`${source.state().last_error}\n`)

  broker.send('broken', 0, `{"case_id":"${'x'.repeat(1_000_000)}"}`, event('D'))
  await expect.poll(() => committed('broken'), patient).toEqual([10])
  expect(source.state().last_error).toContain('more than 1 MB')
  expect((await readdir(folder)).filter((name) => name.endsWith('.message'))).toHaveLength(1)

  broker.send('broken', 0, event('E'))
  await expect.poll(() => committed('broken'), patient).toEqual([11])
  await expect.poll(() => source.state(), patient).toMatchObject({ state: 'ready', last_error: null })
  expect(await cases('broken')).toBe(4)
})

test('a broker that is away, a topic and a variable that are not there are told in the state, and mended without a restart', async () => {
  await broker.stop()
  const source = await reading(configOf('late', { user: '$CLEARWAY_TEST_NOBODY' }))
  await expect
    .poll(() => source.state().last_error, patient)
    .toBe('The environment variable CLEARWAY_TEST_NOBODY is not set, but the configuration names it.')
  const late = await reading(configOf('late'))
  await expect.poll(() => late.state().last_error, patient).toContain('cannot be reached')
  expect(late.state().state).toBe('troubled')
  await broker.start()
  await expect.poll(() => late.state().last_error, patient).toContain('has no topic late')
  broker.topic('late', 1)
  broker.send('late', 0, event('A'))
  await expect.poll(() => committed('late'), patient).toEqual([1])
  await broker.stop()
  await expect.poll(() => late.state().state, patient).toBe('troubled')
  await broker.start()
  broker.send('late', 0, event('B'))
  await expect.poll(() => committed('late'), patient).toEqual([2])
  expect(late.state()).toMatchObject({ last_error: null })
  expect(await cases('late')).toBe(2)
})

test('a partition that went to another member is committed by that member only', async () => {
  broker.topic('shared', 2)
  broker.send('shared', 0, ...numbered(0, 10))
  broker.send('shared', 1, ...numbered(10, 10))
  const [left, right] = [holding(), holding()]
  const first = await reading(configOf('shared', { name: 'left' }), left)
  await expect.poll(() => left.done, patient).toBe(1)
  broker.send('shared', 0, ...numbered(20, 10))
  broker.send('shared', 1, ...numbered(30, 10))
  await expect.poll(() => first.state().waiting, patient).toBe(40)
  await reading(configOf('shared', { name: 'right' }), right)
  await expect.poll(() => right.done, patient).toBe(1)
  left.letGo()
  await expect.poll(() => committed('shared', 2).sort((a, b) => a - b), patient).toEqual([-1, 20])
  right.letGo()
  await expect.poll(() => committed('shared', 2), patient).toEqual([20, 20])
  expect(await cases('shared')).toBe(40)
})
