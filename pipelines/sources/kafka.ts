import { setTimeout as wait } from 'node:timers/promises'
import { decompress } from 'fzstd'
import type { KafkaConfig as ClientConfig, Consumer, EachBatchPayload, SASLOptions } from 'kafkajs'
import type { Db } from '../../sql/db.ts'
import type { KafkaConfig } from '../../sql/sourceConfig.ts'
import type { Gather } from './gather.ts'
import type { RunningLoads } from './running.ts'
import type { SourceLog } from './source.ts'
import { fromEnvironment, TopicSource } from './topic.ts'

/** A time in which a partition is ours, and the next offset as committed in it. */
type Claim = { next: bigint }
type Receipt = { partition: number; offset: bigint; claim: Claim }

const retry = { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000, restartOnFailure: async () => false }

/** A topic of Kafka, read as a member of a group from its beginning: offsets are committed once their messages are loaded. */
export class KafkaSource extends TopicSource<Receipt> {
  constructor(db: Db, running: RunningLoads, log: SourceLog, config: KafkaConfig) {
    const member = new Member(config)
    super(db, running, log, config, {
      ...{ most: config.batch_messages, keepsLeft: false, position: () => member.position() },
      connect: (gather, ready, signal) => member.hold(gather, ready, signal),
      settle: (receipts) => member.commit(receipts),
    })
  }
}

class Member {
  readonly #config: KafkaConfig
  #consumer: Consumer | undefined
  #memberId = ''
  #joins = 0
  readonly #claims = new Map<number, Claim>()
  /** The next offset of each partition, for people. */
  readonly #position = new Map<number, bigint>()

  constructor(config: KafkaConfig) {
    this.#config = config
  }

  position(): string | null {
    const known = [...this.#position].sort(([a], [b]) => a - b)
    return known.length === 0
      ? null
      : known.map(([partition, next]) => `partition ${partition}: ${next}`).join(', ')
  }

  async hold(gather: Gather<Receipt>, ready: () => void, signal: AbortSignal): Promise<void> {
    const { topic } = this.#config
    const { Kafka, CompressionCodecs, CompressionTypes } = await import('kafkajs')
    signal.throwIfAborted()
    CompressionCodecs[CompressionTypes.ZSTD] = zstd
    const kafka = new Kafka(this.#options())
    const consumer = kafka.consumer({
      ...{
        groupId: groupOf(this.#config),
        retry,
        allowAutoTopicCreation: false,
        maxWaitTimeInMs: 500,
        metadataMaxAge: 60_000,
      },
    })
    try {
      await new Promise<void>((_, fail) => {
        signal.addEventListener('abort', () => fail(signal.reason), { once: true })
        consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error))
        consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
          this.#claim(payload.memberId, payload.memberAssignment[topic] ?? [])
          // some of it may be another member's now; what is not is read again from the first message that is forgotten
          for (const [partition, offset] of firstOf(gather.drop()))
            if (this.#claims.has(partition)) consumer.seek({ topic, partition, offset: String(offset) })
          ready()
        })
        const start = async (): Promise<void> => {
          await consumer.connect()
          await consumer.subscribe({ topic, fromBeginning: true })
          this.#consumer = consumer
          await consumer.run({
            ...{ autoCommit: false, eachBatchAutoResolve: false },
            eachBatch: (payload) => this.#take(payload, gather, signal),
          })
        }
        start().catch(fail)
      })
    } catch (error) {
      throw explain(error, this.#config)
    } finally {
      this.#consumer = undefined
      this.#claims.clear()
      await Promise.race([consumer.disconnect(), wait(3_000, undefined, { ref: false })]).catch(() => {})
    }
  }

  /** Throws when the broker does not take it. What is no longer ours is for the next owner to load and to commit. */
  async commit(receipts: Receipt[]): Promise<void> {
    const next = new Map<number, bigint>()
    for (const { partition, offset, claim } of receipts)
      if (this.#claims.get(partition) === claim && offset >= claim.next) next.set(partition, offset + 1n)
    const { topic } = this.#config
    const offsets = [...next].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))
    if (offsets.length === 0 || !this.#consumer) return
    await this.#consumer.commitOffsets(offsets)
    for (const [partition, offset] of next) {
      const claim = this.#claims.get(partition)
      if (claim) claim.next = offset
      this.#position.set(partition, offset)
    }
  }

  async #take(
    { batch, ...given }: EachBatchPayload,
    gather: Gather<Receipt>,
    signal: AbortSignal,
  ): Promise<void> {
    const { topic, partition } = batch
    const joins = this.#joins
    const claim = this.#claims.get(partition)
    if (claim === undefined) return
    const isOver = (): boolean => !given.isRunning() || signal.aborted || joins !== this.#joins
    for (const [at, { offset, value }] of batch.messages.entries()) {
      while (gather.full && !isOver()) {
        await given.heartbeat()
        await Promise.race([gather.room(), wait(1_000, undefined, { ref: false })])
      }
      if (isOver() || given.isStale()) return
      const mark = `${topic} ${partition}:${offset}`
      gather.add(value ?? Buffer.alloc(0), { partition, offset: BigInt(offset), claim }, mark)
      given.resolveOffset(offset)
      if (at % 1_000 === 999) await given.heartbeat()
    }
    await given.heartbeat()
  }

  /** Partitions that stay with the same member stay claimed. */
  #claim(memberId: string, partitions: number[]): void {
    const before = memberId === this.#memberId ? new Map(this.#claims) : new Map<number, Claim>()
    this.#memberId = memberId
    this.#joins++
    this.#claims.clear()
    for (const partition of partitions) this.#claims.set(partition, before.get(partition) ?? { next: 0n })
    for (const partition of this.#position.keys())
      if (!this.#claims.has(partition)) this.#position.delete(partition)
  }

  #options(): ClientConfig {
    const { brokers, tls, user, password, mechanism } = this.#config
    const secrets = { username: fromEnvironment(user) ?? '', password: fromEnvironment(password) ?? '' }
    const sasl: SASLOptions | undefined = user === undefined ? undefined : { mechanism, ...secrets }
    return {
      ...{ clientId: 'clearway', brokers, ssl: tls, retry, connectionTimeout: 5_000, requestTimeout: 15_000 },
      ...(sasl ? { sasl } : {}),
      // what goes wrong shows in the state of the source
      logCreator: () => () => {},
    }
  }
}

/** The first offset of each partition. */
function firstOf(receipts: Receipt[]): Map<number, bigint> {
  const first = new Map<number, bigint>()
  for (const { partition, offset } of receipts) {
    const known = first.get(partition)
    if (known === undefined || offset < known) first.set(partition, offset)
  }
  return first
}

const groupOf = ({ group, topic }: KafkaConfig): string => group ?? `clearway-${topic}`

/** The reader of zstd batches; what else is compressed is told by its name in the state. */
const zstd = () => ({
  compress: async (): Promise<Buffer> => {
    throw new Error('Nothing is sent from here.')
  },
  decompress: async (bytes: Buffer): Promise<Buffer> => Buffer.from(decompress(bytes)),
})

function explain(error: unknown, config: KafkaConfig): unknown {
  const { brokers, topic } = config
  if (!(error instanceof Error)) return error
  const named = brokers.join(', ')
  const text = `${error.name} ${'type' in error ? String(error.type) : ''} ${error.message}`
  if (/SASL/i.test(text)) return new Error(`The broker ${named} refuses the user or the password.`)
  if (/UNKNOWN_TOPIC|does not host this topic/.test(text))
    return new Error(`The broker ${named} has no topic ${topic}.`)
  if (/TOPIC_AUTHORIZATION/.test(text))
    return new Error(`The broker ${named} does not let us read the topic ${topic}.`)
  if (/GROUP_AUTHORIZATION/.test(text))
    return new Error(`The broker ${named} does not let us join the group ${groupOf(config)}.`)
  const codec = /(\w+) compression not implemented/i.exec(text)?.[1]
  if (codec)
    return new Error(
      `The topic ${topic} is compressed with ${codec}, which is not read here. Let its producers use gzip or zstd.`,
    )
  if (/Connection|ECONN|ENOTFOUND|timed? ?out|NumberOfRetries|NoBroker/i.test(text))
    return new Error(`The broker ${named} cannot be reached (${error.message}). It is tried again by itself.`)
  return error
}
