import type { Db } from '../../sql/db.ts'
import { freshness } from '../../sql/freshness.ts'
import { dataVersion, missingNow } from '../../sql/reader.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import { configInForce } from '../open.ts'
import type { Archive } from './archive.ts'
import { disk, type Look, type ReportsDesk } from './runs/desk.ts'

/** What pages, API and the loop of reports work with. */
export type Reports = {
  desk: ReportsDesk
  /** Every report as it was made. */
  archive: Pick<Archive, 'open' | 'find'>
}

/** The part of the desk that is the store: schedules, runs and the state of the data, by the real clock. */
export const storeDesk = (db: Db) => ({
  ...{ db, disk },
  now: () => new Date(),
  calendars: () => configInForce(db.dataDir)?.calendars ?? [],
  zone: async () => (await readJurisdiction(db)).time_zone,
  look: () => lookAt(db),
})

/** A sample was made once and its days end there: periods are seen from its last day on, and its sources are never late. */
async function lookAt(db: Db): Promise<Look> {
  const [around, { version, final }, { feeds }] = await Promise.all([
    missingNow(db),
    dataVersion(db),
    freshness(db),
  ])
  return {
    version: around.version,
    final: final && version === around.version,
    sampleUntil: around.jurisdiction.sample && around.held ? around.held.until : null,
    departments: new Map(around.names.services.map(({ id, department }) => [id, department])),
    missing: around.missing,
    feeds: around.jurisdiction.sample ? feeds.map((feed) => ({ ...feed, state: 'fresh' as const })) : feeds,
  }
}
