import { type Access, environmentProvider } from '../../sql/accessConfig.ts'
import { type Env, StartError } from '../env.ts'

/** A provider people sign in with, and how we are known there. */
export type ProviderSettings = {
  id: string
  name: string
  issuer: string
  client_id: string
  client_secret: string | undefined
  groups_claim: string
  scopes: readonly string[] | undefined
}

const loopback = ['localhost', '127.0.0.1', '::1']

/** The provider of the environment, then those of the configuration. */
export function providersOf(env: Env, access: Access): ProviderSettings[] {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_NAME = 'your account', OIDC_GROUPS_CLAIM = 'groups' } = env
  const own: ProviderSettings[] =
    OIDC_ISSUER && OIDC_CLIENT_ID
      ? [
          {
            ...{ id: environmentProvider, name: OIDC_NAME, issuer: OIDC_ISSUER, client_id: OIDC_CLIENT_ID },
            ...{ client_secret: env.OIDC_CLIENT_SECRET, groups_claim: OIDC_GROUPS_CLAIM, scopes: undefined },
          },
        ]
      : []
  const secretOf = (id: string) =>
    env.clientSecrets?.[`OIDC_${id.toUpperCase().replaceAll('-', '_')}_CLIENT_SECRET`]
  const declared = access.providers.map(({ scopes, ...provider }) => ({
    ...provider,
    scopes,
    client_secret: secretOf(provider.id),
  }))
  return [...own, ...declared]
}

/** The address to listen on. Anything but loopback needs people who sign in, and an address they find us at. */
export function hostOf(
  { HOST = '127.0.0.1', CLEARWAY_ADDRESS }: Env,
  providers: readonly ProviderSettings[],
): string {
  if (loopback.includes(HOST)) return HOST
  if (providers.length === 0)
    throw new StartError(
      `HOST is ${HOST}, and nobody has to sign in: set OIDC_ISSUER and OIDC_CLIENT_ID (or access.providers in clearway.config.json), or unset HOST to listen on this machine only.`,
    )
  if (CLEARWAY_ADDRESS === undefined)
    throw new StartError(
      `HOST is ${HOST}, and CLEARWAY_ADDRESS is not set: set it to the origin people reach this server at, like https://clearway.city.example.`,
    )
  return HOST
}
