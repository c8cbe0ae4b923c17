import type { Db } from '../../sql/db.ts'
import { freshness } from '../../sql/freshness.ts'
import { dataVersion, missingNow } from '../../sql/reader.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import type { Env } from '../env.ts'
import { configInForce } from '../open.ts'
import type { ReportFile } from './content.ts'
import { disk, type Look, type ReportsDesk } from './runs/desk.ts'

/** What pages, API and the loop of reports work with. */
export type Reports = {
  desk: ReportsDesk
  /** A file as it was sent, by its SHA-256; undefined when the archive holds it no more. */
  file: (sha256: string) => Promise<ReportFile | undefined>
}

/** What is made elsewhere: how reports are made, kept and brought. */
export type ReportParts = Pick<ReportsDesk, 'make' | 'postman' | 'link'> & Pick<Reports, 'file'>

/** The desk of reports of a running server: the real clock, disk and data. */
export function openReports(db: Db, env: Env, parts: ReportParts = partsOf(env)): Reports {
  const { file, ...rest } = parts
  return {
    file,
    desk: {
      ...{ db, disk, ...rest },
      now: () => new Date(),
      calendars: () => configInForce(db.dataDir)?.calendars ?? [],
      zone: async () => (await readJurisdiction(db)).time_zone,
      look: () => lookAt(db),
    },
  }
}

/** The one place where makers, postman and archive are put in. */
function partsOf(_env: Env): ReportParts {
  const { signal } = new AbortController()
  return {
    make: async () => {
      throw new Error('this server makes no reports')
    },
    postman: {
      post: async () => {},
      receipts: async () => [],
      underWay: async () => [],
      settle: async () => {},
      waitForReceipt: (stop) =>
        new Promise((resolve) => AbortSignal.any([stop, signal]).addEventListener('abort', () => resolve())),
      close: async () => {},
    },
    link: () => null,
    file: async () => undefined,
  }
}

async function lookAt(db: Db): Promise<Look> {
  const [around, { version, final }, { feeds }] = await Promise.all([
    missingNow(db),
    dataVersion(db),
    freshness(db),
  ])
  return {
    version: around.version,
    final: final && version === around.version,
    departments: new Map(around.names.services.map(({ id, department }) => [id, department])),
    missing: around.missing,
    feeds,
  }
}
