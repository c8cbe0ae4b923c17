import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import OpenIdProvider, { type Configuration } from 'oidc-provider'

const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const key = { ...(await exportJWK(privateKey)), kid: 'city', alg: 'RS256', use: 'sig' }

export type Account = { name: string; groups: string[] }
export type TestProvider = Awaited<ReturnType<typeof startProvider>>

/** For tests: a real OpenID provider in this process, whose accounts need no password. `address`: where Clearway is. */
export async function startProvider(address: string, accounts: Record<string, Account>) {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const provider = new OpenIdProvider(issuer, configuration(address, accounts))
  const test = {
    issuer,
    provider,
    accounts,
    /** How often somebody asked for tokens. */
    tokenRequests: 0,
    /** Changes every ID token that is handed out; `undefined` for as it is. */
    forge: undefined as ((claims: JWTPayload) => Promise<string>) | undefined,
    /** Hangs up on us; browsers are answered. */
    away: false,
    sign,
    /** Does not answer until it is started again. */
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    start: () =>
      new Promise<void>((resolve) => void server.listen(Number(new URL(issuer).port), '127.0.0.1', resolve)),
  }
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path !== '/token') return
    test.tokenRequests += 1
    const body = ctx.body as { id_token?: string }
    if (test.forge && body.id_token) body.id_token = await test.forge(decodeJwt(body.id_token))
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (test.away && request.url === '/token') request.destroy()
    else if (request.url?.startsWith('/interaction/')) void ask(provider, request, response)
    else void answer(request, response)
  })
  return test
}

/** A token of the provider, or with the key of somebody else. */
export const sign = (claims: JWTPayload, { by = privateKey, typ = 'JWT' } = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'city', typ }).sign(by)

/** The page that asks for the account, and what it sends. */
async function ask(
  provider: OpenIdProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const accountId = new URLSearchParams(await text(request)).get('account') ?? ''
    const result = accountId === '' ? { error: 'access_denied' } : { login: { accountId } }
    return provider.interactionFinished(request, response, result)
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.end(`<!doctype html><html lang="en"><title>City account</title><main><h1>City account</h1>
    <form method="post"><label>Account <input name="account"></label><button>Continue</button></form></main></html>`)
}

const configuration = (address: string, accounts: Record<string, Account>): Configuration => ({
  clients: [
    {
      client_id: 'clearway',
      client_secret: 'a secret that only the two know',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${address}/sign-in/oidc/done`],
      post_logout_redirect_uris: [`${address}/sign-out`],
      backchannel_logout_uri: `${address}/sign-in/oidc/backchannel-logout`,
      backchannel_logout_session_required: true,
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ['a key of the test'] },
  scopes: ['openid', 'offline_access', 'groups'],
  claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, sub) => accounts[sub] && { accountId: sub, claims: () => ({ sub, ...accounts[sub] }) },
  // it refuses to call this machine unless told otherwise
  fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as RequestInit),
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: {
    IdToken: 60,
    AccessToken: 600,
    RefreshToken: 86_400,
    Session: 86_400,
    Grant: 86_400,
    Interaction: 600,
  },
  async loadExistingGrant({ oidc }) {
    const { client, session, provider } = oidc
    const grant = new provider.Grant({
      clientId: client?.clientId ?? '',
      accountId: session?.accountId ?? '',
    })
    grant.addOIDCScope('openid profile groups offline_access')
    await grant.save()
    return grant
  },
})

export const otherKey = (await generateKeyPair('RS256')).privateKey
