import type { Logger } from 'pino'
import type { Db } from '../sql/db.ts'
import type { AnswerCache } from './cache.ts'
import type { Data, DataVersion } from './data.ts'

/** What every handler finds in its context. */
export type AppEnv = {
  Variables: {
    db: Db
    data: () => Promise<Data>
    /** The data version, at most a second old. */
    dataVersion: () => Promise<DataVersion>
    cache: AnswerCache
    log: Logger
    requestId: string
  }
}
