import type { Point, Step } from './step.ts'

export const findingKinds = [
  'slower_stage',
  'capacity',
  'segment',
  'rework',
  'batching',
  'arrivals',
  'mix_shift',
  'clock_stops',
] as const
export type FindingKind = (typeof findingKinds)[number]

export type Segment = { dimension: string; value: string }

/** Something that changed for good, and what it says of the wait. What it costs is not yet reckoned. */
export type Sign = {
  kind: FindingKind
  service: string
  /** Null when the change is one of the whole service. */
  stage: string | null
  from_stage: string | null
  segment: Segment | null
  step: Step
  /** How many standard errors it had to measure, in a city of ten services. */
  bar: number
  /** What was measured: time worked, whole stays, people at work, cases a week, or a share. */
  measure: 'work' | 'stay' | 'people' | 'cases' | 'share'
  /** Level before and after; of work and stays as a factor of the earlier level. */
  before: number
  after: number
  /** Too weak to be told by itself: it is told where the cases prove it. */
  toProve?: true
}

/** Ten times as many services are ten times as many chances to be wrong: the tail of the normal law is so much thinner from here on. */
export const isSure = ({ step, bar }: Pick<Sign, 'step' | 'bar'>, services: number): boolean =>
  step.z ** 2 >= bar ** 2 + 2 * Math.log(Math.max(1, services / usualServices))
const usualServices = 10

/** Weeks to a year. */
export const yearOfWeeks = 52.18

/** Points of a series of sums: each week's sum by its number. Weeks with fewer than `fewest` are left out. */
export function means(
  week: readonly number[],
  sums: readonly number[],
  numbers: readonly number[],
  fewest = 1,
): Point[] {
  return week.flatMap((at, index) => {
    const [sum, number] = [sums[index] ?? 0, numbers[index] ?? 0]
    return number >= fewest ? [{ at, value: sum / number, weight: number }] : []
  })
}

/** Mean of the points before a place, and from it on, each by its weight. */
export function levels(points: readonly Point[], at: number): { before: number; after: number } {
  const mean = (chosen: readonly Point[]) =>
    chosen.reduce((sum, { value, weight }) => sum + value * weight, 0) /
    Math.max(
      1e-9,
      chosen.reduce((sum, { weight }) => sum + weight, 0),
    )
  return {
    before: mean(points.filter((point) => point.at < at)),
    after: mean(points.filter((point) => point.at >= at)),
  }
}

/** Groups rows by a name. */
export function grouped<Row>(rows: readonly Row[], nameOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = nameOf(row)
    const group = groups.get(name)
    if (group) group.push(row)
    else groups.set(name, [row])
  }
  return groups
}

export const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, each) => total + each, 0)
