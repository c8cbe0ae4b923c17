import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createKey, revokeKey } from '../../sql/keys.ts'
import { readLog } from '../../sql/releaseLog.ts'
import { build } from './build.ts'
import type { Desk } from './desk.ts'
import { standingOf } from './state.ts'
import { approve, check, publish, schedule } from './workflow.ts'

const builds = 'sample city, builds'
const approves = 'sample city, approves'
/** People who open the first page come first. */
const patienceMs = 5_000

/**
 * Releases the last whole month of the sample city, so that a newcomer has something public to look at: by two keys of its own, which end with it.
 * Only where nobody else has begun a release, and never for a real city.
 */
export async function releaseSample(
  desk: Desk,
  log: Pick<Logger, 'info'>,
  stop: AbortSignal,
  patience = patienceMs,
): Promise<void> {
  const { db } = desk
  const done = await readLog(db)
  const isOurs = done.every(({ key_name }) => [builds, approves].includes(key_name))
  if (!isOurs || done.some(({ step }) => step === 'published')) return
  if (!desk.config().jurisdiction.sample) return
  await wait(patience, undefined, { signal: stop })
  const [builder, approver] = [await makePerson(desk, builds), await makePerson(desk, approves)]
  const config = desk.config()
  // its dates are those of the invented city, not of today
  const undated: Desk = {
    ...desk,
    config: () => ({ ...config, publication: { ...config.publication, calendar: [] } }),
  }
  try {
    const { id } = await build(undated, { at: 'now' }, builder)
    await check(undated, id, builder)
    await approve(undated, id, approver)
    await schedule(undated, id, approver)
    await publish(desk, id, approver).catch(async (error: unknown) => {
      // the server may have done so already: the minute has come
      if (standingOf(await readLog(db, id)).state !== 'published') throw error
    })
    log.info({ release: id }, 'the last month of the sample city is public')
  } finally {
    for (const { id } of [builder, approver]) await revokeKey(db, id)
  }
}

const makePerson = ({ db }: Desk, name: string) =>
  createKey(db, { name, role: 'publisher', scopes: ['publish'] })
