import type { Context } from 'hono'
import type { Done } from '../../sql/audit.ts'
import type { Who } from '../access/who.ts'
import { addressOf } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { declaredPurpose } from '../privacy/purpose.ts'
import { networkOf } from './network.ts'
import { notNoted } from './notNoted.ts'

type Noted = Omit<Done, 'actor' | 'request_id' | 'address'> & { actor?: Done['actor'] }

/**
 * Writes down what who asks does. Awaited before the answer: what cannot be written down is not shown. `purpose` is the declared
 * one that the request says.
 */
export async function note(
  c: Context<AppEnv>,
  { actor = actorOf(c.var.who), ...noted }: Noted,
): Promise<void> {
  const { audit, requestId, log } = c.var
  try {
    await audit.note({
      purpose: declaredPurpose(c),
      ...noted,
      ...{ actor, detail: shortened(noted.detail ?? {}), request_id: requestId },
      address: networkOf(addressOf(c)),
    })
  } catch (error) {
    log.error({ err: error, request_id: requestId, deed: noted.deed }, 'a deed could not be noted')
    throw notNoted()
  }
}

const actorOf = ({ kind, id, name }: Who): Done['actor'] => ({ kind, id, name })

const mostText = 200
const mostItems = 20

/** Without what says nothing, and no longer than a reader of the audit can use. */
const shortened = (detail: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(detail)
      .filter(
        ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
      )
      .map(([name, value]) => [
        name,
        Array.isArray(value)
          ? [
              ...value.slice(0, mostItems).map(cut),
              ...(value.length > mostItems ? [`and ${value.length - mostItems} more`] : []),
            ]
          : cut(value),
      ]),
  )

const cut = (value: unknown) =>
  typeof value === 'string' && value.length > mostText ? `${value.slice(0, mostText)}…` : value
