import { createRequire } from 'node:module'
import net from 'node:net'

/** The parts of the client's own protocol code that a broker needs too; they carry no types. */
type Encoder = {
  buffer: Buffer
  size(): number
  writeInt8(value: number): Encoder
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
  writeInt64(value: number): Encoder
  writeBoolean(value: boolean): Encoder
  writeString(value: string | null): Encoder
  writeBytes(value: Buffer): Encoder
  writeEncoder(value: Encoder): Encoder
  writeArray(values: (Encoder | number)[], type?: string): Encoder
}
type Decoder = {
  readInt8(): number
  readInt16(): number
  readInt32(): number
  readInt64(): { toString(): string }
  readString(): string
  readBytes(): Buffer
  readArray<T>(read: (decoder: Decoder) => T): T[]
}
type Batch = { firstOffset: number; lastOffsetDelta: number; records: Encoder[] }
type Protocol = {
  encoder: new () => Encoder
  decoder: new (buffer: Buffer) => Decoder
  'recordBatch/v0': { RecordBatch: (batch: Batch) => Promise<Encoder> }
  'recordBatch/record/v0': (record: { offsetDelta: number; key: null; value: Buffer | null }) => Encoder
}
const require = createRequire(import.meta.url)
const protocol = <Part extends keyof Protocol>(part: Part): Protocol[Part] =>
  require(`kafkajs/src/protocol/${part}`) as Protocol[Part]
const EncoderClass = protocol('encoder')
const DecoderClass = protocol('decoder')
const { RecordBatch } = protocol('recordBatch/v0')
const encodeRecord = protocol('recordBatch/record/v0')
const encode = (): Encoder => new EncoderClass()

const rebalancing = 27
const unknownMember = 25
const wrongGeneration = 22
const unknownTopic = 3

/** The one version of each request that this broker speaks, by the number of the request. */
const versions: Record<number, number> = {
  ...{ 1: 4, 2: 1, 3: 1, 8: 2, 9: 1, 10: 0, 11: 0, 12: 0, 13: 0, 14: 0, 18: 0 },
}

type Member = { metadata: Buffer; answer: ((answer: Encoder) => void) | undefined }
type Sync = { member: string; answer: (answer: Encoder) => void }

class Group {
  readonly members = new Map<string, Member>()
  readonly offsets = new Map<string, number>()
  generation = 0
  isJoining = false
  protocol = ''
  assignments: Map<string, Buffer> | undefined
  syncs: Sync[] = []
  timer: NodeJS.Timeout | undefined

  /** Everyone who is known has to ask again, or is gone after a while. */
  rejoin(): void {
    this.isJoining = true
    this.assignments = undefined
    for (const { answer } of this.syncs.splice(0))
      answer(encode().writeInt16(rebalancing).writeBytes(Buffer.alloc(0)))
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      for (const [id, { answer }] of this.members) if (!answer) this.members.delete(id)
      this.settle()
    }, 6_000)
    this.settle()
  }

  settle(): void {
    const all = [...this.members]
    if (!this.isJoining || all.length === 0 || all.some(([, { answer }]) => !answer)) return
    clearTimeout(this.timer)
    this.isJoining = false
    this.generation++
    const leader = all[0]?.[0] ?? ''
    for (const [id, member] of all) {
      const others = id === leader ? all : []
      const list = others.map(([name, { metadata }]) => encode().writeString(name).writeBytes(metadata))
      const head = encode().writeInt16(0).writeInt32(this.generation).writeString(this.protocol)
      member.answer?.(head.writeString(leader).writeString(id).writeArray(list))
      member.answer = undefined
    }
  }

  sync({ member, answer }: Sync): void {
    const mine = this.assignments?.get(member)
    if (this.assignments)
      answer(
        encode()
          .writeInt16(0)
          .writeBytes(mine ?? Buffer.alloc(0)),
      )
    else this.syncs.push({ member, answer })
  }

  standing(member: string, generation: number): number {
    if (!this.members.has(member)) return unknownMember
    if (generation !== this.generation) return wrongGeneration
    return this.isJoining ? rebalancing : 0
  }
}

/** For tests: a broker that speaks as much of Kafka's protocol as a consumer group needs, and keeps its topics while it is stopped. */
export class TestKafka {
  readonly #topics = new Map<string, (Buffer | null)[][]>()
  readonly #groups = new Map<string, Group>()
  readonly #sockets = new Set<net.Socket>()
  #server: net.Server | undefined
  #memberNumber = 0
  port = 0

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const server = net.createServer((socket) => this.#serve(socket))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    const address = server.address()
    if (address !== null && typeof address === 'object') this.port = address.port
  }

  /** Cuts every connection; members are forgotten, topics and committed offsets are not. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    for (const group of this.#groups.values()) {
      clearTimeout(group.timer)
      group.members.clear()
      group.syncs = []
    }
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  topic(name: string, partitions: number): void {
    this.#topics.set(
      name,
      Array.from({ length: partitions }, () => []),
    )
  }

  send(topic: string, partition: number, ...values: (string | Buffer | null)[]): void {
    const messages = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value))
    this.#topics.get(topic)?.[partition]?.push(...messages)
  }

  /** The offset that a group committed, or -1. */
  committed(group: string, topic: string, partition: number): number {
    return this.#groups.get(group)?.offsets.get(`${topic}/${partition}`) ?? -1
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {})
    socket.on('data', (data) => {
      received = Buffer.concat([received, data])
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0)
        const request = new DecoderClass(received.subarray(4, end))
        received = received.subarray(end)
        const [api, , correlation] = [request.readInt16(), request.readInt16(), request.readInt32()]
        request.readString()
        const answer = (body: Encoder): void => {
          if (socket.destroyed) return
          const whole = encode().writeInt32(correlation).writeEncoder(body)
          socket.write(encode().writeInt32(whole.size()).writeEncoder(whole).buffer)
        }
        void this.#answer(api, request, answer)
      }
    })
  }

  #group(name: string): Group {
    const group = this.#groups.get(name) ?? new Group()
    this.#groups.set(name, group)
    return group
  }

  async #answer(api: number, request: Decoder, answer: (body: Encoder) => void): Promise<void> {
    if (api === 18) {
      const list = Object.entries(versions).map(([key, version]) =>
        encode().writeInt16(Number(key)).writeInt16(version).writeInt16(version),
      )
      answer(encode().writeInt16(0).writeArray(list))
    } else if (api === 3) answer(this.#metadata(request))
    else if (api === 10)
      answer(encode().writeInt16(0).writeInt32(1).writeString('127.0.0.1').writeInt32(this.port))
    else if (api === 1) answer(await this.#fetch(request))
    else if (api === 2) {
      request.readInt32()
      answer(
        eachPartition(request, (topic, partition, decoder) => {
          const wanted = Number(decoder.readInt64())
          const end = this.#topics.get(topic)?.[partition]?.length ?? 0
          return encode()
            .writeInt32(partition)
            .writeInt16(0)
            .writeInt64(-1)
            .writeInt64(wanted === -2 ? 0 : end)
        }),
      )
    } else if (api === 8) {
      const group = this.#group(request.readString())
      const [generation, member] = [request.readInt32(), request.readString()]
      request.readInt64()
      const standing = group.standing(member, generation)
      const code = standing === rebalancing ? 0 : standing
      answer(
        eachPartition(request, (topic, partition, decoder) => {
          const offset = Number(decoder.readInt64())
          decoder.readString()
          if (code === 0) group.offsets.set(`${topic}/${partition}`, offset)
          return encode().writeInt32(partition).writeInt16(code)
        }),
      )
    } else if (api === 9) {
      const group = this.#group(request.readString())
      answer(
        eachPartition(request, (topic, partition) => {
          const offset = group.offsets.get(`${topic}/${partition}`) ?? -1
          return encode().writeInt32(partition).writeInt64(offset).writeString('').writeInt16(0)
        }),
      )
    } else this.#membership(api, request, answer)
  }

  #membership(api: number, request: Decoder, answer: (body: Encoder) => void): void {
    const group = this.#group(request.readString())
    if (api === 11) {
      request.readInt32()
      const id = request.readString() || `member-${++this.#memberNumber}`
      request.readString()
      const [chosen] = request.readArray((each) => ({ name: each.readString(), metadata: each.readBytes() }))
      group.protocol = chosen?.name ?? ''
      group.members.set(id, { metadata: chosen?.metadata ?? Buffer.alloc(0), answer })
      if (group.isJoining) group.settle()
      else group.rejoin()
    } else if (api === 14) {
      const [generation, member] = [request.readInt32(), request.readString()]
      const given = request.readArray((each) => [each.readString(), each.readBytes()] as const)
      const code = group.standing(member, generation)
      if (code !== 0) {
        answer(encode().writeInt16(code).writeBytes(Buffer.alloc(0)))
        return
      }
      if (given.length > 0) group.assignments = new Map(given)
      group.sync({ member, answer })
      if (group.assignments) for (const waiting of group.syncs.splice(0)) group.sync(waiting)
    } else if (api === 12) {
      const generation = request.readInt32()
      answer(encode().writeInt16(group.standing(request.readString(), generation)))
    } else {
      group.members.delete(request.readString())
      answer(encode().writeInt16(0))
      group.rejoin()
    }
  }

  #metadata(request: Decoder): Encoder {
    const asked = request.readArray((each) => each.readString())
    const topics = (asked.length > 0 ? asked : [...this.#topics.keys()]).map((name) => {
      const partitions = (this.#topics.get(name) ?? []).map((_, at) =>
        encode()
          .writeInt16(0)
          .writeInt32(at)
          .writeInt32(1)
          .writeArray([1], 'number')
          .writeArray([1], 'number'),
      )
      const code = this.#topics.has(name) ? 0 : unknownTopic
      return encode().writeInt16(code).writeString(name).writeBoolean(false).writeArray(partitions)
    })
    const self = encode().writeInt32(1).writeString('127.0.0.1').writeInt32(this.port).writeString(null)
    return encode().writeArray([self]).writeInt32(1).writeArray(topics)
  }

  async #fetch(request: Decoder): Promise<Encoder> {
    request.readInt32()
    const waitMs = request.readInt32()
    for (let skipped = 0; skipped < 2; skipped++) request.readInt32()
    request.readInt8()
    const wanted = request.readArray((topic) => ({
      topic: topic.readString(),
      partitions: topic.readArray((each) => {
        const found = { partition: each.readInt32(), offset: Number(each.readInt64()) }
        each.readInt32()
        return found
      }),
    }))
    const from = (topic: string, partition: number, offset: number): (Buffer | null)[] =>
      this.#topics.get(topic)?.[partition]?.slice(offset, offset + 500) ?? []
    const isThere = (): boolean =>
      wanted.some(({ topic, partitions }) =>
        partitions.some(({ partition, offset }) => from(topic, partition, offset).length > 0),
      )
    const until = performance.now() + waitMs
    while (!isThere() && performance.now() < until && this.#server)
      await new Promise((resolve) => setTimeout(resolve, 20))
    const topics = await Promise.all(
      wanted.map(async ({ topic, partitions }) => {
        const parts = await Promise.all(
          partitions.map(async ({ partition, offset }) => {
            const end = this.#topics.get(topic)?.[partition]?.length ?? 0
            const head = encode()
              .writeInt32(partition)
              .writeInt16(0)
              .writeInt64(end)
              .writeInt64(end)
              .writeArray([])
            return head.writeBytes(await recordsOf(from(topic, partition, offset), offset))
          }),
        )
        return encode().writeString(topic).writeArray(parts)
      }),
    )
    return encode().writeInt32(0).writeArray(topics)
  }
}

async function recordsOf(values: (Buffer | null)[], firstOffset: number): Promise<Buffer> {
  if (values.length === 0) return Buffer.alloc(0)
  const records = values.map((value, offsetDelta) => encodeRecord({ offsetDelta, key: null, value }))
  return (await RecordBatch({ firstOffset, lastOffsetDelta: values.length - 1, records })).buffer
}

/** An answer with one entry for every partition of every topic of the request. */
function eachPartition(
  request: Decoder,
  answer: (topic: string, partition: number, decoder: Decoder) => Encoder,
): Encoder {
  const topics = request.readArray((decoder) => {
    const topic = decoder.readString()
    return encode()
      .writeString(topic)
      .writeArray(decoder.readArray((each) => answer(topic, each.readInt32(), each)))
  })
  return encode().writeArray(topics)
}
