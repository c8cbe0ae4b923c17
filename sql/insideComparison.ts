import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, type Period, segmentParams } from './filters.ts'
import { kpiAnswer } from './kpiFigures.ts'
import overlapSql from './queries/overlap.sql?raw'
import { defineQuery } from './query.ts'
import { readJurisdiction } from './reference.ts'
import type { Stat } from './stat.ts'

const text = z.string()
const texts = z.array(text)
const chosen = {
  service: texts,
  department: texts,
  district: texts,
  channel: texts,
  team: texts,
  from: text,
  until: text,
}
const other = {
  ...{
    other_service: texts,
    other_department: texts,
    other_district: texts,
    other_channel: texts,
    other_team: texts,
  },
  ...{ other_from: text, other_until: text },
}
const counts = z.object({ cases: z.number(), waits: z.number(), outcomes: z.number() })
const overlap = defineQuery('overlap', overlapSql, z.object({ ...chosen, ...other, zone: text }), counts)

/** A question that would tell of too few people beside one that was asked before. */
export class OverlapError extends Error {
  override name = 'OverlapError'
}

export type Compared = {
  /** The whole store, and the same with only the rows that who asks may see. */
  whole: Db
  own: Db
  /** Those who ask and see the same rows: they could put their answers together, so they share a budget. */
  who: string
  filters: Filters & Period
  /** The smallest number of other people's cases that is told. */
  threshold: number
  now?: Date
}

const dayMs = 86_400_000
/** A day of comparing by hand is far less; a program that asks on ends here. */
const mostADay = 200

/**
 * The figures of the whole city for somebody who sees only a part of it: the one way to them. What the others add is hidden while it is told of
 * fewer than `threshold` of them; a question whose people differ from those of an earlier one of the day by fewer is refused, since the two
 * answers would tell of them. Throws OverlapError.
 */
export async function cityFigures(compared: Compared) {
  const { whole, own, filters, threshold } = compared
  // first what one may ask for: a name that one does not see is unknown, whatever the whole city calls so
  const mine = await kpiAnswer(own, filters)
  await inTurn(compared.who, () => spendBudget(compared))
  const city = await kpiAnswer(whole, filters)
  return {
    data_version: city.data_version,
    kpis: city.kpis.map(({ id, stat }) => {
      const its = mine.kpis.find((each) => each.id === id)?.stat
      return { id, stat: its && tellsOfFew(stat, its, threshold) ? hidden(stat) : stat }
    }),
  }
}

const turns = new Map<string, Promise<void>>()
/** One question after another, so that two at once do not each miss the other. */
async function inTurn(who: string, work: () => Promise<void>): Promise<void> {
  const mine = (turns.get(who) ?? Promise.resolve()).then(work, work)
  turns.set(who, mine)
  try {
    await mine
  } finally {
    if (turns.get(who) === mine) turns.delete(who)
  }
}

/** Whether what others add to a figure is about some of them, but too few. */
function tellsOfFew(city: Stat, mine: Stat, threshold: number): boolean {
  const few = (all: number | null, its: number | null) => {
    const others = (all ?? 0) - (its ?? 0)
    return others > 0 && others < threshold
  }
  const rest = ({ numerator, denominator }: Stat) =>
    numerator === null || denominator === null ? null : denominator - numerator
  return few(city.n, mine.n) || few(city.numerator, mine.numerator) || few(rest(city), rest(mine))
}

const hidden = (stat: Stat): Stat => ({
  ...stat,
  ...{ value: null, n: 0, numerator: null, denominator: null, interval: null, status: 'hidden' },
})

/** Notes the question, unless it and an earlier one of the day, by anybody who sees the same rows, differ by too few people that are not their own. */
async function spendBudget({
  whole,
  own,
  who,
  filters,
  threshold,
  now = new Date(),
}: Compared): Promise<void> {
  const { time_zone: zone } = await readJurisdiction(whole)
  const asked = JSON.stringify({ ...segmentParams(filters), from: filters.from, until: filters.until })
  const answer = await whole.query({
    query:
      'SELECT DISTINCT filters FROM compared WHERE who = {who: String} AND at > fromUnixTimestamp64Milli({since: Int64})',
    query_params: { who, since: now.getTime() - dayMs },
    format: 'JSONEachRow',
  })
  const earlier = (await answer.json<{ filters: string }>()).map((row) => row.filters)
  if (earlier.includes(asked)) return
  if (earlier.length >= mostADay)
    throw new OverlapError(
      `You and those who see the same compared with the whole city ${mostADay} times today: go on tomorrow, or with figures of your own.`,
    )
  for (const before of earlier) {
    const params = { ...JSON.parse(asked), ...prefixed(JSON.parse(before)), zone } as z.input<
      typeof overlap.params
    >
    const [[all], [mine]] = await Promise.all([overlap(whole, params), overlap(own, params)])
    const differ = (['cases', 'waits', 'outcomes'] as const).map((of) => (all?.[of] ?? 0) - (mine?.[of] ?? 0))
    if (differ.some((others) => others > 0 && others < threshold))
      throw new OverlapError(
        `With an earlier question of today this one would tell of fewer than ${threshold} people in other departments: choose more, or a longer period.`,
      )
  }
  await whole.insert({
    table: 'compared',
    values: [{ who, filters: asked, at: now.toISOString() }],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })
}

const prefixed = (filters: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(filters).map(([name, value]) => [`other_${name}`, value]))
