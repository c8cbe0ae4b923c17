import type { Db } from '../../sql/db.ts'
import { isTight } from '../../sql/engine/room.ts'
import { freshness } from '../../sql/freshness.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import { punctuality, undelivered } from '../../sql/reportRuns.ts'
import { damagedParts } from '../check/parts.ts'
import type { Provider } from '../signIn/provider.ts'
import type { Watch } from './watch.ts'

/** What the store said of sources and reports when it was asked last. */
export type Known = {
  at: number
  feeds: Pick<Feed, 'source' | 'stream' | 'loaded_at' | 'state' | 'due_at'>[]
  reports: Awaited<ReturnType<typeof punctuality>> & { undelivered: number }
}
type Feed = Awaited<ReturnType<typeof freshness>>['feeds'][number]

/** How long the store may take to say that it is there, and to say what it knows, in milliseconds. */
const patience = 2_000
/** What the store says, and that a provider answers, is believed for so long. */
const believed = 30_000
/** The tables are read through a while after the start and then daily; where an answer met damage, at once, but not each time. */
const tables = { first: 60_000, again: 24 * 3_600_000, suspected: 10 * 60_000 }

export type LookOut = {
  look: () => Promise<void>
  known: () => Known | undefined
  /** An answer met what looks like damage. */
  suspect: () => void
  close: () => Promise<void>
}

type Options = {
  everyMs?: number
  now?: () => number
  providers?: Iterable<Pick<Provider, 'name' | 'answers'>>
}

/**
 * Asks the store every few seconds whether it is there, and now and then what it knows; looks whether the disk has room, who signs people in
 * answers, and the tables are whole. While the store does not answer, what it said last stays known with its time.
 */
export function lookOut(
  db: Db,
  watch: Watch,
  { everyMs = 10_000, now = Date.now, providers = [] }: Options = {},
): LookOut {
  let known: Known | undefined
  let reading: Promise<void> | undefined
  let looking: Promise<void> | undefined
  let closed = false

  const read = async (): Promise<void> => {
    const at = now()
    const [{ feeds }, reports, waiting, { sample }] = await Promise.all([
      freshness(db, new Date(at)),
      punctuality(db, new Date(at)),
      undelivered(db),
      readJurisdiction(db),
    ])
    known = {
      ...{ at, reports: { ...reports, undelivered: waiting } },
      feeds: feeds.map(({ source, stream, loaded_at, state, due_at }) =>
        // a sample was made once: nothing of it can be late
        sample
          ? { source, stream, loaded_at, state: 'fresh', due_at: null }
          : { source, stream, loaded_at, state, due_at },
      ),
    }
  }

  const once = async (): Promise<void> => {
    const answers = await within(
      db.ping().catch(() => false),
      false,
    )
    watch.store(answers)
    // a clock that is set back makes nothing newer than it is
    if (!answers || (known && Math.abs(now() - known.at) < believed)) return
    reading ??= read()
      .catch(() => {})
      .finally(() => {
        reading = undefined
      })
    await within(reading, undefined)
  }

  let askedAt = Number.NEGATIVE_INFINITY
  const askProviders = async (): Promise<void> => {
    if (Math.abs(now() - askedAt) < believed) return
    askedAt = now()
    await Promise.all([...providers].map(async (one) => watch.part('sign_in', await one.answers(), one.name)))
  }

  let dueAt = now() + tables.first
  let suspectedAt = Number.NEGATIVE_INFINITY
  let checking: Promise<void> | undefined
  // on a server its own people look after the disks
  if (db.kind === 'server') dueAt = Number.POSITIVE_INFINITY
  const checkTables = (): void => {
    if (closed || checking || now() < dueAt) return
    const at = now()
    dueAt = db.kind === 'server' ? Number.POSITIVE_INFINITY : at + tables.again
    checking = damagedParts(db)
      .then((found) => {
        watch.part('tables', found.length === 0)
        if (found.length > 0) dueAt = at + tables.suspected
      })
      // a store that does not answer is told as that
      .catch(() => {
        dueAt = at + tables.first
      })
      .finally(() => {
        checking = undefined
      })
  }

  const all = async (): Promise<void> => {
    watch.part('disk', !isTight(db.dataDir))
    await Promise.all([once(), within(askProviders(), undefined)])
    checkTables()
  }

  /** However many ask at once, the store is asked once. */
  const look = (): Promise<void> => {
    if (closed) return Promise.resolve()
    looking ??= all().finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(look, everyMs)
  timer.unref()
  void look()
  return {
    look,
    known: () => known,
    suspect: () => {
      if (Math.abs(now() - suspectedAt) < tables.suspected) return
      suspectedAt = now()
      dueAt = suspectedAt
    },
    close: async () => {
      closed = true
      clearInterval(timer)
      await looking
      await reading
    },
  }
}

/** What comes in time, else what stands instead. */
function within<T>(work: Promise<T>, instead: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, patience, instead)
    timer.unref()
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
