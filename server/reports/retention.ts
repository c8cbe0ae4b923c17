import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openRuns } from '../../sql/reportRuns.ts'
import type { Archive } from './archive.ts'
import type { MadeReport } from './content.ts'
import type { ReportsDesk } from './runs/desk.ts'
import { madeFolder } from './runs/made.ts'

type Where = Pick<ReportsDesk, 'db' | 'disk'>

const dayMs = 86_400_000

/**
 * The files that runs under way need, by checksum: of those being handed over, and what is made for the others. A parcel belongs to a
 * run that is not at an end, so none is missed. A file that is taken on later was kept a moment ago, or is made already.
 */
export async function neededFiles({ db, disk }: Where): Promise<Set<string>> {
  const folder = madeFolder({ db, disk })
  const names = (await disk.list(folder)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name))
  const texts = await Promise.all(names.map((name) => disk.read(join(folder, name))))
  const made = texts.flatMap((text) => (text ? [(JSON.parse(text) as MadeReport).file.sha256] : []))
  return new Set([...made, ...(await openRuns(db)).map(({ sha256 }) => sha256)])
}

type Retention = {
  archive: Pick<Archive, 'forget'>
  /** Days a report is kept; asked each time. */
  days: () => number
  onForgotten: (sha256: string[]) => void
  onTrouble: (error: unknown) => void
}

/** While a server runs: forgets once a day what was sent longer ago than reports are kept. */
export function forgetReportsDaily(
  where: Where,
  { archive, days, onForgotten, onTrouble }: Retention,
): { close: () => Promise<void> } {
  const stop = new AbortController()
  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        const needed = await neededFiles(where)
        const gone = await archive.forget({ days: days(), needed: (sha256) => needed.has(sha256) })
        if (gone.length > 0) onForgotten(gone)
      } catch (error) {
        onTrouble(error)
      }
      await wait(dayMs, undefined, { signal: stop.signal, ref: false }).catch(() => {})
    }
  })()
  return {
    close: async () => {
      stop.abort()
      await running
    },
  }
}
