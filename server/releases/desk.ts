import { withLock } from '../../pipelines/lock.ts'
import { locks } from '../../pipelines/publish.ts'
import type { Config } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import type { Disk } from './disk.ts'
import type { File, Published, ReleaseHead, Revision, Site } from './published.ts'

/** What the public may know of a release, and all its files but the manifest. */
export type Made = { published: Published; files: File[] }

/** What figures, pages and files are made by. */
export type Makers = {
  /** Reads all exact figures of a release at one instant and keeps them. `earlier`: the releases that are public already. */
  freeze(
    db: Db,
    what: { id: string; month: string; config: Config; head: ReleaseHead; earlier: string[] },
  ): Promise<void>
  /** Makes of what is frozen what the public may know, and its files. Throws when a hidden figure could be worked out. */
  make(db: Db, id: string): Promise<Made>
  /** The files above single releases. */
  siteFiles(site: Site): Promise<File[]>
  /** What the later of two releases says otherwise. */
  compare(db: Db, before: string, now: string): Promise<Revision[]>
  /** How large the revisions among these releases are. */
  revisionSize(db: Db, releases: string[]): Promise<Site['revision_size']>
}

/** What every step of a release works with. */
export type Desk = {
  db: Db
  config: () => Config
  /** CLEARWAY_SECRET, if there is one. */
  secret: string | undefined
  makers: () => Promise<Makers>
  now: () => Date
  disk: Disk
}

/** Who does a step: the key's id and name. */
export type Person = { id: string; name: string }

/** The server itself, at the minute that people agreed on. */
export const atItsMinute: Person = { id: '', name: 'Clearway, at the agreed minute' }

/** One step after the other, whichever process does it. */
export const oneAtATime = <T>({ db }: Desk, work: () => Promise<T>): Promise<T> =>
  withLock(locks(db), 'releases', work)
