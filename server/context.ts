import type { Logger } from 'pino'
import type { Intake } from '../pipelines/sources/intake.ts'
import type { Audit } from '../sql/audit.ts'
import type { Db } from '../sql/db.ts'
import type { ApiKey } from '../sql/keys.ts'
import type { ReaderDb } from '../sql/within.ts'
import type { Keyring } from './access/keyring.ts'
import type { Who } from './access/who.ts'
import type { AnswerCache } from './cache.ts'
import type { Data, DataVersion } from './data.ts'
import type { Proxies } from './guard/proxies.ts'
import type { Desk } from './releases/desk.ts'
import type { Reports } from './reports/storeDesk.ts'
import type { SignIn } from './signIn/signIn.ts'
import type { StatusDesk } from './status/routes.ts'

/** What every handler finds in its context. */
export type AppEnv = {
  Variables: {
    /** The store with the rows that whoever asks may see, and no others; asked when it is their turn, as long as they wait. */
    db: ReaderDb
    /** The same, until another signal ends it. */
    dbUntil: (gone: AbortSignal) => ReaderDb
    /** Makes an answer when it is their turn; `ahead`: while nobody waits for it. */
    inTurn: <T>(gone: AbortSignal, make: () => Promise<T>, ahead?: boolean) => Promise<T>
    /** The whole store: for ledgers and what the server keeps for itself. */
    store: Db
    /** Who asks. */
    who: Who
    /** Where keys are looked up. */
    keyring: Keyring
    /** Their key, when they sent one. */
    key: ApiKey | undefined
    /** Whose word is believed on the address of who asks. */
    proxies: Proxies
    /** Where deeds are written down; `note` of audit/note.ts does it. */
    audit: Audit
    /** How people sign in; without it nobody can. */
    signIn: SignIn | undefined
    data: () => Promise<Data>
    /** The data version, at most a second old. */
    dataVersion: () => Promise<DataVersion>
    cache: AnswerCache
    /** Counts of other departments below this are not told to those who see only their own. */
    insideThreshold: number
    /** What brings data in while the server runs; without it nothing can be sent to this server. */
    intake: Intake | undefined
    /** What steps of releases work with; without it nothing can be released from this server. */
    desk: Desk | undefined
    /** What reports are made, scheduled and sent with; without it there are none. */
    reports: Reports | undefined
    log: Logger
    requestId: string
    /** Comes to an end when the server is told to stop. */
    stopping: AbortSignal
    /** What the status page is told from; without it there is none. */
    status: StatusDesk | undefined
  }
}
