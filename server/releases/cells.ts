import type { Place } from '../../sql/cube.ts'
import { driverIds } from '../../sql/satisfaction.ts'
import type { Cell, Earlier, Sum } from '../disclosure/cells.ts'
import { countOf, periodBefore, periodsOf, placeOf, servicesWith, streamOf, tells, valuesOf } from './cube.ts'
import type { Frozen } from './frozen.ts'
import { answerIds, outcomeIds } from './layouts.ts'
import { declared, isStock, measureOf } from './measures.ts'
import type { Profile, Table } from './published.ts'

/** The name of a cell, the same in every release: `requests_received|building-permits|north|2026-Q2`. */
export function cellId(count: string, { service, district, channel, period }: Place): string {
  const part = district !== 'all' ? `district ${district}` : channel !== 'all' ? `channel ${channel}` : 'all'
  return [count, service, part, period].join('|')
}

/** Counts of which one is part of another. Where a share is made of the two, the rest of it tells as much as the part and is guarded as well. */
const within: [part: string, of: string][] = [
  ['closed_with_promise', 'requests_closed'],
  ['closed_on_time', 'closed_with_promise'],
  ['received_known', 'requests_received'],
  ['received_digital', 'received_known'],
  ['open_with_promise', 'backlog'],
  ['open_overdue', 'open_with_promise'],
  ['open_over_52_weeks', 'backlog'],
  ['completed', 'completed_or_given_up'],
  ['gave_up', 'people_waiting'],
  ['waits_in_time', 'waits_promised'],
  ['outcomes_intended', 'outcomes_told'],
  ['feedback_offered', 'customers'],
  ['feedback_given', 'feedback_offered'],
  ['ratings', 'feedback_given'],
  ['satisfied', 'ratings'],
  ['waits_in_time', 'people_served'],
  ['outcomes_told', 'customers'],
  ...Object.keys(declared)
    .filter((id) => /^driver_.*_told$/.test(id))
    .flatMap((told): [string, string][] => [
      [told, 'feedback_given'],
      [told.replace('_told', '_positive'), told],
    ]),
]

/** Of a rest that no figure tells: only that it is not less than nobody. */
const unpublished: Profile = { name: 'unpublished', k: 1, base: 10_000_000, zeros_tell: false }

/** Rests that have a name of their own. */
const rests: Record<string, string> = { open_overdue: 'open_in_time', completed: 'closed_withdrawn' }
const restOf = (part: string, of: string) => rests[part] ?? `${of} without ${part}`

const isShare = (numerator: string, denominator: string) =>
  Object.values(declared).some(
    (one) =>
      one.kind === 'share' &&
      one.denominator === denominator &&
      [numerator, restOf(numerator, denominator)].includes(one.numerator),
  )

const [firstDriver, ...otherDrivers] = driverIds.map((driver) => `driver_${driver}_told`)

/** Totals and what they are divided into, where that holds: people in a queue are served or give up, and who answers answers all questions. */
const divided: [of: string, parts: string[]][] = [
  ['requests_closed', outcomeIds.map((end) => `closed_${end}`)],
  ['requests_closed', ['completed_or_given_up', 'closed_duplicate', 'closed_unmapped']],
  ['completed', ['closed_intended', 'closed_resolved', 'closed_not_eligible', 'closed_refused']],
  ['ratings', [...answerIds]],
  ['ratings without satisfied', answerIds.filter((answer) => answer !== 'satisfied')],
  ['outcomes_intended', ['closed_intended', 'closed_not_eligible']],
  ['outcomes_told', ['completed_or_given_up']],
  ['people_waiting', ['people_served', 'gave_up']],
  ['waits_promised', ['people_served', 'gave_up']],
  ...otherDrivers.map((told): [string, string[]] => [told, firstDriver ? [firstDriver] : []]),
]

/** Counts that are together no more than others, not only where one is part of another. */
const atMost: [some: string[], of: [string, ...string[]]][] = [
  [['people_waiting'], ['people_served', 'gave_up']],
  [['waits_promised'], ['people_served', 'gave_up']],
  [['people_served'], ['waits_promised']],
]
/** The same over time, of what was open at the end of the period before: who was overdue then is so still, or was closed late. */
const atMostSince: [before: string, some: string[], of: [string, ...string[]]][] = [
  ['open_overdue', ['closed_on_time'], ['open_overdue', 'closed_with_promise']],
  ['open_with_promise', [], ['open_with_promise', 'closed_with_promise']],
  ['open_over_52_weeks', [], ['open_over_52_weeks', 'requests_closed']],
]

/** Exact value of a count, also of those that are made of others. */
function exactly(frozen: Frozen, count: string, at: Place): number {
  if (count === 'open_in_time')
    return frozen.count('open_with_promise', at) - frozen.count('open_overdue', at)
  const one = declared[count]
  if (one?.kind === 'count' && one.sum) return one.sum.reduce((sum, part) => sum + frozen.count(part, at), 0)
  return frozen.count(count, at)
}

/** Every count that tables show or that shares, times and costs in them are made of, as a cell, with all sums that are known to hold. */
export function cellsOf(
  frozen: Frozen,
  tables: readonly Table[],
  profile: (service: string) => Profile,
  earlier: Earlier,
) {
  const cells = new Map<string, Cell>()
  const places = new Map<string, { count: string; at: Place }>()
  const add = (count: string, at: Place, value: number, own = profile(at.service)) => {
    const id = cellId(count, at)
    if (!cells.has(id)) cells.set(id, { id, value, profile: own })
    return id
  }
  for (const { rows, measures } of tables)
    for (const { at } of rows)
      for (const count of measures.flatMap((id) => countsIn(id, at))) {
        const place = placeOf(at)
        if (!tells(frozen, count, place.service)) continue
        const id = add(count, place, exactly(frozen, count, place))
        places.set(id, { count, at: place })
      }

  const sums: Sum[] = []
  const value = (id: string) => cells.get(id)?.value ?? 0
  /** Only what holds exactly is known; parts that are no cells are not published. */
  const sum = (total: string, parts: readonly string[], more: Pick<Sum, 'share' | 'less'> = {}) => {
    const added = (ids: readonly string[] = []) => ids.reduce((all, id) => all + value(id), 0)
    const known = [total, ...parts, ...(more.less ?? [])].every((id) => cells.has(id))
    if (known && parts.length > 0 && added(parts) - added(more.less) === value(total))
      sums.push({ total, parts, ...more })
  }
  const noMore = (some: readonly string[], [first, ...of]: readonly [string, ...string[]], at: Place) => {
    const added = (ids: readonly string[]) => ids.reduce((all, id) => all + value(id), 0)
    const left = value(first) + added(of) - added(some)
    if (left < 0 || ![...some, first, ...of].every((id) => cells.has(id))) return
    const names = (ids: readonly string[]) => ids.map((id) => id.split('|')[0]).join(' and ')
    const rest = add(`${names([first, ...of])} without ${names(some)}`, at, left, unpublished)
    sum(first, [...some, rest], { less: of })
  }

  const { months, quarters } = periodsOf(frozen.about)
  const monthsOf = new Map(
    quarters.map(({ id, from, until }) => [
      id,
      months.filter((month) => month.from >= from && month.until <= until).map((month) => month.id),
    ]),
  )
  const districts = valuesOf(frozen, 'district').map((id) => placeOf({ district: id }).district)
  const channels = valuesOf(frozen, 'channel').map((id) => placeOf({ channel: id }).channel)
  const digital = new Set(frozen.about.channels.filter((one) => one.digital).map(({ id }) => id))

  // before the first period nobody is told what was open, but it was not less than nothing; what an earlier release told of it is known
  for (const { count, at } of places.values()) {
    if (count !== 'backlog') continue
    const before = { ...at, period: periodBefore(at.period) }
    const [received, closed] = [cellId('requests_received', at), cellId('requests_closed', at)]
    const open = value(cellId('backlog', at)) - value(received) + value(closed)
    if (open < 0 || !cells.has(received) || !cells.has(closed)) continue
    add('backlog', before, open, earlier.has(cellId('backlog', before)) ? profile(at.service) : unpublished)
  }

  for (const { count, at } of places.values()) {
    const total = cellId(count, at)
    const inside = (name: string) => cellId(name, at)
    // of services, districts, channels and months
    if (at.service === 'all') {
      const services = new Set(streamOf(count).flatMap((stream) => servicesWith(frozen, stream)))
      sum(
        total,
        [...services].map((service) => cellId(count, { ...at, service })),
      )
    }
    if (at.district === 'all' && at.channel === 'all') {
      sum(
        total,
        districts.map((district) => cellId(count, { ...at, district })),
      )
      sum(
        total,
        channels.map((channel) => cellId(count, { ...at, channel })),
      )
      if (count === 'received_known')
        sum(
          total,
          channels
            .filter((id) => id !== '')
            .map((channel) => cellId('requests_received', { ...at, channel })),
        )
      if (count === 'received_digital')
        sum(
          total,
          [...digital].map((channel) => cellId('requests_received', { ...at, channel })),
        )
      const own = monthsOf.get(at.period)
      if (own)
        sum(
          total,
          (isStock(count) ? own.slice(-1) : own).map((period) => cellId(count, { ...at, period })),
        )
    }
    // of a count and what is within it
    for (const [part, of] of within) {
      if (count !== part || !cells.has(inside(of))) continue
      const [rest, left] = [restOf(part, of), value(inside(of)) - value(total)]
      if (left < 0) continue
      const share = isShare(part, of)
      const service = profile(at.service)
      // no figure tells the rest; where it is not small it may be known, and to guard it as well would ask for more than there is
      const own = add(rest, at, left, share && left < service.k ? service : unpublished)
      sum(inside(of), [total, own], share ? { share: true } : {})
      for (const [whole, parts] of divided) if (whole === rest) sum(inside(rest), parts.map(inside))
    }
    for (const [whole, parts] of divided) if (whole === count) sum(total, parts.map(inside))
    // what was open and came is what was closed and is still open
    if (count === 'backlog') {
      const [received, closed] = [inside('requests_received'), inside('requests_closed')]
      const open = cellId('backlog', { ...at, period: periodBefore(at.period) })
      sum(total, [open, received], { less: [closed] })
    }
    for (const [some, of] of atMost) if (of[0] === count) noMore(some.map(inside), named(of, inside), at)
    const before = cellId(count, { ...at, period: periodBefore(at.period) })
    for (const [stock, some, of] of atMostSince)
      if (stock === count) noMore([before, ...some.map(inside)], named(of, inside), at)
    if (count === 'open_with_promise')
      noMore([total, inside('closed_with_promise')], [before, inside('requests_received')], at)
  }
  return { cells: [...cells.values()], sums }
}

const named = ([first, ...others]: readonly [string, ...string[]], name: (count: string) => string) =>
  [name(first), ...others.map(name)] as const

/** The counts that a figure is made of. */
function countsIn(id: string, at: Table['rows'][number]['at']): string[] {
  const one = measureOf(id)
  switch (one.kind) {
    case 'count':
      return [countOf(id, at)]
    case 'share':
      return [one.numerator, one.denominator]
    case 'time':
      return [one.of]
    case 'money':
      return [one.per, 'closed_unmapped']
    default:
      return []
  }
}
