import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { IClientOptions, MqttClient } from 'mqtt'
import type { Db } from '../../sql/db.ts'
import { type MqttConfig, sourceName } from '../../sql/sourceConfig.ts'
import type { Gather } from './gather.ts'
import type { RunningLoads } from './running.ts'
import type { SourceLog } from './source.ts'
import { fromEnvironment, TopicSource } from './topic.ts'

/** A message that waits to be acknowledged on the connection it came by; undefined for one that needs none. */
type Receipt = { client: MqttClient; messageId: number } | undefined

/** The broker sends at most 65,535 messages that are not acknowledged: one batch that is loaded and one that is gathered. */
const mostInFlight = 65_535
/** So long the broker keeps what comes while we are away. Seconds. */
const sessionSeconds = 7 * 86_400
const wrongVersion = [1, 132]

/**
 * A topic of an MQTT broker, read with QoS 1 in a session that outlives the connection: messages are acknowledged once they are loaded. Speaks
 * MQTT 5, and 3.1.1 where the broker knows no better; such a broker sends no more at once than its own window allows.
 */
export class MqttSource extends TopicSource<Receipt> {
  constructor(db: Db, running: RunningLoads, log: SourceLog, config: MqttConfig) {
    const most = Math.min(config.batch_messages, Math.floor(mostInFlight / 2))
    const connection = new Connection(db, config, Math.min(mostInFlight, most * 2))
    super(db, running, log, config, {
      ...{ most, keepsLeft: true, position: () => null },
      connect: (gather, ready, signal) => connection.hold(gather, ready, signal),
      settle: async (receipts) => connection.acknowledge(receipts),
    })
  }
}

class Connection {
  readonly #db: Db
  readonly #config: MqttConfig
  readonly #window: number
  #version: 4 | 5 = 5
  #client: MqttClient | undefined

  constructor(db: Db, config: MqttConfig, window: number) {
    this.#db = db
    this.#config = config
    this.#window = window
  }

  async hold(gather: Gather<Receipt>, ready: () => void, signal: AbortSignal): Promise<void> {
    const { connect } = await import('mqtt')
    const options = await this.#options()
    const { host } = new URL(this.#config.url)
    signal.throwIfAborted()
    const client = connect(this.#config.url, options)
    let isAnswered = false
    try {
      await new Promise<void>((_, fail) => {
        client.handleMessage = (packet, next) => {
          if (packet.cmd !== 'publish') return next()
          const receipt =
            packet.qos > 0 && packet.messageId !== undefined
              ? { client, messageId: packet.messageId }
              : undefined
          const mark = new Date().toISOString()
          const { payload } = packet
          gather.add(typeof payload === 'string' ? Buffer.from(payload) : payload, receipt, mark)
          // an error here means no more than that the acknowledgement is not sent yet
          const goOn = (): void => next(receipt && new Error('acknowledged when it is loaded'))
          if (gather.full) void gather.room().then(goOn)
          else goOn()
        }
        client.on('connect', () => {
          isAnswered = true
          this.#client = client
          client.subscribe(this.#config.topic, { qos: 1 }, (error, granted) => {
            if (error || granted?.some(({ qos }) => qos > 2))
              fail(new Error(`The broker ${host} does not let us read the topic ${this.#config.topic}.`))
            else ready()
          })
        })
        client.on('error', fail)
        client.on('close', () =>
          fail(new Error(`The broker ${host} closed the connection. It is connected to again by itself.`)),
        )
        signal.addEventListener('abort', () => fail(signal.reason), { once: true })
      })
    } catch (error) {
      const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
      // a broker that does not know MQTT 5 says so, or says nothing
      const isForeign = !isAnswered && (wrongVersion.includes(Number(code)) || code === undefined)
      if (isForeign) this.#version = this.#version === 5 ? 4 : 5
      if (!isForeign || this.#version === 5 || signal.aborted) throw explain(error, code, host)
    } finally {
      this.#client = undefined
      await Promise.race([client.endAsync(), wait(1_000, undefined, { ref: false })]).catch(() => {})
      client.stream.destroy()
    }
    return this.hold(gather, ready, signal)
  }

  /** Messages of an earlier connection are sent again: their numbers mean others now. */
  acknowledge(receipts: Receipt[]): void {
    for (const receipt of receipts)
      if (receipt && receipt.client === this.#client && receipt.client.connected)
        // biome-ignore lint/complexity/useLiteralKeys: the client has no public way to acknowledge later
        receipt.client['_sendPacket']({ cmd: 'puback', messageId: receipt.messageId, reasonCode: 0 })
  }

  async #options(): Promise<IClientOptions> {
    const { user, password } = this.#config
    const username = fromEnvironment(user)
    const secret = fromEnvironment(password)
    return {
      ...{ protocolVersion: this.#version, clientId: await this.#clientId(), clean: false, keepalive: 30 },
      ...{ reconnectPeriod: 0, connectTimeout: 10_000, resubscribe: false },
      ...(username === undefined ? {} : { username }),
      ...(secret === undefined ? {} : { password: secret }),
      ...(this.#version === 5
        ? { properties: { sessionExpiryInterval: sessionSeconds, receiveMaximum: this.#window } }
        : {}),
    }
  }

  /** The name of the session at the broker: the same after a restart, another one for each data folder, source and topic. */
  async #clientId(): Promise<string> {
    const file = path.join(this.#db.dataDir, 'sources', 'client.id')
    await writeFile(file, randomBytes(16).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(() => {})
    const parts = [await readFile(file, 'utf8'), sourceName(this.#config), this.#config.topic]
    return `clearway${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 15)}`
  }
}

const refused: Record<string, string> = {
  4: 'refuses the user or the password',
  5: 'refuses the user or the password',
  134: 'refuses the user or the password',
  135: 'does not let this user in',
  133: 'refuses the name of our session',
  2: 'refuses the name of our session',
  1: 'speaks another version of MQTT',
  132: 'speaks another version of MQTT',
}

function explain(error: unknown, code: unknown, host: string): unknown {
  const why = refused[String(code)]
  if (why) return new Error(`The broker ${host} ${why}.`)
  if (typeof code !== 'string') return error
  return new Error(`The broker ${host} cannot be reached (${code}). It is tried again by itself.`)
}
