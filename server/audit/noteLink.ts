import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { Audit } from '../../sql/audit.ts'
import { nobody } from '../access/who.ts'
import { addressOf } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { networkOf } from './network.ts'
import { notNoted } from './notNoted.ts'

/** Notes that a report was fetched by its link: whoever has the link has the report, so nobody knows who it was. */
export const noteLink = (audit: Audit, log: Logger) => async (c: Context<AppEnv>, sha256: string) => {
  const { kind, id, name } = nobody
  const done = { deed: 'report_link', object: sha256, address: networkOf(addressOf(c)) } as const
  await audit.note({ actor: { kind, id, name }, ...done }).catch((error: unknown) => {
    log.error({ err: error, deed: done.deed }, 'a deed could not be noted')
    throw notNoted()
  })
}
