import { costOf } from '../../sql/costs.ts'
import type { Place } from '../../sql/cube.ts'
import { wilson } from '../../sql/intervals.ts'
import { daysBefore } from '../../sql/period.ts'
import type { Shown } from '../disclosure/cells.ts'
import { quantileMayBeShown } from '../disclosure/quantiles.ts'
import { shareShown } from '../disclosure/ratios.ts'
import { meaning } from '../disclosure/rounding.ts'
import { cellId } from './cells.ts'
import { countOf, placeOf, streamOf, tells } from './cube.ts'
import type { About, Frozen } from './frozen.ts'
import { type Declared, measureOf } from './measures.ts'
import type { Figure, Mark, Profile, Row } from './published.ts'

/** A share or a time of fewer cases than this is marked as one of few. */
const fewCases = 30
/** Less than this of a period is known: no figure is given. Less than the second: it is provisional. */
const leastKnown = 0.5
const finallyKnown = 0.95
/** So many cases lie beyond the ends of an interval of a time that is published. */
const beyond = 5

const none = (...marks: Mark[]): Figure => ({ value: null, marks, interval: null, was: null })
const some = (value: number, interval: Figure['interval'] = null): Figure => ({
  value,
  marks: [],
  interval,
  was: null,
})
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

/**
 * Figures as the public sees them, made of published counts. The only exact things that are read are times, which are told when enough
 * cases stand behind them, and how much of a period is known.
 */
export function figuresOf(
  frozen: Frozen,
  shown: ReadonlyMap<string, Shown>,
  profileOf: (service: string) => Profile,
) {
  const { about } = frozen

  function figure(id: string, at: Row['at']): Figure {
    const one = measureOf(id)
    const place = placeOf(at)
    if (one.kind === 'target') return targetOf(about, place)
    if (one.kind === 'known') return knownFigure(place)
    const known = knownOf(one, id, place, at)
    if (typeof known === 'string') return none(known)
    if (known < leastKnown) return none('x')
    const made = make(one, id, at, place)
    const marks = made.marks
    if (made.value !== null && known < finallyKnown) marks.push('p')
    if (made.value !== null && one.kind === 'share' && breaks(id, about, place)) marks.push('b')
    return { ...made, marks }
  }

  function make(one: Declared, id: string, at: Row['at'], place: Place): Figure {
    const cell = (count: string) => shown.get(cellId(count, place))
    if (one.kind === 'count') {
      const seen = cell(countOf(id, at))
      return !seen ? none('x') : seen.hidden ? none('c') : some(seen.value)
    }
    if (one.kind === 'share') {
      const { numerator, denominator } = one
      const [part, of] = [cell(numerator), cell(denominator)]
      if (!part || !of) return none('x')
      const share = shareShown(part, of, profileOf(place.service))
      if (share.hidden || of.hidden) return none('c')
      if (share.value === null) return none(one.untold ? 'x' : 'z')
      // nearly nobody or nearly everybody: which share it is would tell of single people
      if (share.coded)
        return { ...none('c'), interval: share.coded === 'top' ? [share.value, 1] : [0, share.value] }
      const [low, high] = wilson(share.value * of.value, of.value) ?? [0, 1]
      const made = some(rounded(share.value, 3), [rounded(low, 3), rounded(high, 3)])
      return of.value < fewCases ? { ...made, marks: ['u'] } : made
    }
    if (one.kind === 'time') return timeFigure(one, id, place)
    return costFigure(place, cell('completed'), cell('closed_unmapped'))
  }

  function timeFigure(one: Declared & { kind: 'time' }, id: string, place: Place): Figure {
    const count = shown.get(cellId(one.of, place))
    const told = frozen.time(id, place)
    if (!count) return none('x')
    if (count.hidden) return none('c')
    if (count.value === 0) return none('z')
    if (!told) return none('x')
    const { quantile } = one
    const profile = profileOf(place.service)
    // of as few as both may be: what the published count means, and the cases whose time is known
    const n = Math.min(meaning(count, profile)[0], told.n)
    if (!quantileMayBeShown({ ...count, value: n, base: 1 }, quantile, profile)) return none('c')
    const keptBack = beyondPromise(id).some((part) => {
      const seen = shown.get(cellId(part, place))
      return seen?.hidden || seen?.frozen
    })
    // "nine in ten took less than promised" tells how few took longer: beside a hidden number it must leave enough of them open
    const tail = Math.min(n * quantile, n * (1 - quantile))
    if (keptBack && tail < 2 * profile.k) return none('c')
    // more than half, or one in ten, are still open
    if (told.value === null) return none('x')
    const unit = one.stream === 'wait_times' ? 60 : 86_400
    // the ends of an interval are the times of single people: they are told when enough lie beyond them
    const reach = 1.96 * Math.sqrt(n * quantile * (1 - quantile))
    const inner = tail - reach >= (keptBack ? 2 * profile.k : beyond + 1)
    const interval: Figure['interval'] =
      inner && told.low !== null && told.high !== null
        ? [rounded(told.low / unit, 1), rounded(told.high / unit, 1)]
        : null
    const made = some(rounded(told.value / unit, 1), interval)
    return count.value < fewCases ? { ...made, marks: ['u'] } : made
  }

  /** Of whole services only, and where it is known of every closed case whether it was completed. */
  function costFigure(place: Place, completed: Shown | undefined, unmapped: Shown | undefined): Figure {
    const period = about.periods.find(({ id }) => id === place.period)
    if (!period || !completed || !unmapped || place.district !== 'all' || place.channel !== 'all')
      return none('x')
    const services = about.services.filter(
      ({ id, streams }) =>
        streams.includes('case_events') && (place.service === 'all' || id === place.service),
    )
    const cost = costOf(
      about,
      services.map(({ id }) => id),
      period,
    )
    if ('missing' in cost || unmapped.hidden || unmapped.value > 0) return none('x')
    if (completed.hidden) return none('c')
    return completed.value === 0 ? none('z') : some(rounded(cost.amount / completed.value, 2))
  }

  function knownFigure({ service, period }: Place): Figure {
    const shares = (['case_events', 'wait_times', 'outcomes'] as const).flatMap(
      (stream) => frozen.known(stream, service, period) ?? [],
    )
    return shares.length === 0 ? none('x') : some(rounded(Math.min(...shares), 2))
  }

  /** How much is known of what a figure is made of; or that it is not told, or does not apply to the service. */
  function knownOf(one: Declared, id: string, { service, period }: Place, at: Row['at']): number | Mark {
    const count =
      one.kind === 'count'
        ? countOf(id, at)
        : one.kind === 'share'
          ? one.denominator
          : one.kind === 'time'
            ? one.of
            : 'completed'
    if (!tells(frozen, count, service)) return one.stream === 'outcomes' ? 'x' : 'z'
    const shares = streamOf(count).flatMap((stream) => frozen.known(stream, service, period) ?? [])
    return shares.length === 0 ? 'x' : Math.max(...shares)
  }

  return figure
}

/** Counts of those whose time is longer, or not, than what was promised or is counted: a quantile of the times bounds them. */
const beyondPromise = (time: string): string[] =>
  time.startsWith('time_to_outcome')
    ? ['closed_on_time']
    : time.startsWith('wait')
      ? ['waits_in_time']
      : ['open_overdue', 'open_over_52_weeks']

type Promised = About['services'][number]['standards'][number]

/** The promise of a service on a day; where it has none of its own, that of its only kind of case with one. */
export function promiseOn(standards: readonly Promised[], day: string): Promised | null {
  const held = standards.filter(({ valid_from, valid_until }) => valid_from <= day && day < valid_until)
  return held.find(({ subtype }) => subtype === '') ?? (held.length === 1 ? (held[0] ?? null) : null)
}

function targetOf(about: About, { service, period }: Place): Figure {
  const until = about.periods.find(({ id }) => id === period)?.until
  const standards = about.services.find(({ id }) => id === service)?.standards ?? []
  const promised = until && promiseOn(standards, daysBefore(until, 1))
  return promised ? some(promised.target) : none('z')
}

/** Whether another promise began to hold in the period: shares before and after it do not compare. */
function breaks(id: string, about: About, { service, period }: Place): boolean {
  if (!['on_time_rate', 'wait_in_time_rate', 'overdue_share', 'within_standard_share'].includes(id))
    return false
  const span = about.periods.find((one) => one.id === period)
  const standards = about.services.find((one) => one.id === service)?.standards ?? []
  return standards.some(
    ({ subtype, valid_from }) =>
      span !== undefined &&
      valid_from >= span.from &&
      valid_from < span.until &&
      standards.some((one) => one.subtype === subtype && one.valid_from < valid_from),
  )
}
