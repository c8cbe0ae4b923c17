import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { destination, pino } from 'pino'
import { recoverEvery, recoverLoads } from '../../pipelines/recover.ts'
import { Intake } from '../../pipelines/sources/intake.ts'
import { keepWeeksEvery } from '../../pipelines/weeks.ts'
import type { Db } from '../../sql/db.ts'
import { createApp } from '../app.ts'
import type { Env } from '../env.ts'
import { linkKeys } from '../feedback/link.ts'
import { close, type Fetch, listen, portIsFree, portOf, toldToStop } from '../listening.ts'
import { configure, findConfig, openStore } from '../open.ts'

/** Opens the store, brings it up to date, and answers until it is told to stop. */
export async function serve(env: Env, prepare: (db: Db) => Promise<void> = configure): Promise<void> {
  await portIsFree(env.PORT)
  const db = await openStore(env)
  try {
    await recoverLoads(db)
    await prepare(db)
    const log = pino({ level: env.LOG_LEVEL }, destination(2))
    const clientDir = builtDashboard()
    const { sources = [], feedback: form } = findConfig(db.dataDir) ?? {}
    const feedback = { keys: await linkKeys(db.dataDir, env.CLEARWAY_SECRET), embed: form?.embed ?? [] }
    const intake = await Intake.open(db, { sources, log })
    const recovery = recoverEvery(db, {
      isBusy: () => intake.running.list().length > 0,
      onRecovered: (changed) => {
        for (const { load_id, state } of changed)
          log.info({ load_id, state }, 'recovered a load that had died')
      },
      onTrouble: (err) => log.warn({ err }, 'loads that died could not be looked for'),
    })
    const weeks = keepWeeksEvery(db, {
      onTrouble: (err) => log.warn({ err }, 'the tables by weeks could not be brought up to date'),
    })
    try {
      await answer(
        createApp({
          ...{ db, log, intake, feedback, publicDir: join(db.dataDir, 'public') },
          ...(clientDir ? { clientDir } : {}),
        }).fetch,
        env.PORT,
        clientDir,
      )
    } finally {
      await weeks.close()
      await recovery.close()
      await intake.close()
    }
  } finally {
    await db.close()
  }
}

/** Answers until told to stop. */
async function answer(fetch: Fetch, wanted: number, clientDir: string | undefined): Promise<void> {
  const server = await listen(fetch, wanted)
  process.stdout.write(`Clearway is at http://localhost:${portOf(server)}\n`)
  if (!clientDir)
    process.stdout.write('The dashboard is not built; only the API answers. Run npm run build.\n')
  await toldToStop()
  await close(server)
}

/** The dashboard lies beside the built server, and in dist/ when the server runs from its sources. */
function builtDashboard(): string | undefined {
  return ['../client', '../../dist/client']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((folder) => existsSync(`${folder}/index.html`))
}
