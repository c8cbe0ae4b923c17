import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { Access } from '../../sql/accessConfig.ts'
import type { Db } from '../../sql/db.ts'
import { Cookie } from './cookies.ts'
import { Ended } from './ended.ts'
import { machine } from './grants.ts'
import type { Note } from './note.ts'
import type { Provider } from './provider.ts'
import { Seal } from './seal.ts'
import { idOf, isOver, type Person, type Session, session } from './session.ts'

/** Milliseconds after which the browser is told anew when the session was last used. */
const sealEvery = 60_000
/** Signs a cookie may have: browsers drop longer ones without a word. */
const longest = 3_800
/** Sessions of which more is remembered than their browser knows. */
const most = 20_000

/** What this process knows of a session beyond its cookie; what is forgotten is asked for again. */
type Known = Pick<Session, 'groups' | 'refresh_token' | 'checked'> & { id_token?: string | undefined }

export type SessionsOptions = {
  db: Db
  secrets: readonly string[]
  address: () => string
  access: () => Access
  providers: ReadonlyMap<string, Provider>
  note: Note
  log: Logger
  clock: () => number
}

/** The sessions of people: each is kept, sealed, by its browser alone. */
export class Sessions {
  readonly ended: Ended
  readonly #cookie: Cookie
  readonly #seal: Seal
  readonly #known = new Map<string, Known>()
  readonly #checking = new Map<string, Promise<Session | undefined>>()

  constructor(private readonly options: SessionsOptions) {
    this.ended = new Ended(options.db, options.clock)
    this.#cookie = new Cookie('session', options.address)
    this.#seal = new Seal(options.secrets, 'session')
  }

  /** Begins a session with an id of its own; one that this browser had before ends. */
  async begin(
    c: Context,
    { id_token, ...person }: Person & { id_token?: string | undefined },
  ): Promise<Session> {
    const before = await this.#read(c)
    if (before) await this.ended.end('session', before.id)
    const now = this.options.clock()
    const begun: Session = {
      ...person,
      id: randomBytes(18).toString('base64url'),
      ...{ begun: now, seen: now, checked: now },
    }
    const { groups, refresh_token, checked } = begun
    this.#remember(begun.id, { groups, refresh_token, checked, id_token })
    await this.#write(c, begun)
    return begun
  }

  /** Whether the browser sends a session, valid or not. */
  isNamed = (c: Context): boolean => this.#cookie.get(c) !== undefined

  /** The session of a request, unless it is over. `prolong`: the request is a use of it. */
  async of(c: Context, prolong: boolean): Promise<Session | undefined> {
    const read = await this.#read(c)
    if (!read) return undefined
    const checked = await this.#check(read)
    const { clock } = this.options
    if (checked && prolong && (checked.checked !== read.checked || clock() - read.seen >= sealEvery))
      await this.#write(c, { ...checked, seen: clock() })
    return checked
  }

  /** Ends the session of a request. Tells the ID token it began with, when that is still known. */
  async end(c: Context, ended: Session): Promise<string | undefined> {
    const id_token = this.#known.get(ended.id)?.id_token
    await this.ended.end('session', ended.id)
    this.#known.delete(ended.id)
    this.#cookie.remove(c)
    return id_token
  }

  /** A session that was sealed by us, within its limits, and not ended. */
  async #read(c: Context): Promise<Session | undefined> {
    const text = this.#cookie.get(c)
    if (text === undefined) return undefined
    const read = session.safeParse(await this.#seal.open(text))
    if (!read.success || isOver(read.data, this.options.access().session, this.options.clock()))
      return undefined
    return (await this.ended.has(read.data)) ? undefined : read.data
  }

  /** The session with the groups as they are now. Requests that come at once ask once: a provider may take each refresh token only once. */
  #check(read: Session): Promise<Session | undefined> {
    const known = this.#known.get(read.id)
    const { id_token: _, ...newer } = known && known.checked > read.checked ? known : {}
    const now = { ...read, ...newer } as Session
    const provider = this.options.providers.get(read.provider)
    // a provider that was given up vouches for nobody
    if (!provider) return Promise.resolve(read.provider === machine ? read : undefined)
    const { refresh_token } = now
    const checkEvery = this.options.access().session.check_minutes * 60_000
    if (refresh_token === undefined || this.options.clock() - now.checked < checkEvery)
      return Promise.resolve(now)
    const running = this.#checking.get(read.id)
    if (running) return running
    const started = this.#ask(now, provider, refresh_token).finally(() => this.#checking.delete(read.id))
    this.#checking.set(read.id, started)
    return started
  }

  async #ask(asked: Session, provider: Provider, refreshToken: string): Promise<Session | undefined> {
    const again = await provider.again(refreshToken, asked.subject)
    // who is signed in stays so until the limits while nobody can say otherwise
    if (again === 'away') return asked
    const about = { who: idOf(asked), name: asked.name, provider: provider.id }
    if (again === 'refused') {
      await this.ended.end('session', asked.id)
      this.#known.delete(asked.id)
      await this.options.note({
        ...about,
        what: 'session_ended',
        why: 'The provider no longer vouches for them.',
      })
      return undefined
    }
    const groups = again.groups ?? asked.groups
    const [before, now] = [asked.groups, groups].map((each) => this.#fitting(provider.id, each).join(', '))
    if (before !== now)
      await this.options.note({
        ...about,
        what: 'groups_changed',
        why: `Groups that count: ${now || 'none'}.`,
      })
    const learnt = {
      groups,
      refresh_token: again.refresh_token ?? refreshToken,
      checked: this.options.clock(),
    }
    this.#remember(asked.id, { ...this.#known.get(asked.id), ...learnt })
    return { ...asked, ...learnt }
  }

  #remember(id: string, known: Known): void {
    this.#known.delete(id)
    this.#known.set(id, known)
    if (this.#known.size > most) this.#known.delete(this.#known.keys().next().value ?? '')
  }

  /** What does not fit into a cookie is left out: first groups that mean nothing here, then the way to ask for groups again. */
  async #write(c: Context, whole: Session): Promise<void> {
    const { provider } = whole
    const fitting = { ...whole, groups: this.#fitting(provider, whole.groups) }
    const { refresh_token: _, ...bare } = fitting
    for (const each of [whole, fitting, bare]) {
      const text = await this.#seal.close(each)
      if (text.length > longest) continue
      if (each === bare) this.options.log.warn({ provider }, 'a refresh token is too long to be kept')
      return this.#cookie.set(c, text)
    }
    throw new Error('A session does not fit into a cookie.')
  }

  /** The groups that have a role here, in a fixed order. */
  #fitting(provider: string, groups: readonly string[]): string[] {
    const rules = this.options.access().groups.filter((rule) => rule.provider === provider)
    return groups.filter((group) => rules.some((rule) => rule.group === group)).sort()
  }
}
