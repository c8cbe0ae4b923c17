import { createHash } from 'node:crypto'
import { openAudit } from '../../sql/audit.ts'
import type { Config } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { byServer } from '../commands/actor.ts'

/** Notes that a configuration came into force which is not the one noted last. */
export async function noteConfig(db: Db, config: Config): Promise<void> {
  const sha256 = createHash('sha256').update(JSON.stringify(config)).digest('hex')
  const result = await db.query({
    query: `SELECT argMax(JSONExtractString(detail, 'sha256'), at) AS last FROM audit WHERE deed = 'config_change'`,
    format: 'JSONEachRow',
  })
  if ((await result.json<{ last: string }>())[0]?.last === sha256) return
  await openAudit(db).note({
    actor: byServer,
    ...{ deed: 'config_change', object: 'clearway.config.json', detail: { sha256 } },
  })
}
