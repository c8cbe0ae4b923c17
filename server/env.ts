import { z } from 'zod'
import { isPrivateAddress, issuer } from '../sql/accessConfig.ts'

/** A wrong start: its message is the one sentence a person gets to read. */
export class StartError extends Error {
  override name = 'StartError'
}

const blankIsMissing = (value: unknown) => (value === '' ? undefined : value)
const optional = <S extends z.ZodType>(schema: S) => z.preprocess(blankIsMissing, schema.optional())

/** A TCP port; 0 lets the system choose a free one. */
export const port = z
  .string()
  .refine((given) => /^\d{1,5}$/.test(given) && Number(given) <= 65_535, {
    error: 'must be a number from 0 to 65535, like 8080',
  })
  .transform(Number)

/** Reports leave by these; what is not set is a way that is closed. */
const delivery = {
  SMTP_URL: optional(
    z.url({ protocol: /^smtps?$/, error: 'must be an address like smtps://user:password@mail.example:465' }),
  ),
  MAIL_FROM: optional(
    z
      .string()
      .regex(/^([^<>\r\n]*<)?[^\s<>@]+@[^\s<>@]+>?$/, 'must be an address like City <reports@city.example>'),
  ),
  MAIL_BOUNCE: optional(z.email('must be an address like bounces@city.example')),
  MAIL_UNSUBSCRIBE: optional(
    z.url({ protocol: /^(mailto|https)$/, error: 'must be an address that begins with mailto: or https:' }),
  ),
  MAIL_ATTACH_MB: optional(
    z
      .string()
      .refine((given) => /^\d{1,2}$/.test(given), 'must be a number of megabytes from 0 to 99, like 10')
      .transform(Number),
  ),
  DKIM_DOMAIN: optional(z.string()),
  DKIM_SELECTOR: optional(z.string()),
  DKIM_PRIVATE_KEY: optional(z.string().includes('PRIVATE KEY', { error: 'must be a private key as PEM' })),
  S3_ENDPOINT: optional(
    z.url({ protocol: /^https?$/, error: 'must be an address like https://storage.city.example' }),
  ),
  S3_REGION: optional(z.string()),
  S3_ACCESS_KEY_ID: optional(z.string()),
  S3_SECRET_ACCESS_KEY: optional(z.string()),
  WEBHOOK_SECRET: optional(
    z.string().min(16, 'must have 16 characters or more: openssl rand -hex 32 makes one'),
  ),
  /** Names, with commas between them. */
  WEBHOOK_PRIVATE_HOSTS: optional(z.string()),
  SFTP_PRIVATE_KEY: optional(z.string().includes('PRIVATE KEY', { error: 'must be a private key as PEM' })),
  SFTP_PASSWORD: optional(z.string()),
  SFTP_PASSWORD_HOSTS: optional(z.string()),
  REPORT_FOLDERS: optional(
    z
      .string()
      .refine(
        (given) => given.split(',').every((folder) => folder.trim().startsWith('/')),
        'must be absolute folders with commas between them',
      ),
  ),
}

/** People sign in with the account of one provider; further ones stand under `access.providers` in the configuration. */
const signIn = {
  OIDC_ISSUER: optional(issuer),
  OIDC_CLIENT_ID: optional(z.string()),
  OIDC_CLIENT_SECRET: optional(z.string()),
  /** As people know it. */
  OIDC_NAME: optional(z.string()),
  OIDC_GROUPS_CLAIM: optional(z.string()),
  /** The origin people reach this server at. */
  CLEARWAY_ADDRESS: optional(
    z.string().refine((given) => isPrivateAddress(given) && new URL(given).origin === given, {
      error:
        'must be the origin people reach this server at, like https://clearway.city.example, without a path; http only on this machine',
    }),
  ),
  /** Address to listen on. */
  HOST: optional(z.string()),
}

/** Never shown, also not when they are wrong. */
const secret = new Set([
  'CLICKHOUSE_PASSWORD',
  'CLEARWAY_SECRET',
  'CLEARWAY_SECRET_BEFORE',
  'CLEARWAY_KEY',
  'SMTP_URL',
  'DKIM_PRIVATE_KEY',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'WEBHOOK_SECRET',
  'SFTP_PRIVATE_KEY',
  'SFTP_PASSWORD',
  'OIDC_CLIENT_SECRET',
])

/** What only works together. */
const together = [
  ['SMTP_URL', 'MAIL_FROM'],
  ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY'],
  ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID'],
] as const

const longSecret = z.string().min(32, 'must have 32 characters or more: openssl rand -hex 32 makes one')

const environment = z.object({
  ...delivery,
  ...signIn,
  PORT: optional(port),
  CLEARWAY_DATA: optional(z.string()),
  CLICKHOUSE_URL: optional(
    z.url({ protocol: /^https?$/, error: 'must be an address like http://localhost:8123' }),
  ),
  CLICKHOUSE_USER: optional(z.string()),
  CLICKHOUSE_PASSWORD: optional(z.string()),
  CLICKHOUSE_DATABASE: optional(z.string().regex(/^\w+$/, 'must be a name of letters, digits and _')),
  CLEARWAY_SECRET: optional(longSecret),
  /** The secret of before: what was sealed with it is still read, so that a new one signs nobody out. */
  CLEARWAY_SECRET_BEFORE: optional(longSecret),
  /** The key of the person who does a step of a release on the command line. */
  CLEARWAY_KEY: optional(z.string()),
  LOG_LEVEL: optional(
    z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug'], {
      error: 'must be one of silent, fatal, error, warn, info, debug',
    }),
  ),
})

/** Reads and checks the environment. Throws a StartError that names the variable; a password is never shown. */
export function readEnv(source: NodeJS.ProcessEnv) {
  const read = environment.safeParse(source)
  if (read.success) {
    for (const names of together) {
      const missing = names.find((name) => read.data[name] === undefined)
      const set = names.find((name) => read.data[name] !== undefined)
      if (missing && set)
        throw new StartError(`The environment variable ${missing} is not set; it goes with ${set}.`)
    }
    const { PORT = 8080, CLEARWAY_DATA = './data', LOG_LEVEL = 'info', ...rest } = read.data
    return { PORT, CLEARWAY_DATA, LOG_LEVEL, ...rest, ...clientSecretsOf(source) }
  }
  const [issue] = read.error.issues
  const name = String(issue?.path[0])
  const given = secret.has(name) ? 'set wrongly' : `"${source[name]}"`
  throw new StartError(`The environment variable ${name} is ${given}; it ${issue?.message}.`)
}

/** The secrets of the providers of the configuration, by the name of their variable, like OIDC_STATE_CLIENT_SECRET. */
function clientSecretsOf(source: NodeJS.ProcessEnv): { clientSecrets?: Record<string, string> } {
  const named = Object.entries(source).flatMap(([name, value]) =>
    /^OIDC_[A-Z0-9_]+_CLIENT_SECRET$/.test(name) && value ? [[name, value] as const] : [],
  )
  return named.length > 0 ? { clientSecrets: Object.fromEntries(named) } : {}
}

export type Env = ReturnType<typeof readEnv>
