import { dataVersion } from './dataVersion.ts'
import type { Db } from './db.ts'
import monthlyHoursSql from './derive/monthly_hours.sql?raw'
import { Steps } from './derive/steps.ts'
import weeklyEndsSql from './derive/weekly_ends.sql?raw'
import weeklyMovesSql from './derive/weekly_moves.sql?raw'
import weeklyVisitsSql from './derive/weekly_visits.sql?raw'
import weeklyWaysSql from './derive/weekly_ways.sql?raw'
import type { Instead } from './query.ts'

/** The tables by weeks, and the questions to the visits that say the same of some months. */
const weekly = {
  weekly_visits: weeklyVisitsSql,
  weekly_moves: weeklyMovesSql,
  weekly_ends: weeklyEndsSql,
  monthly_hours: monthlyHoursSql,
}
/** What those who ask may read of the visits themselves instead. */
const asked = { ...weekly, weekly_ways: weeklyWaysSql }

const everything = { service: [], department: [], district: [], channel: [], team: [] }
type Segments = Record<'department' | 'district' | 'channel' | 'team', string[]>

/** The months of the visits, and which of them changed since the weeks were made. */
async function readMonths(db: Db) {
  const result = await db.query({
    query: `SELECT month, max(changed) AS change, change > max(made) AS lagging FROM weekly_changes GROUP BY month ORDER BY month`,
    format: 'JSONEachRow',
  })
  return result.json<{ month: number; change: number; lagging: number }>()
}

/**
 * What a question to the weeks has to read of the visits themselves: the months in which the weeks lag behind, and all of them for a part of the
 * city only. Undefined where the weeks know all. Good as long as the data version stays.
 */
export async function lagOf(db: Db, segments: Segments & { zone: string }): Promise<Instead | undefined> {
  const months = await readMonths(db)
  const lagging = months.filter((each) => each.lagging === 1).map(({ month }) => month)
  const { department, district, channel, team, zone } = segments
  const isPart = [department, district, channel, team].some((chosen) => chosen.length > 0)
  if (lagging.length === 0 && !isPart) return undefined
  const sources = Object.entries(asked).map(([name, sql]) => {
    const read = sql.includes('{lagging:') ? 'lagging' : 'months'
    const made = `SELECT * FROM ${db.database}.${name} WHERE month NOT IN {${read}: Array(UInt32)}`
    return [name, `${made} UNION ALL ${sql}`]
  })
  const params = { department, district, channel, team, zone, lagging }
  return {
    sources: Object.fromEntries(sources),
    params: { ...params, months: isPart ? months.map(({ month }) => month) : lagging },
  }
}

/**
 * Brings the weeks up to date with the visits: makes the months that changed beside the tables and puts them in the place of the old
 * ones. Repeatable at any point; only one process may do so at a time. A load that is published meanwhile marks its months anew, and nobody reads of
 * the tables what is marked. False when a load came in between: then it is to be done again.
 */
export async function makeWeeks(db: Db): Promise<boolean> {
  const before = await dataVersion(db)
  if (!before.final) return false
  const lagging = (await readMonths(db)).filter((each) => each.lagging === 1)
  if (lagging.length === 0) return true
  const steps = await Steps.of(db)
  const months = lagging.map(({ month }) => month)
  const next = Object.keys(weekly).map((name) => `${name}_next`)
  await steps.dropAll(next)
  for (const [name, sql] of Object.entries(weekly)) {
    await steps.fill(
      { name, fill: `INSERT INTO ${name}_next ${sql}` },
      { months, lagging: months, ...everything },
    )
  }
  // what was read is of one state of the data only if none came in between
  const isWhole = (await dataVersion(db)).version === before.version
  if (isWhole) {
    await steps.replaceAll(Object.keys(weekly), months)
    const made = lagging.map(({ month, change }) => `(${month}, 0, ${change})`).join(', ')
    await steps.run(`INSERT INTO weekly_changes (month, changed, made) VALUES ${made}`)
  }
  await steps.dropAll(next)
  return isWhole
}
