import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import { type Access, access as accessSchema } from '../../sql/accessConfig.ts'
import { createApp } from '../app.ts'
import { endSessionsCommand } from '../commands/signIn.ts'
import { readEnv } from '../env.ts'
import { close, listen, portOf } from '../listening.ts'
import type { SignInEvent } from './note.ts'
import { SignIn } from './signIn.ts'
import { type Account, otherKey, startProvider, type TestProvider } from './testProvider.ts'
import { Visitor } from './testVisitor.ts'

/** People sign in at a real OpenID provider, with a browser that has no screen. Only the clock is ours. */

const store = useStore()
const secret = 'the secret of the tests, long enough'
const minutes = 60_000
const hours = 60 * minutes

let ahead = 0
let access: Access
let events: SignInEvent[]
let provider: TestProvider
let address: string
const closing: (() => Promise<void>)[] = []

const people = (): Record<string, Account> => ({
  ada: { name: 'Ada', groups: ['planning-heads', 'chess'] },
  ben: { name: 'Ben', groups: ['chess'] },
})
const rules = (): Access =>
  accessSchema.parse({
    groups: [
      { group: 'planning-heads', role: 'viewer', department: ['planning'] },
      { group: 'stewards', role: 'data_steward' },
    ],
  })

/** A server of its own; `off` is how far its clock is from that of the provider. */
async function serve(options: { at?: string; off?: number; secrets?: string[]; port?: number } = {}) {
  const signIn = new SignIn({
    db: store.db,
    secrets: options.secrets ?? [secret],
    address: () => options.at ?? address,
    access: () => access,
    note: (event) => void events.push(event),
    clock: () => Date.now() + ahead + (options.off ?? 0),
    providers: [
      {
        ...{ id: 'oidc', name: 'City account', issuer: provider.issuer, client_id: 'clearway' },
        ...{ client_secret: 'a secret that only the two know', groups_claim: 'groups', scopes: undefined },
      },
    ],
  })
  const server = await listen(createApp({ db: store.db, signIn }).fetch, options.port ?? 0)
  closing.push(() => close(server))
  return `http://localhost:${portOf(server)}`
}

beforeAll(async () => {
  // the provider has to know where Clearway is before it is there
  const place = await listen(() => new Response(), 0)
  const port = portOf(place)
  await close(place)
  address = `http://localhost:${port}`
  provider = await startProvider(address, people())
  await serve({ port })
})
beforeEach(() => {
  ahead = 0
  access = rules()
  events = []
  provider.forge = undefined
  Object.assign(provider.accounts, people())
})
afterAll(async () => {
  await provider?.stop()
  for (const each of closing) await each()
})

const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(fields),
})

/** The account is typed at the provider; the answer is the page of ours that follows. */
async function signIn(visitor: Visitor, account: string, to = '/api/v1/me', at = address): Promise<Response> {
  await visitor.go(`${at}/sign-in/oidc?to=${encodeURIComponent(to)}`)
  return visitor.go(visitor.visited.at(-1) ?? '', form({ account }))
}
async function signedIn(account = 'ada'): Promise<Visitor> {
  const visitor = new Visitor()
  expect((await signIn(visitor, account)).status).toBe(200)
  return visitor
}
const me = async (visitor: Visitor, at = address) => (await visitor.step(`${at}/api/v1/me`)).json()
const isIn = async (visitor: Visitor): Promise<boolean> => {
  const { kind } = (await me(visitor)) as { kind: string }
  // a question that is wrong, so that it costs nothing: who is nobody does not get as far
  const { status } = await visitor.step(`${address}/api/v1/kpis?from=never`)
  expect(status === 401).toBe(kind === 'nobody')
  return kind === 'person'
}
const sessionOf = (visitor: Visitor): string => visitor.cookies.get('clearway-session') ?? ''

describe('signing in', () => {
  test('by the groups of the account somebody has a role and rows, and goes on where they wanted to', async () => {
    const visitor = new Visitor()
    const answer = await signIn(visitor, 'ada')
    expect(new URL(answer.url).pathname).toBe('/api/v1/me')
    expect(await answer.json()).toEqual({
      kind: 'person',
      name: 'Ada',
      roles: ['viewer'],
      scopes: ['figures'],
      rows: [{ department: ['planning'], service: [], district: [] }],
      providers: [{ id: 'oidc', name: 'City account' }],
    })
    expect(events).toEqual([
      { what: 'signed_in', who: 'oidc:ada', name: 'Ada', provider: 'oidc', why: 'As viewer.' },
    ])
  })

  test('what the provider is sent has PKCE, state and nonce, and its cookies are for us alone', async () => {
    const answer = await new Visitor().step(`${address}/sign-in/oidc`)
    const { searchParams } = new URL(answer.headers.get('Location') ?? '')
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile offline_access groups',
      redirect_uri: `${address}/sign-in/oidc/done`,
    })
    for (const name of ['code_challenge', 'state', 'nonce'])
      expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/)
    expect(answer.headers.get('Set-Cookie')).toMatch(
      /^clearway-pending=[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const secure = await serve({ at: 'https://clearway.city.example' })
    expect((await new Visitor().step(`${secure}/sign-in/oidc`)).headers.get('Set-Cookie')).toMatch(
      /^__Host-clearway-pending=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('nobody without a session or a key sees figures', async () => {
    const answer = await new Visitor().step(`${address}/api/v1/meta`)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ type: 'urn:clearway:problem:sign-in' })
  })

  test('somebody whose groups mean nothing here is told so, and is not let in', async () => {
    const visitor = new Visitor()
    const answer = await signIn(visitor, 'ben')
    expect(answer.status).toBe(403)
    const page = await answer.text()
    expect(page).toContain('City account knows you as Ben. None of your groups gives you a role in Clearway.')
    expect(page).toContain('chess')
    expect(await isIn(visitor)).toBe(false)
    expect(events).toMatchObject([
      { what: 'refused', who: 'oidc:ben', why: 'None of their groups has a role.' },
    ])
  })

  test('who says no at the provider is told plainly', async () => {
    const answer = await signIn(new Visitor(), '')
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('You are not signed in')
  })

  test.each<[what: string, forge: TestProvider['forge']]>([
    ['for another client', (claims) => provider.sign({ ...claims, aud: 'another' })],
    ['of another provider', (claims) => provider.sign({ ...claims, iss: 'http://localhost:1' })],
    ['of another sign-in', (claims) => provider.sign({ ...claims, nonce: 'another' })],
    ['signed by somebody else', (claims) => provider.sign(claims, { by: otherKey })],
    ['that is too old', (claims) => provider.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 40 })],
  ])('an ID token %s signs nobody in', async (_, forge) => {
    provider.forge = forge
    const visitor = new Visitor()
    const answer = await signIn(visitor, 'ada')
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('did not pass our checks')
    expect(await isIn(visitor)).toBe(false)
    expect(events).toMatchObject([{ what: 'refused', provider: 'oidc' }])
  })

  test.each<[seconds: number, status: number]>([
    // the ID token lives for 60 seconds; 30 more are forgiven
    [80, 200],
    [100, 403],
    [-80, 200],
  ])('with a clock %s s ahead of the provider the answer is %s', async (seconds, status) => {
    const off = await serve({ off: seconds * 1000, at: address })
    const visitor = new Visitor()
    await visitor.go(`${off}/sign-in/oidc?to=%2Fapi%2Fv1%2Fme`)
    const back = await typed(visitor, 'ada')
    expect((await visitor.go(back.replace(address, off))).status).toBe(status)
  })
})

/** Types the account, and stops before the way back: the address the provider sends us to. */
async function typed(visitor: Visitor, account: string): Promise<string> {
  let answer = await visitor.step(visitor.visited.at(-1) ?? '', form({ account }))
  for (;;) {
    const to = answer.headers.get('Location') ?? ''
    if (to.includes('/done?') || to === '') return to
    answer = await visitor.step(to)
  }
}

describe('a sign-in comes back once, to the browser that began it', () => {
  const begun = async () => {
    const visitor = new Visitor()
    await visitor.go(`${address}/sign-in/oidc?to=%2Fapi%2Fv1%2Fme`)
    return { visitor, back: await typed(visitor, 'ada') }
  }
  const refused = async (visitor: Visitor, back: string) => {
    const asked = provider.tokenRequests
    const answer = await visitor.go(back)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('This sign-in is over')
    expect(provider.tokenRequests).toBe(asked)
    expect(await isIn(visitor)).toBe(false)
  }

  test('a state that came back before is refused, also to who copied the cookie', async () => {
    const { visitor, back } = await begun()
    const thief = visitor.copy()
    expect((await visitor.go(back)).status).toBe(200)
    await refused(thief, back)
  })
  test('another browser is refused', async () => {
    const { back } = await begun()
    await refused(new Visitor(), back)
  })
  test('another state is refused', async () => {
    const { visitor, back } = await begun()
    await refused(visitor, back.replace(/state=[^&]+/, 'state=another'))
  })
  test('after ten minutes it is refused', async () => {
    const { visitor, back } = await begun()
    ahead = 10 * minutes
    await refused(visitor, back)
  })
  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/sign-out',
    'javascript:alert(1)',
  ])('a return to %s is a return to the first page', async (to) => {
    const visitor = new Visitor()
    await visitor.go(`${address}/sign-in/oidc?to=${encodeURIComponent(to)}`)
    const answer = await visitor.step(await typed(visitor, 'ada'))
    expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/'])
  })
})

describe('a session', () => {
  test('who does nothing for half an hour is signed out, who does something is not', async () => {
    const visitor = await signedIn()
    for (let time = 0; time < 3; time += 1) {
      ahead += 29 * minutes
      expect(await isIn(visitor)).toBe(true)
    }
    ahead += 30 * minutes
    expect(await isIn(visitor)).toBe(false)
    const page = await (await visitor.step(`${address}/sign-in`)).text()
    expect(page).toContain('Your session has ended.')
  })

  test('after twelve hours everybody signs in again, whatever they do', async () => {
    access.session.idle_minutes = 1_440
    const visitor = await signedIn()
    ahead = 12 * hours - minutes
    expect(await isIn(visitor)).toBe(true)
    ahead = 12 * hours
    expect(await isIn(visitor)).toBe(false)
  })

  test('a cookie that was changed in any place, or made for something else, opens nothing', async () => {
    const visitor = await signedIn()
    const whole = sessionOf(visitor)
    const places = Array.from({ length: 12 }, (_, index) => Math.floor((index * whole.length) / 12) + 1)
    for (const place of places) {
      const sign = whole[place] === 'A' ? 'B' : 'A'
      visitor.cookies.set('clearway-session', whole.slice(0, place) + sign + whole.slice(place + 1))
      expect(await isIn(visitor)).toBe(false)
    }
    await visitor.step(`${address}/sign-in/oidc`)
    visitor.cookies.set('clearway-session', visitor.cookies.get('clearway-pending') ?? '')
    expect(await isIn(visitor)).toBe(false)
    visitor.cookies.set('clearway-session', whole)
    expect(await isIn(visitor)).toBe(true)
  })

  test('a new secret signs nobody out while the one before is known', async () => {
    const visitor = await signedIn()
    const next = 'the secret that comes after it, long too'
    expect(await me(visitor, await serve({ secrets: [next, secret] }))).toMatchObject({ name: 'Ada' })
    expect(await me(visitor, await serve({ secrets: [next] }))).toMatchObject({ kind: 'nobody' })
  })

  test('all sessions of a person end by one word of another process, within five seconds', async () => {
    const [one, two, other] = [await signedIn(), await signedIn(), new Visitor()]
    provider.accounts.ben = { name: 'Ben', groups: ['stewards'] }
    await signIn(other, 'ben')
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    await endSessionsCommand({ ...readEnv({}), CLEARWAY_DATA: store.db.dataDir }, 'oidc:ada').finally(() =>
      print.mockRestore(),
    )
    expect(
      await store.rows(
        "SELECT object, detail FROM audit WHERE actor_id = 'oidc:ada' AND deed = 'session_end'",
      ),
    ).toEqual([{ object: 'oidc', detail: '{"reason":"All their sessions were ended on the machine."}' }])
    ahead = 5_000
    expect([await isIn(one), await isIn(two), await isIn(other)]).toEqual([false, false, true])
    expect(await isIn(await signedIn())).toBe(true)
  })

  test('another sign-in in the same browser ends the one before, and has an id of its own', async () => {
    const visitor = await signedIn()
    const before = visitor.copy()
    await visitor.go(`${address}/sign-in/oidc`)
    expect(sessionOf(visitor)).not.toBe(sessionOf(before))
    expect([await isIn(before), await isIn(visitor)]).toEqual([false, true])
  })

  test('a change of the rules counts at once', async () => {
    const visitor = await signedIn()
    access.groups.push({
      ...{ provider: 'oidc', group: 'chess', role: 'auditor' },
      ...{ department: [], service: [], district: [] },
    })
    expect(await me(visitor)).toMatchObject({ roles: ['viewer', 'auditor'] })
    access.groups = []
    expect(await me(visitor)).toMatchObject({ kind: 'person', roles: [], scopes: [], rows: [] })
  })

  test('more groups than a cookie holds are no hindrance', async () => {
    const many = Array.from({ length: 400 }, (_, index) => `department-${index}`)
    provider.accounts.ada = { name: 'Ada', groups: [...many, 'planning-heads'] }
    const visitor = await signedIn()
    expect(sessionOf(visitor).length).toBeLessThan(3_800)
    expect(await me(visitor)).toMatchObject({ roles: ['viewer'] })
  })
})

describe('groups are asked for again every five minutes', () => {
  test('changed groups count', async () => {
    const visitor = await signedIn()
    provider.accounts.ada = { name: 'Ada', groups: ['stewards'] }
    ahead = 4 * minutes
    expect(await me(visitor)).toMatchObject({ roles: ['viewer'] })
    ahead = 5 * minutes
    expect(await me(visitor)).toMatchObject({ roles: ['data_steward'] })
    expect(events.at(-1)).toMatchObject({ what: 'groups_changed', why: 'Groups that count: stewards.' })
  })

  test('many requests at once ask once, and who holds the cookie of before goes on', async () => {
    const visitor = await signedIn()
    const old = visitor.copy()
    const asked = provider.tokenRequests
    ahead = 5 * minutes
    await Promise.all(Array.from({ length: 8 }, () => me(visitor.copy())))
    expect(provider.tokenRequests).toBe(asked + 1)
    ahead = 10 * minutes
    expect(await isIn(old)).toBe(true)
    expect(provider.tokenRequests).toBe(asked + 2)
  })

  test('an account that is gone ends the session', async () => {
    const visitor = await signedIn()
    const copy = visitor.copy()
    delete provider.accounts.ada
    ahead = 5 * minutes
    expect(await isIn(visitor)).toBe(false)
    expect(events.at(-1)).toMatchObject({ what: 'session_ended', who: 'oidc:ada' })
    Object.assign(provider.accounts, people())
    expect(await isIn(copy)).toBe(false)
  })
})

describe('while the provider is down', () => {
  test('nobody signs in, who is on the way is told, and who is signed in goes on', async () => {
    const visitor = await signedIn()
    const halfway = new Visitor()
    await halfway.go(`${address}/sign-in/oidc`)
    const back = await typed(halfway, 'ada')
    await provider.stop()
    try {
      const away = async (answer: Response) => {
        expect(answer.status).toBe(503)
        expect(await answer.text()).toContain('Sign-in is not possible just now')
      }
      await away(await halfway.go(back))
      const fresh = await serve()
      await away(await new Visitor().go(`${fresh}/sign-in/oidc`))
      ahead = 5 * minutes
      expect(await isIn(visitor)).toBe(true)
      ahead = 35 * minutes
      expect(await isIn(visitor)).toBe(false)
    } finally {
      await provider.start()
    }
    ahead = 0
    expect((await signIn(new Visitor(), 'ada')).status).toBe(200)
  })
})

describe('signing out', () => {
  const own = { Origin: '', 'Sec-Fetch-Site': 'same-origin' }

  test('ends the session at once, here and at the provider', async () => {
    const visitor = await signedIn()
    const thief = visitor.copy()
    const answer = await visitor.step(`${address}/sign-out`, {
      method: 'POST',
      headers: { ...own, Origin: address, Accept: 'application/json' },
    })
    const { to } = (await answer.json()) as { to: string }
    expect([await isIn(visitor), await isIn(thief)]).toEqual([false, false])
    expect(events.at(-1)).toMatchObject({ what: 'signed_out', who: 'oidc:ada' })
    // the provider asks, and comes back
    const page = await (await visitor.go(to)).text()
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const back = await visitor.go(`${provider.issuer}/session/end/confirm`, form({ xsrf, logout: 'yes' }))
    expect(back.url).toBe(`${address}/sign-out`)
    expect(await back.text()).toContain('You are signed out')
    const again = await visitor.go(`${address}/sign-in/oidc`)
    expect(await again.text()).toContain('City account')
  })

  test('a page of somebody else signs nobody out, and an address alone does not either', async () => {
    const visitor = await signedIn()
    const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }
    const answer = await visitor.step(`${address}/sign-out`, { ...form({}), headers: foreign })
    expect(answer.status).toBe(403)
    const page = await (await visitor.step(`${address}/sign-out`)).text()
    expect(page).toContain('You are signed in as Ada.')
    expect(await isIn(visitor)).toBe(true)
  })

  test('at the provider ends the session here', async () => {
    const visitor = await signedIn()
    const page = await (await visitor.go(`${provider.issuer}/session/end`)).text()
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    await visitor.go(`${provider.issuer}/session/end/confirm`, form({ xsrf, logout: 'yes' }))
    await expect.poll(() => events.at(-1)?.why).toBe('They signed out at the provider.')
    expect(await isIn(visitor)).toBe(false)
  })

  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const claims = (jti: string) => {
    const iat = Math.floor(Date.now() / 1000)
    return { iss: provider.issuer, aud: 'clearway', sub: 'ada', iat, exp: iat + 120, jti, events: event }
  }
  const tell = async (token: string) =>
    (await fetch(`${address}/sign-in/oidc/backchannel-logout`, form({ logout_token: token }))).status

  test('a message of the provider counts once', async () => {
    const token = await provider.sign(claims('once'), { typ: 'logout+jwt' })
    const first = await signedIn()
    expect(await tell(token)).toBe(200)
    expect(await isIn(first)).toBe(false)
    const second = await signedIn()
    expect(await tell(token)).toBe(400)
    expect(await isIn(second)).toBe(true)
  })

  test.each<[what: string, change: object, by?: typeof otherKey]>([
    ['for another client', { aud: 'another' }],
    ['of another provider', { iss: 'http://localhost:1' }],
    ['that is an ID token', { nonce: 'n' }],
    ['without the event', { events: {} }],
    ['of long ago', { iat: Math.floor(Date.now() / 1000) - 600 }],
    ['that names nobody', { sub: undefined }],
    ['signed by somebody else', {}, otherKey],
  ])('a message %s ends nothing', async (what, change, by) => {
    const visitor = await signedIn()
    const token = await provider.sign({ ...claims(what), ...change }, by ? { by } : {})
    expect(await tell(token)).toBe(400)
    expect(await isIn(visitor)).toBe(true)
  })
})
