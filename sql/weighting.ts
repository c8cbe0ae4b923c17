import { grouped } from './findings/sign.ts'
import { around, type Interval, wilson } from './intervals.ts'

/** People of one kind: how many there were, and how they answered. */
export type Group = {
  service: string
  channel: string
  /** `yes` for who got what they came for, `no` for who did not, empty when it was not told. */
  intended: string
  customers: number
  /** Gave any answer; of these `rated` gave a rating, of which `satisfied` 4 or 5. */
  answered: number
  rated: number
  satisfied: number
}

/** A group needs so many answers to speak for itself. */
export const fewestToSpeak = 5
/** Nobody speaks for more than so many times as many people as an average answer does. */
export const largestWeight = 4

const levels: ((group: Group) => string)[] = [
  ({ service, channel, intended }) => JSON.stringify([service, channel, intended]),
  ({ service, intended }) => JSON.stringify([service, intended]),
  ({ service }) => service,
  () => '',
]
type Stratum = { groups: Group[]; customers: number; rated: number; satisfied: number }

/**
 * Groups with too few answers to speak for themselves are put together with others of the kind: those of all channels with the same service
 * and end, then those of the service, then those of all services. What is still too small goes to the largest stratum.
 */
function strata(groups: readonly Group[]): Stratum[] {
  let small = groups.filter(({ customers }) => customers > 0).map((group) => stratum([group]))
  const found: Stratum[] = []
  for (const key of levels) {
    const together = grouped(
      small.flatMap(({ groups }) => groups),
      key,
    )
    const merged = [...together.values()].map(stratum)
    found.push(...merged.filter(({ rated }) => rated >= fewestToSpeak))
    small = merged.filter(({ rated }) => rated < fewestToSpeak)
  }
  const [rest] = small
  if (!rest) return found
  const [largest, ...others] = found.toSorted((a, b) => b.customers - a.customers)
  return [...others, stratum([...(largest?.groups ?? []), ...rest.groups])]
}

const stratum = (groups: Group[]): Stratum => ({
  groups,
  customers: total(groups, 'customers'),
  rated: total(groups, 'rated'),
  satisfied: total(groups, 'satisfied'),
})

const total = (
  rows: readonly Pick<Stratum, 'customers' | 'rated' | 'satisfied'>[],
  column: keyof Omit<Stratum, 'groups'>,
) => rows.reduce((sum, row) => sum + row[column], 0)

/** The weights with none above the largest; what is cut off goes to the others, in proportion. Their mean over the answers stays 1. */
function trimmed(found: readonly Stratum[]): number[] {
  const [customers, rated] = [total(found, 'customers'), total(found, 'rated')]
  const plain = found.map((one) => (one.rated === 0 ? 0 : one.customers / customers / (one.rated / rated)))
  let factor = 1
  for (let round = 0; round < 50; round += 1) {
    const cut = plain.map((weight) => weight * factor > largestWeight)
    const sum = (of: boolean) =>
      found.reduce(
        (all, one, index) =>
          cut[index] === of ? all + one.rated * (of ? largestWeight : (plain[index] ?? 0)) : all,
        0,
      )
    const next = sum(false) > 0 ? Math.max(1, (rated - sum(true)) / sum(false)) : 1
    if (Math.abs(next - factor) < 1e-12) break
    factor = next
  }
  return plain.map((weight) => Math.min(largestWeight, weight * factor))
}

export type Weighted = {
  /** The share satisfied as if everyone had been as ready to answer. */
  share: number
  interval: Interval
  /** So many equally weighted answers would say as much: Kish (1965). */
  effective: number
  largest: number
  /** Groups that were put together with others. */
  merged: number
  trimmed: boolean
  /** Weighted less raw share, and what chance explains of it (95 %). */
  difference: number
  difference_interval: Interval
}

/**
 * The share satisfied when the answers of every kind of people count as much as there are such people: post-stratification by service, channel and
 * how the case ended (Holt and Smith 1979), Wilson interval on Kish's effective number of answers. Null without answers.
 * It mends that some kinds of people answer less often; not that within a kind the unhappy answer more often.
 */
export function weightedShare(groups: readonly Group[]): Weighted | null {
  const rated = total(groups, 'rated')
  if (rated === 0) return null
  const found = strata(groups)
  const weights = trimmed(found)
  const sum = (of: (one: Stratum, weight: number) => number) =>
    found.reduce((all, one, index) => all + of(one, weights[index] ?? 0), 0)
  const weight = sum((one, w) => one.rated * w)
  const share = sum((one, w) => one.satisfied * w) / weight
  const effective = weight ** 2 / sum((one, w) => one.rated * w * w)
  const difference = share - total(groups, 'satisfied') / rated
  // the same answers stand in both shares: only the unequal part of a weight makes them differ
  const error = Math.sqrt(
    sum((one, w) => {
      const p = (one.satisfied + 1) / (one.rated + 2)
      return one.rated * ((w - 1) / rated) ** 2 * p * (1 - p)
    }),
  )
  return {
    share,
    interval: wilson(share * effective, effective) ?? [0, 1],
    effective,
    largest: Math.max(...weights),
    merged:
      groups.filter(({ customers }) => customers > 0).length -
      found.filter((one) => one.groups.length === 1).length,
    trimmed: found.some(
      (one, index) =>
        one.customers / total(found, 'customers') / (one.rated / rated) > largestWeight &&
        weights[index] === largestWeight,
    ),
    difference,
    difference_interval: around(difference, error),
  }
}

export type Silent = {
  dimension: 'service' | 'channel' | 'intended'
  value: string
  customers: number
  answered: number
  rate: number
}

/** A kind of people is looked at from so many of them on. */
const fewestCustomers = 50

/** Kinds of people that answer at less than half of the overall rate, beyond what chance explains (95 %); the least heard first. */
export function silentGroups(groups: readonly Group[]): Silent[] {
  const overall = sumOf(groups, 'answered') / sumOf(groups, 'customers')
  return (['channel', 'intended', 'service'] as const)
    .flatMap((dimension) =>
      [...grouped(groups, (group) => group[dimension])].map(([value, own]) => {
        const [customers, answered] = [sumOf(own, 'customers'), sumOf(own, 'answered')]
        return { dimension, value, customers, answered, rate: answered / customers }
      }),
    )
    .filter(({ customers, answered, rate }) => {
      const [, upper] = wilson(answered, customers) ?? [0, 1]
      return customers >= fewestCustomers && rate < overall / 2 && upper < overall
    })
    .sort((a, b) => a.rate - b.rate)
}

const sumOf = (groups: readonly Group[], column: 'customers' | 'answered') =>
  groups.reduce((sum, group) => sum + group[column], 0)

/** So much must weighting move the share before it is worth a warning. */
const smallestShift = 0.01

/**
 * Whether those who answered differ from all customers so much that the plain share misleads: weighting moves it by more than chance explains, or
 * kinds of people are hardly heard.
 */
export function biasOf(
  groups: readonly Group[],
  labelOf: (dimension: Silent['dimension'], value: string) => string,
) {
  const weighted = weightedShare(groups)
  const silent = silentGroups(groups).map((group) => ({
    ...group,
    label: labelOf(group.dimension, group.value),
  }))
  const [low, high] = weighted?.difference_interval ?? [0, 0]
  const shifts = weighted !== null && Math.abs(weighted.difference) >= smallestShift && (low > 0 || high < 0)
  const rate = sumOf(groups, 'answered') / Math.max(1, sumOf(groups, 'customers'))
  return {
    difference: weighted?.difference ?? null,
    difference_interval: weighted?.difference_interval ?? null,
    shifts,
    /** Answers by customer, of all. */
    rate,
    silent,
    warned: shifts || silent.length > 0,
  }
}
