import type { Db } from '../../sql/db.ts'
import type { Env } from '../env.ts'
import { configInForce } from '../open.ts'
import type { Desk, Makers } from './desk.ts'
import { disk } from './disk.ts'
import { ReleaseError } from './releaseError.ts'

/** The desk of a running server or a command: the real clock, the real disk, the makers loaded when first needed. */
export function openDesk(db: Db, env: Env): Desk {
  let makers: Promise<Makers> | undefined
  return {
    db,
    disk,
    secret: env.CLEARWAY_SECRET,
    now: () => new Date(),
    config: () => {
      const config = configInForce(db.dataDir)
      if (config) return config
      throw new ReleaseError(
        'A release needs to know services, promises and who publishes: declare them in clearway.config.json in the data folder.',
      )
    },
    makers: () => {
      makers ??= import('./makers.ts').then(({ makersOf }) => makersOf(env))
      return makers
    },
  }
}
