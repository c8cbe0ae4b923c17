import type { Point } from './step.ts'

/** What the points of a series are: shares of `weight` cases, numbers of cases, or means with a noise of their own. */
export type Family = 'share' | 'count' | 'mean'

/** Where a level changed: the week, the working day in it (0 is Monday), and the first and last week it may be (about 95 %). */
export type Place = { at: number; day: number; earliest: number; latest: number }

const workingDays = 5

/**
 * The likeliest place of a change between two levels, to the working day: in the week of the change a part of the days has the
 * old level. The likelihood is that of the family (binomial, Poisson, normal); `wave` is what else moves each point: added to
 * means, multiplied as exp(wave) with counts. Where the points spread more than the family says, the place is as much less sure
 * (quasi-likelihood). Of all places the one is given with as much likelihood before it as after it. Null with fewer than `fewest`
 * points on a side.
 */
export function placeOf(
  points: readonly Point[],
  family: Family,
  { wave = [], fewest = 3 }: { wave?: readonly number[]; fewest?: number } = {},
): Place | null {
  const tried: { index: number; day: number; cost: number }[] = []
  const sums = new Sums(points, family, wave)
  for (let index = fewest; index <= points.length - fewest; index++)
    for (let day = 0; day < workingDays; day++)
      tried.push({ index, day, cost: sums.cost(index, 1 - day / workingDays) })
  const best = tried.reduce<(typeof tried)[number] | null>(
    (found, each) => (found && found.cost <= each.cost ? found : each),
    null,
  )
  if (!best) return null
  const unit = sums.spread(best.index, 1 - best.day / workingDays)
  // without any noise only the best place is likely
  const likelihoods = tried.map(({ cost }) =>
    cost <= best.cost ? 1 : Math.exp((best.cost - cost) / Math.max(1e-12, 2 * unit)),
  )
  let left = likelihoods.reduce((sum, each) => sum + each, 0) / 2
  const middle =
    tried.find((_, place) => {
      left -= likelihoods[place] ?? 0
      return left <= 0
    }) ?? best
  // the place of a change is less sure than a level: the bound of Yao (1987) for 95 %
  const near = tried.filter(({ cost }) => cost - best.cost <= 7.7 * unit)
  const atOf = (index: number) => points[index]?.at ?? 0
  return {
    at: atOf(middle.index),
    day: middle.day,
    earliest: atOf(Math.min(...near.map(({ index }) => index))),
    latest: atOf(Math.max(...near.map(({ index }) => index))),
  }
}

/** Twice the likelihood lost by two levels, with the levels of the whole weeks before and after the change. */
class Sums {
  readonly #points: readonly Point[]
  readonly #family: Family
  readonly #wave: readonly number[]
  readonly #value: number[] = [0]
  readonly #size: number[] = [0]

  constructor(points: readonly Point[], family: Family, wave: readonly number[]) {
    this.#points = points
    this.#family = family
    this.#wave = wave
    for (const [index, { value, weight }] of points.entries()) {
      const moved = wave[index] ?? 0
      const [add, size] =
        family === 'count'
          ? [value, Math.exp(moved)]
          : family === 'share'
            ? [value * weight, weight]
            : [(value - moved) * weight, weight]
      this.#value.push((this.#value.at(-1) ?? 0) + add)
      this.#size.push((this.#size.at(-1) ?? 0) + size)
    }
  }

  cost(index: number, part: number): number {
    return this.#each(index, part).reduce((sum, { cost }) => sum + cost, 0)
  }

  /** How much more the points spread than the family says (at least 1), or the noise of a mean of weight 1. */
  spread(index: number, part: number): number {
    const squares = this.#each(index, part).map(({ square }) => square)
    const found = squares.reduce((sum, each) => sum + each, 0) / Math.max(1, squares.length - 2)
    return this.#family === 'mean' ? found : Math.max(1, found)
  }

  #each(index: number, part: number): { cost: number; square: number }[] {
    const whole = part === 1 ? index : index + 1
    const [old, late] = [this.#level(0, index), this.#level(whole, this.#points.length)]
    return this.#points.map((point, place) => {
      const share = place < index ? 0 : place === index ? part : 1
      return lost(this.#family, point, old * (1 - share) + late * share, this.#wave[place] ?? 0)
    })
  }

  #level(from: number, until: number): number {
    const value = (this.#value[until] ?? 0) - (this.#value[from] ?? 0)
    const size = (this.#size[until] ?? 0) - (this.#size[from] ?? 0)
    // of no cases that went a way half of one may have: else one later case would prove a change
    const half = this.#family === 'share' ? 0.5 : 0
    return (value + half) / (size + 2 * half)
  }
}

/** What a level costs one point: twice the likelihood lost, and the square of what is left by its own noise. */
function lost(family: Family, { value, weight }: Point, level: number, moved: number) {
  if (family === 'mean') {
    const square = weight * (value - moved - level) ** 2
    return { cost: square, square }
  }
  if (family === 'count') {
    const mean = Math.max(1e-9, level * Math.exp(moved))
    return { cost: 2 * (mean - value * Math.log(mean)), square: (value - mean) ** 2 / mean }
  }
  const p = Math.min(1 - 1e-6, Math.max(1e-6, level))
  const yes = value * weight
  return {
    cost: -2 * (yes * Math.log(p) + (weight - yes) * Math.log(1 - p)),
    square: (yes - weight * p) ** 2 / (weight * p * (1 - p)),
  }
}
