import { dataVersion } from '../../sql/dataVersion.ts'
import type { Db } from '../../sql/db.ts'
import { freshness } from '../../sql/freshness.ts'
import { missingNow } from '../../sql/reader.ts'
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
export const storeDesk = (db: Db, now = () => new Date()) => ({
  ...{ db, disk, now },
  calendars: () => configInForce(db.dataDir)?.calendars ?? [],
  zone: async () => (await readJurisdiction(db)).time_zone,
  look: keptLook(db, now),
})

/** By the clock alone, without a load, a source becomes late. */
const clockMs = 60_000

/** The state of the data is kept until the data version moves on, and a minute at most: rounds look every few seconds. */
function keptLook(db: Db, now: () => Date): () => Promise<Look> {
  let kept: { look: Look; at: number } | undefined
  return async () => {
    const { version, final } = await dataVersion(db)
    const at = now().getTime()
    const isRecent = kept !== undefined && at >= kept.at && at < kept.at + clockMs
    if (kept && isRecent && final && version === kept.look.version) return kept.look
    const look = await lookAt(db, { version, final }, now())
    kept = look.final ? { look, at } : undefined
    return look
  }
}

/** A sample was made once and its days end there: periods are seen from its last day on, and its sources are never late. */
async function lookAt(
  db: Db,
  { version, final }: { version: string; final: boolean },
  now: Date,
): Promise<Look> {
  const [around, { feeds }] = await Promise.all([missingNow(db), freshness(db, now)])
  return {
    version: around.version,
    final: final && version === around.version,
    sampleUntil: around.jurisdiction.sample && around.held ? around.held.until : null,
    departments: new Map(around.names.services.map(({ id, department }) => [id, department])),
    missing: around.missing,
    feeds: around.jurisdiction.sample ? feeds.map((feed) => ({ ...feed, state: 'fresh' as const })) : feeds,
  }
}
