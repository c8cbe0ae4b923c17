import type {
  Figure,
  Mark,
  Measure,
  Published,
  PublishedService,
  Row,
  Table,
} from '../../server/releases/published.ts'
import type { Period } from '../../sql/filters.ts'
import type { Stat } from '../../sql/stat.ts'

export type Release = ReturnType<typeof openRelease>
type At = Row['at']

/** A release with its figures at hand. */
export function openRelease(published: Published) {
  const tables = new Map(published.tables.map((table) => [table.id, table]))
  const measures = new Map(published.measures.map((measure) => [measure.id, measure]))
  const rows = new Map<string, Row>()
  const key = (table: Table, at: At) =>
    [table.id, ...table.dimensions.map(({ id }) => at[id] ?? '')].join('|')
  for (const table of published.tables) for (const row of table.rows) rows.set(key(table, row.at), row)

  const figure = (tableId: string, at: At, measure: string): Figure | undefined => {
    const table = tables.get(tableId)
    return table && rows.get(key(table, at))?.figures[measure]
  }
  const dimension = (tableId: string, id: Table['dimensions'][number]['id']) =>
    tables.get(tableId)?.dimensions.find((one) => one.id === id)?.values ?? []
  const periods = (tableId: string) => dimension(tableId, 'period').map(({ id }) => id)
  const month = published.release.period.from.slice(0, 7)
  return {
    ...published,
    month,
    table: (id: string) => tables.get(id),
    measure: (id: string) => measures.get(id),
    figure,
    dimension,
    /** The newest period of a table, with its words. */
    latest: (tableId: string) => dimension(tableId, 'period').at(-1),
    months: periods('services_by_month').filter((id) => id <= month),
    /** A figure of a service (or of `all`) in a month. */
    monthly: (service: string, measure: string, of = month) =>
      figure('services_by_month', { service, period: of }, measure),
    /** Of several measures the first that this service has, though it may be hidden. */
    firstOf: (service: string, ids: readonly string[]): Measure | undefined =>
      ids
        .map((id) => measures.get(id))
        .find(
          (measure) =>
            measure && !absent(figure('services_by_month', { service, period: month }, measure.id)),
        ),
  }
}

/** True when there can be no figure: not collected, or of another kind of service. A hidden one is there. */
export const absent = (figure: Figure | undefined) =>
  !figure || (figure.value === null && !figure.marks.includes('c') && !figure.marks.includes('u'))

/** The promise of the whole service; none where only some kinds of request have one. */
export const standardOf = (service: PublishedService) =>
  service.standards.find(({ subtype }) => subtype === '') ?? null

/** Measures that say how often a promise was kept, and how long it takes: requests first, then queues. */
export const promiseMeasures = ['on_time_rate', 'wait_in_time_rate'] as const
export const timeMeasures = ['time_to_outcome_median', 'wait_median'] as const
export const volumeMeasures = ['requests_received', 'people_served'] as const

export const serviceTables = ['services_by_month', 'services_by_quarter'] as const
export type ServiceTable = (typeof serviceTables)[number]

/** The table a measure of services stands in: by month, or only by quarter. */
export const tableOf = (release: Release, measure: Measure) =>
  serviceTables.find((id) => release.table(id)?.measures.includes(measure.id))

/** The days of a month, of a quarter like 2026-Q2, or from month to month. `until` is the first day no longer in it. */
export function daysOf(period: string): Period {
  const [first = period, last = first] = period.split('/')
  return { from: `${monthsOf(first)[0]}-01`, until: `${next(monthsOf(last)[1])}-01` }
}

const monthsOf = (part: string): [first: string, last: string] => {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(part)
  if (!quarter) return [part, part]
  const end = Number(quarter[2]) * 3
  const month = (number: number) => `${quarter[1]}-${String(number).padStart(2, '0')}`
  return [month(end - 2), month(end)]
}
const next = (month: string) => shift(month, 1)

/** A month so many months later. */
export function shift(month: string, by: number): string {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + by
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

/** A published figure in the form that charts and words of the dashboard take. */
export const statOf = (figure: Figure | undefined, measure: Measure): Stat => ({
  value: figure?.value ?? null,
  unit: measure.unit,
  n: 0,
  numerator: null,
  denominator: null,
  interval: figure?.value == null ? null : figure.interval,
  method: 'exact',
  error: null,
  status: figure?.value == null ? statusOf(figure?.marks ?? []) : 'ok',
  complete: 1,
  as_of: null,
  definition: measure.definition,
})

const statusOf = (marks: readonly Mark[]): Stat['status'] => {
  if (marks.includes('c')) return 'hidden'
  if (marks.includes('u')) return 'too_few'
  return marks.includes('x') ? 'not_collected' : 'not_applicable'
}
