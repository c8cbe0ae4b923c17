import type { Db } from '../sql/db.ts'
import { createApp } from './app.ts'
import { readEnv } from './env.ts'
import { configure, openStore } from './open.ts'

/** The store stays open while modules reload: it belongs to the process, not to the module. */
const kept = globalThis as typeof globalThis & { clearwayDevDb?: Promise<Db> | undefined }

async function open(): Promise<Db> {
  const db = await openStore(readEnv(process.env))
  await configure(db)
  return db
}

let app: ReturnType<typeof createApp> | undefined

/** The app for the development server. */
export async function devApp() {
  kept.clearwayDevDb ??= open().catch((error: unknown) => {
    kept.clearwayDevDb = undefined
    throw error
  })
  const db = await kept.clearwayDevDb
  app ??= createApp({ db })
  return app
}

export async function closeDev(): Promise<void> {
  const db = kept.clearwayDevDb
  kept.clearwayDevDb = undefined
  await (await db)?.close()
}
