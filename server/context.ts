import type { Logger } from 'pino'
import type { Intake } from '../pipelines/sources/intake.ts'
import type { Db } from '../sql/db.ts'
import type { ApiKey } from '../sql/keys.ts'
import type { Who } from './access/who.ts'
import type { AnswerCache } from './cache.ts'
import type { Data, DataVersion } from './data.ts'
import type { Proxies } from './guard/proxies.ts'
import type { Desk } from './releases/desk.ts'
import type { Reports } from './reports/storeDesk.ts'

/** What every handler finds in its context. */
export type AppEnv = {
  Variables: {
    /** The store as who asks reads it: what they may see, when it is their turn, as long as they wait. */
    db: Db
    /** The same, until another signal ends it. */
    dbUntil: (gone: AbortSignal) => Db
    /** The whole store: only for ledgers, sessions and the audit. */
    store: Db
    who: Who
    /** Whose word is believed on who asks. */
    proxies: Proxies
    data: () => Promise<Data>
    /** The data version, at most a second old. */
    dataVersion: () => Promise<DataVersion>
    cache: AnswerCache
    /** What brings data in while the server runs; without it nothing can be sent to this server. */
    intake: Intake | undefined
    /** What steps of releases work with; without it nothing can be released from this server. */
    desk: Desk | undefined
    /** What reports are made, scheduled and sent with; without it there are none. */
    reports: Reports | undefined
    log: Logger
    requestId: string
    /** The key of a reader who may see more than figures; undefined for who asks on the machine itself. */
    reader: ApiKey | undefined
  }
}
