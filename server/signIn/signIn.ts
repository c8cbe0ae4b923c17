import type { Context } from 'hono'
import { type Logger, pino } from 'pino'
import type { Access } from '../../sql/accessConfig.ts'
import type { Db } from '../../sql/db.ts'
import type { Who } from '../access/who.ts'
import { grantsOf } from './grants.ts'
import { type Note, noteInLog } from './note.ts'
import { Pending } from './pending.ts'
import { Provider } from './provider.ts'
import { idOf, type Session } from './session.ts'
import { Sessions } from './sessions.ts'
import type { ProviderSettings } from './settings.ts'

export type SignInOptions = {
  db: Db
  /** The first one seals cookies, all of them open them. */
  secrets: readonly string[]
  /** The origin people reach this server at. */
  address: () => string
  /** The rules in force now. */
  access: () => Access
  providers?: readonly ProviderSettings[]
  log?: Logger
  note?: Note
  clock?: () => number
}

/** Who may sign in, and who is signed in. */
export class SignIn {
  readonly providers: ReadonlyMap<string, Provider>
  readonly sessions: Sessions
  readonly pending: Pending
  readonly address: () => string
  readonly note: Note
  readonly log: Logger
  readonly dataDir: string
  readonly clock: () => number
  readonly #access: () => Access

  constructor(options: SignInOptions) {
    const { db, secrets, address, access, clock = Date.now } = options
    this.log = options.log ?? pino({ level: 'silent' })
    this.note = options.note ?? noteInLog(this.log)
    this.address = address
    this.clock = clock
    this.dataDir = db.dataDir
    this.#access = access
    this.providers = new Map(
      (options.providers ?? []).map((settings) => [
        settings.id,
        new Provider(settings, address, this.log, clock),
      ]),
    )
    const { note, log, providers } = this
    this.sessions = new Sessions({ db, secrets, address, access, providers, note, log, clock })
    this.pending = new Pending(secrets, address, clock)
  }

  /** Whether people have to sign in. Without a provider the machine itself is trusted. */
  get isConfigured(): boolean {
    return this.providers.size > 0
  }

  /** The person who is signed in with this request. Only requests of the API count as use: their answers are kept by nobody else. */
  async personOf(c: Context): Promise<Who | undefined> {
    const session = await this.sessions.of(c, c.req.path.startsWith('/api/'))
    return session && this.whoIs(session)
  }

  whoIs(session: Pick<Session, 'provider' | 'subject' | 'name' | 'groups'>): Who {
    return {
      kind: 'person',
      id: idOf(session),
      name: session.name,
      grants: grantsOf(session, this.#access().groups),
    }
  }
}
