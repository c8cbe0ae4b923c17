import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { recoverEvery, recoverLoads } from '../../pipelines/recover.ts'
import { Intake } from '../../pipelines/sources/intake.ts'
import { keepWeeksEvery } from '../../pipelines/weeks.ts'
import { type Audit, openAudit } from '../../sql/audit.ts'
import { bottlenecks } from '../../sql/bottlenecks.ts'
import type { Db } from '../../sql/db.ts'
import { filters as allFilters } from '../../sql/filters.ts'
import { createApp } from '../app.ts'
import { noteErasure } from '../audit/noteErasure.ts'
import { noteSignIn } from '../audit/noteSignIn.ts'
import { trimDaily } from '../audit/trimDaily.ts'
import type { Env } from '../env.ts'
import { linkKeys } from '../feedback/link.ts'
import { Proxies } from '../guard/proxies.ts'
import { close, type Fetch, listen, portIsFree, portOf, toldToStop } from '../listening.ts'
import { openLog } from '../log.ts'
import { configInForce, configOrNone, configure, findConfig, openStore } from '../open.ts'
import { completeErasuresEvery } from '../privacy/completeErasuresEvery.ts'
import { applyErasures } from '../privacy/erase.ts'
import type { Desk } from '../releases/desk.ts'
import { openDesk } from '../releases/openDesk.ts'
import { publishEvery } from '../releases/publishEvery.ts'
import { reportsEvery } from '../reports/runs/reportsEvery.ts'
import { serveReports } from '../reports/serveReports.ts'
import { firstLink, openSignIn } from '../signIn/openSignIn.ts'
import { hostOf, providersOf } from '../signIn/settings.ts'
import { lookOut } from '../status/known.ts'
import { Watch } from '../status/watch.ts'
import { byServer } from './actor.ts'

/** What is done beside answering, once the server answers; ends soon after it is told to. */
type Beside = (desk: Desk, log: Logger, stop: AbortSignal) => Promise<void>

/** Opens the store, brings it up to date, and answers until it is told to stop. */
export async function serve(
  env: Env,
  prepare: (db: Db) => Promise<void> = configure,
  beside?: Beside,
): Promise<void> {
  const host = hostOf(env, providersOf(env, configOrNone(resolve(env.CLEARWAY_DATA)).access))
  await portIsFree(env.PORT, host)
  const watch = new Watch()
  const db = await openStore(env)
  try {
    await recoverLoads(db)
    const audit = openAudit(db)
    await applyErasures(db, noteErasure(audit))
    await prepare(db)
    const log = openLog(env.LOG_LEVEL)
    const clientDir = builtDashboard()
    const { sources = [], feedback: form, privacy } = findConfig(db.dataDir) ?? {}
    const feedback = { keys: await linkKeys(db.dataDir, env.CLEARWAY_SECRET), embed: form?.embed ?? [] }
    const intake = await Intake.open(db, { sources, log, kept: privacy?.retention })
    const recovery = recoverEvery(db, {
      isBusy: () => intake.running.list().length > 0,
      onRecovered: (changed) => {
        for (const { load_id, state } of changed)
          log.info({ load_id, state }, 'recovered a load that had died')
      },
      onTrouble: (err) => log.warn({ err }, 'loads that died could not be looked for'),
    })
    const weeks = keepWeeksEvery(db, {
      // the page of findings as it opens
      ahead: () => bottlenecks(db, allFilters.parse({})),
      onTrouble: (err) => log.warn({ err }, 'the tables by weeks could not be brought up to date'),
    })
    const { jurisdiction, status: shown, privacy: inside } = configOrNone(db.dataDir)
    const erasures = completeErasuresEvery(db, {
      note: noteErasure(audit),
      onTrouble: (err) => log.warn({ err }, 'an erasure could not be completed; it is tried again'),
    })
    const trimming = trimDaily(db, {
      ...{ audit, days: inside.retention.audit },
      onTrouble: (err) => log.warn({ err }, 'the audit could not be trimmed; it is tried again'),
    })
    const desk = openDesk(db, env)
    const reports = await serveReports(db, env, log)
    // the port is known once we listen
    let origin = `http://localhost:${env.PORT}`
    const signIn = await openSignIn(db, env, {
      ...{ log, origin: () => origin },
      note: noteSignIn(audit),
    })
    const { close: closeLookOut, ...told } = lookOut(db, watch, { providers: [...signIn.providers.values()] })
    const status = {
      ...{ ...told, watch, dataDir: db.dataDir, public: shown.public },
      place: { name: jurisdiction.name, zone: jurisdiction.time_zone },
    }
    const stop = new AbortController()
    let releases: ReturnType<typeof keepReleases> | undefined
    let runs: ReturnType<typeof reportsEvery> | undefined
    try {
      await answer(
        createApp({
          ...{
            db,
            audit,
            log,
            intake,
            feedback,
            desk,
            reports,
            status,
            stopping: stop.signal,
            signIn,
            insideThreshold: inside.inside_threshold,
            reportLinks: reports.links,
            publicDir: join(db.dataDir, 'public'),
            proxies: new Proxies(env.TRUSTED_PROXIES),
          },
          ...(clientDir ? { clientDir } : {}),
        }).fetch,
        env.PORT,
        host,
        clientDir,
        async (port) => {
          origin = `http://localhost:${port}`
          const link = await firstLink(signIn, origin).catch((err) =>
            log.warn({ err }, 'no sign-in link was made'),
          )
          if (link) process.stdout.write(`Sign in once on this machine: ${link}\n`)
          releases = keepReleases(desk, audit, log)
          runs = reportsEvery(reports.desk, {
            limits: reports.limits,
            onTrouble: (err) => log.warn({ err }, 'reports could not be brought forward'),
          })
          beside?.(desk, log, stop.signal).catch((err) => {
            if (!stop.signal.aborted) log.warn({ err }, 'what is done beside answering failed')
          })
        },
        () => stop.abort(),
      )
    } finally {
      stop.abort()
      await closeLookOut()
      await releases?.close()
      await runs?.close()
      await reports.close()
      await trimming.close()
      await erasures.close()
      await weeks.close()
      await recovery.close()
      await intake.close()
    }
  } finally {
    await db.close()
  }
}

/** Makes releases public at their minute. Without a configuration there are none. */
function keepReleases(desk: Desk, audit: Audit, log: Logger): { close: () => Promise<void> } | undefined {
  if (!configInForce(desk.db.dataDir)) return undefined
  return publishEvery(desk, {
    onPublished: (release) => {
      log.info({ release }, 'a release became public')
      audit
        .note({ actor: byServer, deed: 'release_publish', object: release })
        .catch((err) => log.warn({ err, release }, 'that a release became public could not be noted'))
    },
    onTrouble: (err) => log.warn({ err }, 'what is public could not be brought up to date'),
  })
}

/** Answers until told to stop; `onAnswering` is called as soon as it does, `onStopping` before running answers come to their end. */
async function answer(
  fetch: Fetch,
  wanted: number,
  host: string,
  clientDir: string | undefined,
  onAnswering: (port: number) => Promise<void>,
  onStopping: () => void,
): Promise<void> {
  const server = await listen(fetch, wanted, host)
  process.stdout.write(`Clearway is at http://localhost:${portOf(server)}\n`)
  if (!clientDir)
    process.stdout.write('The dashboard is not built; only the API answers. Run npm run build.\n')
  const stopped = toldToStop()
  await onAnswering(portOf(server))
  await stopped
  onStopping()
  await close(server)
}

/** The dashboard lies beside the built server, and in dist/ when the server runs from its sources. */
function builtDashboard(): string | undefined {
  return ['../client', '../../dist/client']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((folder) => existsSync(`${folder}/index.html`))
}
