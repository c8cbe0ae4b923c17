import { z } from 'zod'
import { roles } from './keys.ts'

/** The provider that the environment names, and the account of the machine that a link signs in: no other provider is called so. */
export const environmentProvider = 'oidc'
const taken = [environmentProvider, 'once', 'machine']

const isLoopback = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(host)

/** Whether an address is safe from those who listen: https, or on this machine. */
export const isPrivateAddress = (address: string): boolean => {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

export const issuer = z.string().refine(isPrivateAddress, {
  error: 'must be an address like https://login.city.example; http only on this machine',
})

/** An OpenID provider people sign in with. Its secret stands in the environment as OIDC_<ID>_CLIENT_SECRET. */
const provider = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and - only')
    .refine((id) => !taken.includes(id), {
      error: `must be none of ${taken.join(', ')}: these stand for others`,
    }),
  /** As people know it, like "City account". */
  name: z.string().min(1),
  issuer,
  client_id: z.string().min(1),
  groups_claim: z.string().min(1).default('groups'),
  /** What is asked for; without it openid and profile, and offline_access and groups where the provider has them. */
  scopes: z.array(z.string().min(1)).optional(),
})

/** Members of a group of a provider have a role, for rows of these departments, services and districts. An empty list limits nothing. */
const group = z.strictObject({
  provider: z.string().default(environmentProvider),
  group: z.string().min(1),
  role: z.enum(roles).exclude(['ingest'], { error: 'must be a role of people: ingest is for programs' }),
  department: z.array(z.string()).default([]),
  service: z.array(z.string()).default([]),
  district: z.array(z.string()).default([]),
})

/** How long people stay signed in. */
const session = z.strictObject({
  /** Minutes after which somebody who does nothing is signed out. */
  idle_minutes: z.number().min(1).max(1_440).default(30),
  /** Hours after which everybody signs in again. */
  hours: z.number().positive().max(24).default(12),
  /** Minutes after which the provider is asked for the groups again, where it gives a refresh token. */
  check_minutes: z.number().positive().max(60).default(5),
})

/** Who may sign in, as what, and for how long. */
export const access = z.strictObject({
  providers: z.array(provider).default([]),
  groups: z.array(group).default([]),
  session: session.prefault({}),
})
export type Access = z.output<typeof access>
export type GroupRule = Access['groups'][number]

type Named = Record<'services' | 'departments' | 'districts', readonly { id: string }[]>
type Fault = { path: (string | number)[]; message: string }

const rows = [
  ['department', 'departments'],
  ['service', 'services'],
  ['district', 'districts'],
] as const

/** What is wrong with it, beyond its shape. */
export function faultsOfAccess({ providers, groups }: Access, names: Named): Fault[] {
  const twice = providers.flatMap(({ id }, index) =>
    providers.findIndex((each) => each.id === id) === index
      ? []
      : [
          {
            path: ['providers', index, 'id'],
            message: `two providers are called "${id}": give one of them another id`,
          },
        ],
  )
  const known = [environmentProvider, ...providers.map(({ id }) => id)]
  const faults = groups.flatMap((group, index) => [
    ...(known.includes(group.provider)
      ? []
      : [
          {
            path: ['groups', index, 'provider'],
            message: `"${group.provider}" is not declared under access.providers, and is not ${environmentProvider}, the one of the environment`,
          },
        ]),
    ...rows.flatMap(([row, list]) =>
      group[row]
        .filter((id) => !names[list].some((each) => each.id === id))
        .map((id) => ({ path: ['groups', index, row], message: `"${id}" is not declared under ${list}` })),
    ),
  ])
  return [...twice, ...faults]
}
