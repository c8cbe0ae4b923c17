import type { Db } from '../../sql/db.ts'
import { type Ending, endSessions, sessionsEnded } from '../../sql/sessionsEnded.ts'
import { idOf, type Session } from './session.ts'

/** For how long what the store said is believed: another process ends a session no later than this. */
const believed = 5_000
/** No session gets older. */
const longest = 24 * 3_600_000

/** The sessions that were ended before their time. Without the store nobody is let in. */
export class Ended {
  #asked = Number.NEGATIVE_INFINITY
  #known: Promise<Map<string, number>> | undefined

  constructor(
    private readonly db: Db,
    private readonly clock: () => number,
  ) {}

  async has(session: Session): Promise<boolean> {
    const { provider, id, provider_session, begun } = session
    const known = await this.#ask()
    const names = [
      key('session', id),
      key('person', idOf(session)),
      ...(provider_session === undefined ? [] : [key('provider_session', `${provider}:${provider_session}`)]),
    ]
    return names.some((name) => begun <= (known.get(name) ?? Number.NEGATIVE_INFINITY))
  }

  /** Whether a message of a provider was heard before. */
  async heard(id: string): Promise<boolean> {
    return (await this.#read()).has(key('logout_token', id))
  }

  /** Ends what began until now. */
  async end(kind: Ending['kind'], id: string): Promise<void> {
    const now = new Date(this.clock()).toISOString()
    await endSessions(this.db, { kind, id, until: now }, now)
    this.#known = undefined
  }

  #ask(): Promise<Map<string, number>> {
    if (this.#known && Math.abs(this.clock() - this.#asked) < believed) return this.#known
    this.#asked = this.clock()
    const reading = this.#read()
    this.#known = reading
    reading.catch(() => {
      if (this.#known === reading) this.#known = undefined
    })
    return reading
  }

  async #read(): Promise<Map<string, number>> {
    const since = new Date(this.clock() - longest).toISOString()
    const rows = await sessionsEnded(this.db, since)
    return new Map(rows.map(({ kind, id, until }) => [key(kind, id), Date.parse(until)]))
  }
}

const key = (kind: Ending['kind'], id: string): string => `${kind} ${id}`
