import { readdir } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { Aedes } from 'aedes'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type MqttConfig, sourceConfig } from '../../sql/sourceConfig.ts'
import { useStore } from '../testStore.ts'
import { topicFolder } from './gather.ts'
import { MqttSource } from './mqtt.ts'
import { RunningLoads } from './running.ts'
import { HeldLoads } from './testHeld.ts'

/** A broker that keeps its sessions while it cannot be reached. */
class TestBroker {
  acknowledged = 0
  port = 0
  #aedes: Aedes | undefined
  #server: net.Server | undefined
  readonly #sockets = new Set<net.Socket>()

  async start(): Promise<void> {
    this.#aedes ??= await Aedes.createBroker()
    const aedes = this.#aedes
    aedes.removeAllListeners('ack')
    aedes.on('ack', (packet) => {
      if (packet && 'topic' in packet) this.acknowledged++
    })
    const server = net.createServer((socket) => {
      this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {}))
      aedes.handle(socket)
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    const address = server.address()
    if (address !== null && typeof address === 'object') this.port = address.port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  async close(): Promise<void> {
    await this.stop()
    await new Promise<void>((resolve) => this.#aedes?.close(resolve))
  }

  async send(topic: string, ...payloads: string[]): Promise<void> {
    for (const payload of payloads)
      await new Promise<void>((resolve, fail) =>
        this.#aedes?.publish(
          { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false },
          (error) => (error ? fail(error) : resolve()),
        ),
      )
  }
}

const store = useStore()
const held: HeldLoads[] = []
const broker = new TestBroker()
const silent = { info: () => {}, warn: () => {} }
const patient = { timeout: 60_000, interval: 50 }
const opened: MqttSource[] = []

// each of these makes several loads and waits for a broker to be found again
vi.setConfig({ testTimeout: 120_000 })

beforeAll(() => broker.start())
afterEach(async () => {
  for (const each of held.splice(0)) each.letGo()
  await Promise.all(opened.splice(0).map((source) => source.close()))
})
afterAll(() => broker.close())

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
function configOf(topic: string, more: Partial<MqttConfig> = {}): MqttConfig {
  const given = {
    kind: 'mqtt',
    url: `mqtt://127.0.0.1:${broker.port}`,
    topic,
    mapping: 'clearway',
    source: topic,
  }
  return sourceConfig.parse({ ...given, batch_seconds: 0.3, ...more }) as MqttConfig
}
async function reading(config: MqttConfig, running = new RunningLoads()): Promise<MqttSource> {
  const source = new MqttSource(store.db, running, silent, config)
  opened.push(source)
  await source.open()
  return source
}
const isReady = (source: MqttSource) => expect.poll(() => source.state().state, patient).toBe('ready')
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

const sums = (all: { read: number; accepted: number }[]) => ({
  read: all.reduce((sum, { read }) => sum + read, 0),
  accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
})

test('two topics are loaded in batches by number and by time, and acknowledged after the load', async () => {
  const byNumber = await reading(configOf('permits', { batch_messages: 50, batch_seconds: 3_600 }))
  const hold = holding()
  const byTime = await reading(configOf('city/+/counter', { name: 'Counter', source: 'counter' }), hold)
  await Promise.all([isReady(byNumber), isReady(byTime)])
  await broker.send('city/north/counter', event('A'), `[${event('B')}, ${event('C')}]`)
  await broker.send('city/south/counter', `${event('D')}\n${event('A')}\n`)
  await expect.poll(() => hold.done, patient).toBe(1)
  expect(broker.acknowledged).toBe(0)
  expect(byTime.state()).toMatchObject({ kind: 'mqtt', name: 'Counter', state: 'loading', position: null })
  hold.letGo()
  await expect.poll(() => broker.acknowledged, patient).toBe(3)
  expect(sums(await loads('counter'))).toEqual({ read: 5, accepted: 4 })

  await broker.send('permits', ...numbered(0, 115))
  await expect.poll(() => broker.acknowledged, patient).toBe(103)
  expect(await loads('permits')).toEqual([
    { read: 50, accepted: 50 },
    { read: 50, accepted: 50 },
  ])
  expect(byNumber.state()).toMatchObject({ waiting: 15, last_error: null })
})

test('messages that were not acknowledged come again after the broker was away, and count once', async () => {
  const hold = holding()
  const source = await reading(configOf('again'), hold)
  await isReady(source)
  const before = broker.acknowledged
  await broker.send('again', ...numbered(0, 20))
  await expect.poll(() => hold.done, patient).toBe(1)
  await broker.stop()
  hold.letGo()
  await expect.poll(() => source.state(), patient).toMatchObject({ state: 'troubled', waiting: 0 })
  expect(source.state().last_error).toMatch(/^The broker 127\.0\.0\.1:\d+ .* by itself\.$/)
  await broker.send('again', ...numbered(18, 4))
  expect(broker.acknowledged).toBe(before)
  await broker.start()
  await expect.poll(() => broker.acknowledged - before, patient).toBe(24)
  await isReady(source)
  expect(await cases('again')).toBe(22)
  expect(sums(await loads('again'))).toMatchObject({ accepted: 22 })
})

test('what comes while we are away, and what was gathered when we left, is loaded at the next start', async () => {
  const config = configOf('away')
  const first = await reading({ ...config, batch_seconds: 3_600 })
  await isReady(first)
  await broker.send('away', ...numbered(0, 5))
  await expect.poll(() => first.state().waiting, patient).toBe(5)
  await first.close()
  expect(
    (await readdir(topicFolder(store.db, config))).filter((name) => name.endsWith('.ndjson')),
  ).toHaveLength(1)
  await broker.send('away', ...numbered(5, 5))
  const second = await reading(config)
  await expect.poll(() => cases('away'), patient).toBe(10)
  await expect
    .poll(() => second.state(), patient)
    .toMatchObject({ state: 'ready', waiting: 0, last_error: null })
  expect(await readdir(topicFolder(store.db, config))).toEqual(['failed'])
})

test('broken messages are rejected rows, a batch with too many is set aside, and the topic goes on', async () => {
  const config = configOf('broken', { max_rejected_share: 0.5, batch_messages: 3, batch_seconds: 3_600 })
  const source = await reading(config)
  await isReady(source)
  const before = broker.acknowledged
  await broker.send('broken', 'hello', event('A'), event('B'))
  await expect.poll(() => broker.acknowledged - before, patient).toBe(3)
  expect(await loads('broken')).toMatchObject([{ read: 3, accepted: 2 }])
  await broker.send('broken', 'one', 'two', event('C'))
  await expect.poll(() => broker.acknowledged - before, patient).toBe(6)
  await expect.poll(() => source.state(), patient).toMatchObject({ state: 'troubled', waiting: 0 })
  expect(source.state().last_error).toContain('2 of 3 rows were rejected')
  expect(await readdir(path.join(topicFolder(store.db, config), 'failed'))).toHaveLength(2)
  await broker.send('broken', ...numbered(0, 3))
  await expect.poll(() => broker.acknowledged - before, patient).toBe(9)
  await isReady(source)
  expect(await cases('broken')).toBe(5)
})

test('a broker of MQTT 5 is told how many messages may be on their way, and how long to keep them', async () => {
  const told: Buffer[] = []
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const server = net.createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (packet) => {
        told.push(packet)
        const kind = (packet[0] ?? 0) >> 4
        if (kind === 1) socket.write(Buffer.from('2003000000', 'hex'))
        if (kind !== 8) return
        socket.write(
          Buffer.concat([Buffer.from('9004', 'hex'), packet.subarray(2, 4), Buffer.from('0001', 'hex')]),
        )
        const body = Buffer.concat([text('five'), Buffer.from('004d00', 'hex'), Buffer.from(event('A'))])
        socket.write(Buffer.concat([Buffer.from([0x32, (body.length & 127) | 128, body.length >> 7]), body]))
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await reading(configOf('five', { url: `mqtt://127.0.0.1:${port}`, batch_messages: 100 }))
  // acknowledged is the message with the number 77
  await expect.poll(() => told.at(-1)?.toString('hex'), patient).toMatch(/^40..004d/)
  expect(await cases('five')).toBe(1)
  const [connect = Buffer.alloc(0)] = told
  expect(connect.toString('hex')).toContain(`${text('MQTT').toString('hex')}05`)
  expect(connect.toString('hex')).toContain('1100093a80') // the session is kept for 7 days
  expect(connect.toString('hex')).toContain('2100c8') // 200 messages
  server.close()
})

test('a broker that is away at the start, a mapping for other formats and a secret are told in the state', async () => {
  await broker.stop()
  const source = await reading(configOf('late'))
  await expect.poll(() => source.state().last_error, patient).toMatch(/cannot be reached \(ECONNREFUSED\)/)
  await broker.start()
  await isReady(source)
  const wrong = await reading(configOf('wrong', { mapping: 'xes' }))
  await expect
    .poll(() => wrong.state().last_error, patient)
    .toContain('The mapping xes reads xes, but messages are JSON.')
  const secret = await reading(configOf('secret', { user: 'city', password: '$CLEARWAY_TEST_NOBODY' }))
  await expect.poll(() => secret.state().last_error, patient).toContain('CLEARWAY_TEST_NOBODY is not set')
  expect(() => configOf('topic', { url: 'mqtt://city:secret@127.0.0.1' })).toThrow(/settings of their own/)
})
