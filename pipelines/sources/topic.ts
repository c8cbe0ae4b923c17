import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import { type KafkaConfig, type MqttConfig, sourceName } from '../../sql/sourceConfig.ts'
import { loadMapping } from '../mapping.ts'
import { Gather } from './gather.ts'
import type { RunningLoads } from './running.ts'
import { patience, type Source, type SourceLog, type SourceState } from './source.ts'

/** How a kind of broker is spoken to. */
export type Broker<Receipt> = {
  /** Messages of one load at most. */
  most: number
  keepsLeft: boolean
  /**
   * Connects, and hands every message to the gathering until the connection ends or the signal does. `ready` is called when messages flow.
   * Throws what went wrong as a sentence for people.
   */
  connect: (gather: Gather<Receipt>, ready: () => void, signal: AbortSignal) => Promise<void>
  /** Tells the broker which messages are loaded. */
  settle: (receipts: Receipt[]) => Promise<void>
  /** How far the topic is loaded. */
  position: () => string | null
}

/** A topic of a broker: stays connected, tries again for ever, and says why when the broker is away. */
export class TopicSource<Receipt> implements Source {
  readonly #db: Db
  readonly #log: SourceLog
  readonly #config: MqttConfig | KafkaConfig
  readonly #broker: Broker<Receipt>
  readonly #gather: Gather<Receipt>
  readonly #closing = new AbortController()
  #isConnected = false
  #away: { at: string; reason: string } | undefined
  #work: Promise<void> | undefined

  constructor(
    db: Db,
    running: RunningLoads,
    log: SourceLog,
    config: MqttConfig | KafkaConfig,
    broker: Broker<Receipt>,
  ) {
    this.#db = db
    this.#log = log
    this.#config = config
    this.#broker = broker
    const { most, keepsLeft } = broker
    const settle = async (receipts: Receipt[]): Promise<void> => {
      // what is not settled is sent again and counts once
      await broker.settle(receipts).catch((error: unknown) => {
        log.warn({ source: sourceName(config), err: error }, 'a broker was not told what is loaded')
      })
    }
    this.#gather = new Gather(db, running, log, { config, most, keepsLeft, settle })
  }

  /** Begins to connect; a broker that is away shows in the state. */
  async open(): Promise<void> {
    this.#work = this.#stayConnected()
  }

  state(): SourceState {
    const { kind, mapping } = this.#config
    const { last } = this.#gather
    const isBusy = this.#gather.isLoading || !this.#isConnected
    const isTroubled = this.#away !== undefined || last.last_error !== null
    const { waiting, waitingBytes } = this.#gather
    return {
      ...{ kind, name: sourceName(this.#config), mapping },
      state: isTroubled ? 'troubled' : isBusy ? 'loading' : 'ready',
      ...{ waiting, waiting_bytes: waitingBytes, next_at: null, can_run: false },
      position: this.#broker.position(),
      ...last,
      ...(this.#away ? { last_at: this.#away.at, last_error: this.#away.reason } : {}),
    }
  }

  /** Stops the load at hand while the broker can still be told of those that ended; the rest is sent again. */
  async close(): Promise<void> {
    await this.#gather.close()
    this.#closing.abort()
    await this.#work
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#closing
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        await this.#gather.open()
        await this.#checkMapping()
        const ready = (): void => {
          tries = 0
          this.#isConnected = true
          this.#away = undefined
        }
        await this.#broker.connect(this.#gather, ready, signal)
      } catch (error) {
        if (signal.aborted) return
        const reason = error instanceof Error ? error.message : String(error)
        this.#away = { at: new Date().toISOString(), reason }
        this.#log.warn({ source: sourceName(this.#config), reason }, 'a topic is not reached')
      }
      this.#isConnected = false
      await wait(patience(tries), undefined, { signal }).catch(() => {})
    }
  }

  /** Before any message is taken, so that a wrong mapping does not set them all aside. */
  async #checkMapping(): Promise<void> {
    const { mapping } = this.#config
    const { format } = await loadMapping(
      mapping.endsWith('.json') ? path.resolve(this.#db.dataDir, mapping) : mapping,
    )
    if (format !== 'auto' && format !== 'ndjson')
      throw new Error(
        `The mapping ${mapping} reads ${format}, but messages are JSON. Choose a mapping whose format is ndjson or auto.`,
      )
  }
}

/** A setting that may name a variable of the environment, like `$KAFKA_PASSWORD`. Throws when there is no such variable. */
export function fromEnvironment(setting: string | undefined): string | undefined {
  if (!setting?.startsWith('$')) return setting
  const value = process.env[setting.slice(1)]
  if (value === undefined)
    throw new Error(
      `The environment variable ${setting.slice(1)} is not set, but the configuration names it.`,
    )
  return value
}
