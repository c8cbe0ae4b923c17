import type { Logger } from 'pino'
import type { Db } from '../../sql/db.ts'
import { type ApiKey, findKey, idIn, isOpen, keysVersion, noteUses } from '../../sql/keys.ts'
import { believedFor } from '../believed.ts'

type Options = {
  /** Milliseconds for which it is believed that no key has changed. */
  age: number
  log: Logger
}

const mostKept = 1_000
/** Milliseconds after which a use is noted again, and for which uses are gathered before they are. */
const [noteEvery, gathered] = [60_000, 1_000]

/** The keys as every request asks for them: each is read once, and again when any key was made or revoked. */
export class Keyring {
  readonly #version: () => Promise<string>
  #known = new Map<string, Promise<ApiKey | undefined>>()
  #knownFor = ''
  readonly #noted = new Map<string, number>()
  readonly #uses = new Map<string, Date>()

  constructor(
    readonly db: Db,
    readonly options: Options,
  ) {
    this.#version = believedFor(options.age, () => keysVersion(db))
  }

  /** The key behind a bearer token, unless it is unknown, revoked or expired. Notes that it was used. */
  async find(token: string): Promise<ApiKey | undefined> {
    if (!idIn(token)) return undefined
    const version = await this.#version()
    if (version !== this.#knownFor) {
      this.#knownFor = version
      this.#known = new Map()
    }
    const known = this.#known
    const found = known.get(token) ?? findKey(this.db, token)
    known.set(token, found)
    const key = await found.catch((error: unknown) => {
      known.delete(token)
      throw error
    })
    // what opens nothing is asked for by anybody, and in any number
    if (!key || known.size > mostKept) known.delete(token)
    if (!key || !isOpen(key)) return undefined
    this.#used(key.id)
    return key
  }

  #used(id: string): void {
    const now = Date.now()
    if (now - (this.#noted.get(id) ?? 0) <= noteEvery) return
    this.#noted.set(id, now)
    if (this.#uses.size === 0) setTimeout(() => this.#note(), gathered).unref()
    this.#uses.set(id, new Date(now))
  }

  #note(): void {
    const uses = [...this.#uses].map(([id, at]) => ({ id, at }))
    this.#uses.clear()
    noteUses(this.db, uses).catch((error: unknown) =>
      this.options.log.warn({ err: error }, 'uses of keys were not noted'),
    )
  }
}
