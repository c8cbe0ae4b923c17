import type { Db } from '../../sql/db.ts'
import { readAbout } from '../../sql/releaseLog.ts'
import type { Measure, Profile, Published, ReleaseHead, Revision, SiteRelease } from './published.ts'

/** What is kept of a release beside its files: what lists, feeds and the page of releases say of it. */
export type About = {
  head: ReleaseHead
  hidden: Published['hidden']
  /** How strictly small numbers of each service were kept back. */
  profiles: Record<string, Profile>
  measures: Measure[]
  tables: SiteRelease['tables']
  revisions: Revision[]
}

export function aboutOf({ release, hidden, services, measures, tables, revisions }: Published): About {
  return {
    head: release,
    hidden,
    profiles: Object.fromEntries(services.map(({ id, profile }) => [id, profile])),
    measures,
    tables: tables.map(({ rows: _, ...table }) => table),
    revisions,
  }
}

/** Of each release, by id, as it was built last. */
export async function readAbouts(db: Db, release = ''): Promise<Map<string, About>> {
  const kept = await readAbout(db, release)
  return new Map([...kept].map(([id, about]) => [id, JSON.parse(about) as About]))
}
