import type { Logger } from 'pino'
import type { Db } from '../../sql/db.ts'
import { Crew } from '../crew.ts'
import type { Env } from '../env.ts'
import { configOrNone } from '../open.ts'
import { openArchive } from './archive.ts'
import { openings } from './delivery/openings.ts'
import { openPostman } from './delivery/openPostman.ts'
import { deliverySettings } from './delivery/settings.ts'
import { linkFor, reportLinkKey } from './link.ts'
import type { ReportLinks } from './linkRoutes.ts'
import { addressOf, makeReport } from './makeReport.ts'
import { forgetReportsDaily } from './retention.ts'
import type { Limits } from './runs/rounds.ts'
import { type Reports, storeDesk } from './storeDesk.ts'

/** How long the link of a mail fetches its report. */
const linkDays = 30

/** All of reports in a running server: made in processes of their own, kept in the archive, handed over by a postman. */
export async function serveReports(
  db: Db,
  env: Env,
  log: Logger,
): Promise<Reports & { links: ReportLinks; limits: Partial<Limits>; close: () => Promise<void> }> {
  const archive = openArchive(db.dataDir)
  const key = await reportLinkKey(db.dataDir, env.CLEARWAY_SECRET)
  const settings = deliverySettings(env, db.dataDir)
  const postman = await openPostman({ dataDir: db.dataDir, settings, log })
  const config = () => configOrNone(db.dataDir)
  const crew = new Crew()
  const desk: Reports['desk'] = {
    ...storeDesk(db),
    postman,
    delivery: openings(settings),
    make: (request, stop) =>
      makeReport(
        { db, env, config, crew, archive: (file, about) => archive.keep(file.path, about) },
        request,
        stop,
      ),
    link: ({ sha256 }) => {
      const address = addressOf(config())
      const until = new Date(Date.now() + linkDays * 86_400_000)
      return address === '' ? null : `${address}/reports/get/${linkFor(key, sha256, until)}`
    },
  }
  const retention = forgetReportsDaily(desk, {
    archive,
    days: () => config().reports.keep_days,
    onForgotten: (gone) => log.info({ reports: gone.length }, 'reports were forgotten, their time was over'),
    onTrouble: (err) => log.warn({ err }, 'reports whose time is over could not be forgotten'),
  })
  return {
    desk,
    archive,
    links: { archive, key },
    limits: { firstRestMs: config().reports.retry_minutes * 60_000 },
    close: async () => {
      crew.close()
      await retention.close()
      await postman.close()
    },
  }
}
