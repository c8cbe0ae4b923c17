import type { LogEntry } from '../../sql/releaseLog.ts'
import { readCalendar, readLog } from '../../sql/releaseLog.ts'
import { readAbouts } from './about.ts'
import { releaseFolder, versionOf } from './build.ts'
import { calendarOf } from './calendar.ts'
import type { Desk } from './desk.ts'
import { readManifest } from './manifest.ts'
import type { Site, SiteRelease } from './published.ts'
import { byRelease, type Standing, standingOf } from './state.ts'

/** What the public site holds when these steps are done too: what the log, the calendar and the configuration say, nothing else. */
export async function siteOf(
  desk: Desk,
  steps: readonly Omit<LogEntry, 'number'>[] = [],
): Promise<{ site: Site; standings: Standing[] }> {
  const { db } = desk
  const log = await readLog(db)
  const standings = [...byRelease([...log, ...steps.map((step) => ({ ...step, number: 0 }))]).values()].map(
    standingOf,
  )
  const abouts = await readAbouts(db)
  const releases: SiteRelease[] = []
  for (const standing of standings.filter(isOnSite).sort(newestFirst)) {
    const about = abouts.get(standing.id)
    if (!about) continue
    const here = standing.withdrawn === null
    const manifest = here ? await readManifest(releaseFolder(db.dataDir, standing.id)) : undefined
    releases.push({
      head: about.head,
      state: standing.state as SiteRelease['state'],
      reason: standing.withdrawn?.reason ?? '',
      measures: about.measures,
      // of a withdrawn one nothing can be fetched any more
      tables: here ? about.tables : [],
      files: manifest?.files ?? [],
      hidden: { cells: about.hidden.cells, of: about.hidden.of },
    })
  }
  const { jurisdiction, publication } = desk.config()
  const shown = releases.filter(({ state }) => state !== 'withdrawn').map(({ head }) => head.id)
  const site: Site = {
    jurisdiction: {
      name: jurisdiction.name,
      time_zone: jurisdiction.time_zone,
      sample: jurisdiction.sample,
    },
    publication: {
      address: publication.address,
      publisher: publication.publisher,
      licence: publication.licence,
    },
    releases,
    calendar: calendarOf(await readCalendar(db), standings, desk.now()),
    revisions: shown.flatMap((release) =>
      (abouts.get(release)?.revisions ?? []).map((revision) => ({ ...revision, release })),
    ),
    revision_size: await (await desk.makers()).revisionSize(db, shown),
  }
  return { site, standings }
}

const isOnSite = ({ public_since }: Standing) => public_since !== null

/** By month, then by version. */
const newestFirst = (a: Standing, b: Standing) =>
  a.id.slice(0, 7) === b.id.slice(0, 7) ? versionOf(b.id) - versionOf(a.id) : a.id < b.id ? 1 : -1

/** The release that stands at the root of the site. */
export const latestOf = ({ releases }: Site): SiteRelease | undefined =>
  releases.find(({ state }) => state === 'published')
