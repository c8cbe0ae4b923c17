import type { Db } from '../../sql/db.ts'
import { freshness } from '../../sql/freshness.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import { punctuality } from '../../sql/reportRuns.ts'
import type { Watch } from './watch.ts'

/** What the store said of sources and reports when it was asked last. */
export type Known = {
  at: number
  feeds: Pick<Feed, 'source' | 'stream' | 'loaded_at' | 'state' | 'due_at'>[]
  reports: Awaited<ReturnType<typeof punctuality>>
}
type Feed = Awaited<ReturnType<typeof freshness>>['feeds'][number]

/** How long the store may take to say that it is there, and to say what it knows, in milliseconds. */
const patience = 2_000
/** What the store says is believed for so long. */
const believed = 30_000

export type LookOut = {
  look: () => Promise<void>
  known: () => Known | undefined
  close: () => Promise<void>
}

/**
 * Asks the store every few seconds whether it is there, and now and then what it knows. While it does not answer, what it said last stays known
 * with its time.
 */
export function lookOut(
  db: Db,
  watch: Watch,
  { everyMs = 10_000, now = Date.now }: { everyMs?: number; now?: () => number } = {},
): LookOut {
  let known: Known | undefined
  let reading: Promise<void> | undefined
  let looking: Promise<void> | undefined
  let closed = false

  const read = async (): Promise<void> => {
    const at = now()
    const [{ feeds }, reports, { sample }] = await Promise.all([
      freshness(db, new Date(at)),
      punctuality(db, new Date(at)),
      readJurisdiction(db),
    ])
    known = {
      ...{ at, reports },
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
    if (!answers || (known && now() - known.at < believed)) return
    reading ??= read()
      .catch(() => {})
      .finally(() => {
        reading = undefined
      })
    await within(reading, undefined)
  }

  /** However many ask at once, the store is asked once. */
  const look = (): Promise<void> => {
    if (closed) return Promise.resolve()
    looking ??= once().finally(() => {
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
