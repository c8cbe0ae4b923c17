/** Which answers are told together: by the pattern of their route, the first that fits. */
const groups = [
  { group: 'intake', begins: '/api/v1/ingest' },
  { group: 'figures', begins: '/api/' },
  { group: 'feedback', begins: '/feedback' },
  { group: 'public', begins: '/public' },
] as const
export type Group = (typeof groups)[number]['group'] | 'dashboard'

/** Asked by machines every few seconds, or open for hours: they say nothing of how people are served. */
const uncounted = ['/healthz', '/readyz', '/metrics', '/status', '/api/v1/status', '/api/v1/loads/events']

const groupOf = (route: string): Group =>
  groups.find(({ begins }) => route.startsWith(begins))?.group ?? 'dashboard'

const slotMs = 5 * 60_000
const slots = 288
/** Upper edges of times in milliseconds, each a quarter above the one before, to more than a minute: a p95 is told so exactly. */
const edges = Array.from({ length: 51 }, (_, step) => 1.25 ** step)

type Counts = { n: number; failed: number; times: Uint32Array }
type Slot = { number: number; answers: Map<Group, Counts>; asked: number; answered: number }
/** Times are milliseconds since 1970; `until` is null while it lasts. */
export type Outage = { from: number; until: number | null }

/** Something the service needs, and since when it is as it is. */
export type Part = { part: 'disk' | 'sign_in' | 'tables'; name: string; well: boolean; since: number }

export type Seen = {
  /** From when on this was counted: the start of the server, or a day ago. */
  since: number
  answers: { group: Group; n: number; failed: number; p95_ms: number | null }[]
  store: {
    /** Null before it was asked. */
    answers: boolean | null
    asked: number
    answered: number
    outages: Outage[]
  }
  /** As they were when looked at last; what was never looked at is not among them. */
  parts: Part[]
}

/**
 * What a server notes of itself for a day, in slots of five minutes. It is kept in memory, so it tells the truth also while the store does not
 * answer, and begins anew with the server.
 */
export class Watch {
  readonly started: number
  readonly #now: () => number
  readonly #ring: Slot[] = []
  readonly #parts = new Map<string, Part>()
  #outages: Outage[] = []
  #answers: boolean | null = null

  constructor(now: () => number = Date.now) {
    this.#now = now
    this.started = now()
  }

  /** Notes an answer. What failed is our fault: a status of 500 or more. */
  observe(route: string, status: number, ms: number): void {
    if (uncounted.some((each) => route === each || route.startsWith(`${each}.`))) return
    const { answers } = this.#slot()
    const group = groupOf(route)
    const counts = answers.get(group) ?? { n: 0, failed: 0, times: new Uint32Array(edges.length) }
    answers.set(group, counts)
    counts.n += 1
    if (status >= 500) counts.failed += 1
    const found = edges.findIndex((upper) => ms <= upper)
    const edge = found < 0 ? edges.length - 1 : found
    counts.times[edge] = (counts.times[edge] ?? 0) + 1
  }

  /** Notes whether the store answered when it was asked. */
  store(answers: boolean): void {
    const slot = this.#slot()
    slot.asked += 1
    slot.answered += Number(answers)
    this.#answers = answers
    const last = this.#outages.at(-1)
    const now = this.#now()
    if (!answers && last?.until !== null) this.#outages.push({ from: now, until: null })
    if (answers && last?.until === null) last.until = now
    this.#outages = this.#outages.filter(({ until }) => until === null || until > now - slots * slotMs)
  }

  /** Notes how something is that the service needs. */
  part(part: Part['part'], well: boolean, name = ''): void {
    const key = `${part} ${name}`
    if (this.#parts.get(key)?.well !== well) this.#parts.set(key, { part, name, well, since: this.#now() })
  }

  /** The last 24 hours. */
  seen(): Seen {
    const now = this.#now()
    const last = Math.floor(now / slotMs)
    const recent = this.#ring.filter(({ number }) => number > last - slots && number <= last)
    const names = [...new Set(recent.flatMap(({ answers }) => [...answers.keys()]))].sort()
    return {
      since: Math.min(now, Math.max(this.started, now - slots * slotMs)),
      answers: names.map((group) => ({
        group,
        ...summed(recent.flatMap(({ answers }) => answers.get(group) ?? [])),
      })),
      store: {
        answers: this.#answers,
        asked: recent.reduce((sum, { asked }) => sum + asked, 0),
        answered: recent.reduce((sum, { answered }) => sum + answered, 0),
        outages: [...this.#outages],
      },
      parts: [...this.#parts.values()],
    }
  }

  #slot(): Slot {
    const number = Math.floor(this.#now() / slotMs)
    const at = number % slots
    const held = this.#ring[at]
    if (held?.number === number) return held
    const fresh: Slot = { number, answers: new Map(), asked: 0, answered: 0 }
    this.#ring[at] = fresh
    return fresh
  }
}

function summed(all: Counts[]): { n: number; failed: number; p95_ms: number | null } {
  const n = all.reduce((sum, counts) => sum + counts.n, 0)
  const failed = all.reduce((sum, counts) => sum + counts.failed, 0)
  let left = Math.ceil(0.95 * n)
  const p95 = edges.find((_, edge) => {
    left -= all.reduce((sum, { times }) => sum + (times[edge] ?? 0), 0)
    return left <= 0
  })
  return { n, failed, p95_ms: n === 0 || p95 === undefined ? null : Math.ceil(p95) }
}
