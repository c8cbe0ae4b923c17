import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Privacy } from '../../sql/privacy/privacyConfig.ts'
import type { Who } from '../access/who.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { configOrNone } from '../open.ts'

/** Whether somebody has to say what for: persons unless that is turned off, keys only where it is turned on, nobody on the machine itself. */
export const mustSay = ({ ask_purpose }: Privacy, { kind }: Pick<Who, 'kind'>): boolean =>
  (kind === 'person' && ask_purpose !== false) || (kind === 'key' && ask_purpose === true)

/**
 * Single cases are opened for one of the purposes of the configuration: in the header X-Purpose, or in the parameter `purpose` where a link
 * can send no header. The audit writes it down with what was opened. Throws the answer that says which purposes there are.
 */
export function checkPurpose(c: Context<AppEnv>): void {
  const { privacy } = configOrNone(c.var.store.dataDir)
  const said = saidPurpose(c)
  const known = privacy.purposes.join(', ')
  if (said === '' && mustSay(privacy, c.var.who))
    throw new ProblemError(422, {
      kind: 'purpose-missing',
      detail: `Say what you open single cases for: send the header X-Purpose with one of ${known}. It is written down.`,
    })
  if (said !== '' && !privacy.purposes.includes(said))
    throw new ProblemError(422, {
      kind: 'purpose-unknown',
      detail: `"${said.slice(0, 60)}" is no purpose that is declared here: send one of ${known}.`,
    })
}

const saidPurpose = (c: Context<AppEnv>): string => c.req.query('purpose') ?? c.req.header('X-Purpose') ?? ''

/** The purpose that a request says, where it is a declared one: words of one's own could name somebody, and the audit is never changed. */
export function declaredPurpose(c: Context<AppEnv>): string {
  const said = saidPurpose(c)
  return said !== '' && configOrNone(c.var.store.dataDir).privacy.purposes.includes(said) ? said : ''
}

/** The same before a route. */
export const forPurpose = createMiddleware<AppEnv>(async (c, next) => {
  checkPurpose(c)
  await next()
})
