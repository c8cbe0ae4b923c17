import type { Period } from './filters.ts'
import type { Cost, Named } from './names.ts'
import { daysOf, earlierOf, laterOf } from './period.ts'
import type { Reading } from './reader.ts'

type Segment = { bucket: string; segment: string }
/** The cost of a span with whether it cuts a longer one that a cost is declared for, or why it is not known. */
type SpanCost = { amount: number; cut: boolean; currency: string } | { missing: string }

/** What the services that were chosen cost in each span, together or (by service) each. */
export function costsOf(
  reading: Reading,
  dimension: string,
  spans: readonly Period[],
): (Segment & SpanCost)[] {
  const { filters, held, names } = reading
  const told = new Set(
    held?.coverage.filter(({ stream }) => stream === 'case_events').map(({ service }) => service),
  )
  const services = [...told].filter((id) => filters.service.length === 0 || filters.service.includes(id))
  const parts = [filters.department, filters.district, filters.channel, filters.team]
  const whole = parts.every((chosen) => chosen.length === 0)
  const cost = (of: readonly string[], span: Period): SpanCost =>
    whole && (dimension === '' || dimension === 'service')
      ? costOf(names, of, span)
      : { missing: 'Costs are declared for whole services, not for parts of them.' }
  const at = (segment: string, of: readonly string[]) =>
    spans.map((span) => ({ bucket: span.from, segment, ...cost(of, span) }))
  if (dimension === 'service') return services.flatMap((id) => at(id, [id]))
  return dimension === '' ? at('', services) : []
}

/** The cost of services in a span: every day of each must be covered, in one currency. */
export function costOf(
  { costs, services: known }: { costs: readonly Cost[]; services: readonly Named[] },
  services: readonly string[],
  span: Period,
): SpanCost {
  let [amount, cut] = [0, false]
  const currencies = new Set<string>()
  for (const service of services) {
    let covered = 0
    for (const cost of costs.filter((one) => one.service === service)) {
      const within = { from: laterOf(cost.from, span.from), until: earlierOf(cost.until, span.until) }
      const days = daysOf(within)
      if (days === 0) continue
      covered += days
      amount += (cost.amount * days) / daysOf(cost)
      cut ||= days < daysOf(cost)
      currencies.add(cost.currency)
    }
    if (covered < daysOf(span))
      return {
        missing: `The cost of ${known.find(({ id }) => id === service)?.name ?? service} is declared for ${covered} of ${daysOf(span)} days.`,
      }
  }
  const [currency, another] = [...currencies].sort()
  if (currency === undefined) return { missing: 'No cost is declared.' }
  if (another !== undefined)
    return { missing: `Costs are declared in ${currency} and ${another}: they do not add up.` }
  return { amount, cut, currency }
}
