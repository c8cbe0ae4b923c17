import type { Evidence } from './evidence.ts'
import { weekHours } from './price.ts'

/** The evidence of the weeks from `first` to `last`, both inclusive, as if the log began and ended with them. */
export function between(evidence: Evidence, first: number, last: number): Evidence {
  const cut = <Row extends { week: number[] }>(rows: readonly Row[]): Row[] =>
    rows.flatMap((row) => {
      const from = row.week.filter((week) => week < first).length
      const until = row.week.filter((week) => week <= last).length
      if (from === until) return []
      const entries = Object.entries(row).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.slice(from, until) : value,
      ])
      return [Object.fromEntries(entries) as Row]
    })
  const { visits, occupancy, demand, edges, batches, servers, stays, pauses } = evidence
  return {
    visits: cut(visits),
    occupancy: cut(occupancy.map((row) => standing(row, first))),
    demand: cut(demand),
    edges: cut(edges),
    batches: cut(batches),
    servers: cut(servers),
    stays: cut(stays),
    pauses: cut(pauses),
  }
}

type Occupancy = Evidence['occupancy'][number]

/** Who was there before the first week comes when it begins. */
function standing(row: Occupancy, first: number): Occupancy {
  const place = row.week.filter((week) => week < first).length
  const there = row.came.slice(0, place).reduce((sum, came, index) => sum + came - (row.went[index] ?? 0), 0)
  // sums of parts of cases never even out quite
  if (place === 0 || there < 1e-6) return row
  const isThere = row.week[place] === first
  const added = (values: readonly number[], more: number) => [
    ...values.slice(0, place),
    (isThere ? (values[place] ?? 0) : 0) + more,
    ...values.slice(place + (isThere ? 1 : 0)),
  ]
  return {
    ...row,
    week: isThere ? row.week : added(row.week, first),
    came: added(row.came, there),
    went: added(row.went, 0),
    hours: added(row.hours, there * weekHours),
  }
}
