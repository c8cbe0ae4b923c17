import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { withLock } from '../../../pipelines/lock.ts'
import { locks } from '../../../pipelines/publish.ts'
import type { Config } from '../../../sql/config.ts'
import type { Db } from '../../../sql/db.ts'
import type { Filters, Period } from '../../../sql/filters.ts'
import type { freshness } from '../../../sql/freshness.ts'
import type { Missing } from '../../../sql/reader.ts'
import type { MadeReport, ReportFile, ReportRequest } from '../content.ts'
import type { Opening } from '../delivery/openings.ts'
import type { Postman } from '../parcel.ts'

/** What is done to the disk for runs, call by call, so that a test can end the process before any of them. */
export const disk = {
  makeFolder: async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true })
  },
  write: (path: string, body: string): Promise<void> => writeFile(path, body, { mode: 0o600, flush: true }),
  rename: (from: string, to: string): Promise<void> => rename(from, to),
  read: (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(absent),
  list: async (path: string): Promise<string[]> => (await readdir(path).catch(absent)) ?? [],
  remove: (path: string): Promise<void> => rm(path, { force: true }),
  exists: (path: string): Promise<boolean> => access(path).then(...([() => true, () => false] as const)),
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** The state of the data that a round of runs decides by. */
export type Look = {
  version: string
  /** False while a load is being published. */
  final: boolean
  /** The first day that a sample no longer holds: later periods would be empty, so they are seen from there. Null where the data is real. */
  sampleUntil: string | null
  /** Which department answers for each service. */
  departments: ReadonlyMap<string, string>
  /** What the head of an answer would name as missing. Throws UnknownIdError for filters that name what is not there. */
  missing(filters: Filters & Period): Missing[]
  feeds: Pick<Feed, 'source' | 'stream' | 'services' | 'state' | 'due_at' | 'loaded_at'>[]
}
type Feed = Awaited<ReturnType<typeof freshness>>['feeds'][number]

/** What everything that is done with runs works with. */
export type ReportsDesk = {
  db: Db
  calendars: () => Config['calendars']
  /** The time zone of schedules that name none. */
  zone: () => Promise<string>
  now: () => Date
  disk: typeof disk
  look: () => Promise<Look>
  /** Makes a report and lays its file into the archive. Ends early when told to stop. */
  make: (request: ReportRequest, stop: AbortSignal) => Promise<MadeReport>
  postman: Postman
  /** The ways reports can leave by, as this server is set up. */
  delivery: readonly Opening[]
  /** Where a reader can fetch the file, signed and until a time; null when readers cannot reach this server. */
  link: (file: ReportFile, key: string) => string | null
}

/** Steps of runs and changes of schedules, one after the other, whichever process does them. */
export const oneAtATime = <T>({ db }: Pick<ReportsDesk, 'db'>, work: () => Promise<T>): Promise<T> =>
  withLock(locks(db), 'reports', work)
