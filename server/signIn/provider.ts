import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import type { Logger } from 'pino'
import type { Person } from './session.ts'
import type { ProviderSettings } from './settings.ts'

/** Seconds by which the clock of a provider may differ from ours. */
const clockTolerance = 30
/** Seconds a provider has to answer. */
const timeout = 5
/** Milliseconds for which what a provider says of itself is believed. */
const believed = 3_600_000
/** Milliseconds after which a provider that did not answer is asked again for groups. */
const restAfterFailure = 30_000
/** Seconds for which a message that somebody signed out counts. */
const logoutTokenAge = 300
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** What has to come back with the answer of the provider. */
export type Challenge = { state: string; nonce: string; verifier: string }

/** A sign-in that did not come about. `away`: the provider does not answer. `denied`: it says no. `invalid`: its answer is not to be trusted. */
export class SignInError extends Error {
  override name = 'SignInError'
  constructor(
    readonly why: 'away' | 'denied' | 'invalid',
    options: { cause: unknown },
  ) {
    const { cause } = options
    super(cause instanceof Error ? cause.message : String(cause), options)
  }
}

/** Groups as they are now; `groups` is undefined where the provider tells them at sign-in only. */
export type Again = { groups: string[] | undefined; refresh_token: string | undefined } | 'refused' | 'away'

/** One OpenID provider: the code flow with PKCE, state and nonce, and what follows from it. */
export class Provider {
  readonly id: string
  readonly name: string
  #found: { config: oidc.Configuration; keys: ReturnType<typeof createRemoteJWKSet>; at: number } | undefined
  #awayUntil = 0
  /** Seconds our clock is ahead of that of the machine: none, outside of tests. */
  readonly #ahead: number

  constructor(
    private readonly settings: ProviderSettings,
    private readonly address: () => string,
    private readonly log: Logger,
    private readonly clock: () => number = Date.now,
  ) {
    this.id = settings.id
    this.name = settings.name
    this.#ahead = Math.round((clock() - Date.now()) / 1000)
  }

  /** Where to send somebody who wants to sign in, and what to keep until they come back. */
  async begin(): Promise<{ to: URL; challenge: Challenge }> {
    const { config } = await this.#discover().catch((cause) => {
      throw new SignInError('away', { cause })
    })
    const challenge = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    }
    const to = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${this.address()}/sign-in/${this.id}/done`,
      scope: this.#scopes(config).join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(challenge.verifier),
      code_challenge_method: 'S256',
      state: challenge.state,
      nonce: challenge.nonce,
    })
    return { to, challenge }
  }

  /** Who comes back with this address (path and query). Throws SignInError. */
  async complete(
    path: string,
    { state, nonce, verifier }: Challenge,
  ): Promise<Person & { id_token: string | undefined }> {
    try {
      const { config } = await this.#discover()
      const tokens = await oidc.authorizationCodeGrant(config, new URL(path, this.address()), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw new Error('There is no ID token.')
      const { sub, sid } = claims
      const about = await this.#about(config, tokens, sub)
      return {
        ...{ provider: this.id, subject: sub, name: nameOf(about) ?? sub, groups: this.#groups(about) },
        ...(typeof sid === 'string' ? { provider_session: sid } : {}),
        ...(tokens.refresh_token === undefined ? {} : { refresh_token: tokens.refresh_token }),
        id_token: tokens.id_token,
      }
    } catch (cause) {
      throw new SignInError(whyOf(cause), { cause })
    }
  }

  /** Asks for the groups once more. A provider that just failed is left alone for a while. */
  async again(refreshToken: string, subject: string): Promise<Again> {
    if (this.clock() < this.#awayUntil) return 'away'
    try {
      const { config } = await this.#discover()
      const tokens = await oidc.refreshTokenGrant(config, refreshToken)
      if ((tokens.claims()?.sub ?? subject) !== subject) return 'refused'
      const about = await this.#about(config, tokens, subject)
      const isTold =
        this.settings.groups_claim in about || config.serverMetadata().userinfo_endpoint !== undefined
      return { groups: isTold ? this.#groups(about) : undefined, refresh_token: tokens.refresh_token }
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError && refusals.includes(error.error)) return 'refused'
      this.#awayUntil = this.clock() + restAfterFailure
      this.log.warn({ err: error, provider: this.id }, 'groups could not be asked for again')
      return 'away'
    }
  }

  /** Where to end the session at the provider too; undefined where that is not possible. */
  async leave(idToken: string | undefined): Promise<string | undefined> {
    const found = await this.#discover().catch(() => undefined)
    if (found?.config.serverMetadata().end_session_endpoint === undefined) return undefined
    return oidc.buildEndSessionUrl(found.config, {
      post_logout_redirect_uri: `${this.address()}/sign-out`,
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
    }).href
  }

  /** Whom the provider signed out (OpenID Connect Back-Channel Logout 1.0, 2.6). Throws when the message is not to be trusted. */
  async readLogoutToken(token: string): Promise<{ id: string; subject?: string; provider_session?: string }> {
    const { config, keys } = await this.#discover()
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: config.serverMetadata().issuer,
      audience: this.settings.client_id,
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: logoutTokenAge,
      clockTolerance,
      currentDate: new Date(this.clock()),
    })
    const { jti, sub, sid, events, nonce } = payload
    const isLogout = typeof events === 'object' && events !== null && logoutEvent in events
    const type = protectedHeader.typ?.toLowerCase() ?? 'jwt'
    if (!isLogout || nonce !== undefined || !['logout+jwt', 'jwt'].includes(type))
      throw new Error('It is no logout token.')
    const whom = {
      ...(typeof sub === 'string' ? { subject: sub } : {}),
      ...(typeof sid === 'string' ? { provider_session: sid } : {}),
    }
    if (Object.keys(whom).length === 0) throw new Error('It names neither a person nor a session.')
    return { id: `${this.id}:${jti}`, ...whom }
  }

  /** Whether it is there now. */
  async answers(): Promise<boolean> {
    try {
      this.#found = await this.#ask()
      return true
    } catch {
      return false
    }
  }

  async #discover() {
    if (this.#found && this.clock() - this.#found.at < believed) return this.#found
    try {
      this.#found = await this.#ask()
    } catch (error) {
      if (!this.#found) throw error
      // what it said before still holds
      this.#found = { ...this.#found, at: this.clock() }
    }
    return this.#found
  }

  async #ask() {
    const at = this.clock()
    const { issuer, client_id, client_secret } = this.settings
    const config = await oidc.discovery(
      new URL(issuer),
      client_id,
      { [oidc.clockTolerance]: clockTolerance, [oidc.clockSkew]: this.#ahead },
      client_secret === undefined ? oidc.None() : withSecret(client_secret),
      {
        timeout,
        execute: [
          oidc.enableNonRepudiationChecks,
          ...(new URL(issuer).protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
        ],
      },
    )
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''), {
      timeoutDuration: timeout * 1000,
    })
    return { config, keys, at }
  }

  #scopes(config: oidc.Configuration): readonly string[] {
    const has = config.serverMetadata().scopes_supported ?? []
    const usual = [
      'openid',
      'profile',
      ...['offline_access', 'groups'].filter((scope) => has.includes(scope)),
    ]
    return [...new Set(['openid', ...(this.settings.scopes ?? usual)])]
  }

  /** What is known of the person: from the ID token, and asked for where that does not tell the groups. */
  async #about(
    config: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
    subject: string,
  ): Promise<Record<string, unknown>> {
    const claims = tokens.claims() ?? {}
    if (this.settings.groups_claim in claims || config.serverMetadata().userinfo_endpoint === undefined)
      return claims
    return { ...(await oidc.fetchUserInfo(config, tokens.access_token, subject)), ...claims }
  }

  #groups(about: Record<string, unknown>): string[] {
    const told = about[this.settings.groups_claim]
    return (Array.isArray(told) ? told : [told]).filter((group) => typeof group === 'string')
  }
}

/** What a provider answers when somebody may no longer be signed in. Anything else is no word about the person. */
const refusals = [
  'invalid_grant',
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
]

const nameOf = (about: Record<string, unknown>): string | undefined =>
  [about.name, about.preferred_username, about.email].find(
    (name) => typeof name === 'string' && name !== '',
  ) as string | undefined

/** As OpenID Connect says: in the header, unless the provider only takes it in the body. */
function withSecret(secret: string): oidc.ClientAuth {
  const [header, body] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? header : body)(server, ...rest)
  }
}

function whyOf(error: unknown): SignInError['why'] {
  if (error instanceof oidc.AuthorizationResponseError)
    return ['server_error', 'temporarily_unavailable'].includes(error.error) ? 'away' : 'denied'
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500 ? 'away' : 'invalid'
  const code = error instanceof oidc.ClientError ? error.code : undefined
  const cause = error instanceof Error ? error.cause : undefined
  if (code === 'OAUTH_TIMEOUT' || (cause instanceof Response && cause.status >= 500)) return 'away'
  // what fetch throws when nobody is there
  return error instanceof TypeError && error.message === 'fetch failed' ? 'away' : 'invalid'
}
