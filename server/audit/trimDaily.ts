import { subDays } from 'date-fns'
import { inRounds } from '../../pipelines/inRounds.ts'
import type { Audit } from '../../sql/audit.ts'
import { trimAudit } from '../../sql/auditTrim.ts'
import type { Db } from '../../sql/db.ts'
import { byServer } from '../commands/actor.ts'

type Trimming = {
  audit: Audit
  /** For how many days entries are kept; null: for ever. */
  days: number | null
  everyMs?: number
  now?: () => Date
  onTrouble: (error: unknown) => void
}

/** Removes, once a day while a server runs, the entries of the audit whose time is over. Never twice at once. */
export function trimDaily(
  db: Db,
  { audit, days, everyMs = 60_000, now = () => new Date(), onTrouble }: Trimming,
) {
  let trimmed = ''
  return inRounds(
    () => {
      const today = now().toISOString().slice(0, 10)
      if (days === null || trimmed === today) return undefined
      return trimAudit(db, { audit, actor: byServer }, subDays(now(), days)).then(() => {
        trimmed = today
      })
    },
    { everyMs, onTrouble },
  )
}
