import { z } from 'zod'

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

const environment = z.object({
  PORT: optional(port),
  CLEARWAY_DATA: optional(z.string()),
  CLICKHOUSE_URL: optional(
    z.url({ protocol: /^https?$/, error: 'must be an address like http://localhost:8123' }),
  ),
  CLICKHOUSE_USER: optional(z.string()),
  CLICKHOUSE_PASSWORD: optional(z.string()),
  CLICKHOUSE_DATABASE: optional(z.string().regex(/^\w+$/, 'must be a name of letters, digits and _')),
  CLEARWAY_SECRET: optional(
    z.string().min(32, 'must have 32 characters or more: openssl rand -hex 32 makes one'),
  ),
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
    const { PORT = 8080, CLEARWAY_DATA = './data', LOG_LEVEL = 'info', ...rest } = read.data
    return { PORT, CLEARWAY_DATA, LOG_LEVEL, ...rest }
  }
  const [issue] = read.error.issues
  const name = String(issue?.path[0])
  const given = ['CLICKHOUSE_PASSWORD', 'CLEARWAY_SECRET', 'CLEARWAY_KEY'].includes(name)
    ? 'set wrongly'
    : `"${source[name]}"`
  throw new StartError(`The environment variable ${name} is ${given}; it ${issue?.message}.`)
}
export type Env = ReturnType<typeof readEnv>
