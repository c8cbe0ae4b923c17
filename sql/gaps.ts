import { grouped } from './findings/sign.ts'
import { chanceOf, type Estimate, standOut } from './intervals.ts'
import { type Adjusted, standardise } from './standardise.ts'

/** A figure of a group or of all others, for one kind of case or (`whole`) for all of them. */
export type Cell = {
  segment: string
  rest: boolean
  whole: boolean
  stratum: string
  n: number
  estimate: Estimate | null
}

/** A group is compared from so many cases on, and by a kind of case of which both sides have so many. */
export const fewestInGroup = 30
const fewestInCell = 10

export type Gap = {
  segment: string
  n: number
  reference: string | null
  reference_n: number
  level: Estimate | null
  reference_level: Estimate | null
  raw: Adjusted | null
  /** The gap at the same mix of kinds of cases; null where no kind can be compared. */
  adjusted: Adjusted | null
  /** Share of the group's cases that are of a kind that can be compared. */
  compared: number
  /** How often chance alone makes such a gap. */
  chance: number | null
  /** Too large for chance among all gaps looked at. */
  clear: boolean
}

/**
 * Every group beside all others (`rest`), or beside the best group; what is surest to differ first. Compared is kind by kind, with the mix of all
 * cases; what a group has no equal for is left out and told as the share compared.
 */
export function gapsOf(cells: readonly Cell[], against: 'rest' | 'best', better: 'lower' | 'higher'): Gap[] {
  const whole = cells.filter((cell) => cell.whole)
  const own = (segment: string) => whole.find((cell) => cell.segment === segment && !cell.rest)
  const segments = [...new Set(cells.map(({ segment }) => segment))]
  const known = segments
    .map(own)
    .filter((cell) => cell !== undefined && cell.n >= fewestInGroup && cell.estimate !== null)
  const best = known.toSorted(
    (a, b) => ((a?.estimate?.value ?? 0) - (b?.estimate?.value ?? 0)) * (better === 'lower' ? 1 : -1),
  )[0]?.segment
  const bySegment = grouped(
    cells.filter((cell) => !cell.whole),
    ({ segment }) => segment,
  )
  const mixOf = (segment: string) => {
    const counts = new Map<string, number>()
    for (const { stratum, n } of bySegment.get(segment) ?? [])
      counts.set(stratum, (counts.get(stratum) ?? 0) + n)
    return counts
  }

  const gaps = segments.map((segment): Gap => {
    const level = own(segment)
    const reference =
      against === 'rest'
        ? whole.find((cell) => cell.segment === segment && cell.rest)
        : best === segment || best === undefined
          ? undefined
          : own(best)
    const enough = (level?.n ?? 0) >= fewestInGroup && (reference?.n ?? 0) >= fewestInGroup
    const raw = enough ? pairOf(1, level, reference) : null
    const mix = mixOf(segment)
    const mine = (bySegment.get(segment) ?? []).filter(({ rest }) => !rest)
    const theirs =
      against === 'rest'
        ? (bySegment.get(segment) ?? []).filter(({ rest }) => rest)
        : (bySegment.get(best ?? '') ?? []).filter(({ rest }) => !rest)
    const comparable = mine.flatMap((cell) => {
      const other = theirs.find(({ stratum }) => stratum === cell.stratum)
      if (cell.n < fewestInCell || (other?.n ?? 0) < fewestInCell) return []
      const pair = pairOf(mix.get(cell.stratum) ?? 0, cell, other)
      return pair ? [{ pair, n: cell.n }] : []
    })
    const adjusted = raw && standardise(comparable.map(({ pair }) => pair))
    return {
      segment,
      n: level?.n ?? 0,
      reference: against === 'rest' ? null : (reference?.segment ?? null),
      reference_n: reference?.n ?? 0,
      level: level?.estimate ?? null,
      reference_level: reference?.estimate ?? null,
      raw: raw && standardise([raw]),
      adjusted,
      compared: adjusted && level ? comparable.reduce((sum, { n }) => sum + n, 0) / level.n : 0,
      chance: adjusted ? chanceOf(adjusted.errors) : null,
      clear: false,
    }
  })
  return gaps.sort(
    (a, b) =>
      Math.abs(b.adjusted?.errors ?? -1) - Math.abs(a.adjusted?.errors ?? -1) ||
      a.segment.localeCompare(b.segment),
  )
}

/** Marks the gaps that stand out among all that were looked at. */
export function markClear(gaps: readonly Gap[]): Gap[] {
  const told = gaps.filter(({ chance }) => chance !== null)
  const clear = standOut(told.map(({ chance }) => chance ?? 1))
  const marked = new Set([...clear].map((index) => told[index]))
  return gaps.map((gap) => ({ ...gap, clear: marked.has(gap) }))
}

function pairOf(weight: number, own: Cell | undefined, reference: Cell | undefined) {
  return own?.estimate && reference?.estimate
    ? { weight, own: own.estimate, reference: reference.estimate }
    : null
}

/** Hours of cases of a group and service; without a stage all of their hours. */
export type Hours = { segment: string; stratum: string; stage: string; n: number; hours: number }

export type GapInHours = {
  own_hours: number
  reference_hours: number
  gap_hours: number
  /** What other services being asked for makes of the gap, with those that cannot be compared. */
  mix_hours: number
  /** What longer or shorter times at a stage make of it, at the same mix; an empty stage is time that no stage tells. */
  stages: { service: string; stage: string; hours: number }[]
}

/**
 * Where the gap of the mean time arises: the mean of the group less that of its reference is what the mix makes of it and, service by service
 * with the mix of all, the differences of the mean hours at each stage. They add up to the gap. Null without cases on both sides.
 */
export function gapInHours(
  rows: readonly Hours[],
  segment: string,
  reference: string | null,
): GapInHours | null {
  const isOwn = (row: Hours) => row.segment === segment
  const isReference = (row: Hours) =>
    reference === null ? row.segment !== segment : row.segment === reference
  const sum = (of: 'n' | 'hours', which: (row: Hours) => boolean) =>
    rows.reduce((total, row) => (which(row) ? total + row[of] : total), 0)
  const all = (row: Hours) => row.stage === ''
  const [n, m] = [sum('n', (row) => all(row) && isOwn(row)), sum('n', (row) => all(row) && isReference(row))]
  if (n === 0 || m === 0) return null
  const own_hours = sum('hours', (row) => all(row) && isOwn(row)) / n
  const reference_hours = sum('hours', (row) => all(row) && isReference(row)) / m

  const services = [...grouped(rows, ({ stratum }) => stratum)].flatMap(([service, own]) => {
    const cases = (which: (row: Hours) => boolean) =>
      own.reduce((total, row) => (all(row) && which(row) ? total + row.n : total), 0)
    const [mine, theirs, weight] = [cases(isOwn), cases(isReference), cases(() => true)]
    if (mine < fewestInCell || theirs < fewestInCell) return []
    const difference = (stageOf: (row: Hours) => boolean) =>
      own.reduce(
        (total, row) =>
          !stageOf(row)
            ? total
            : total + (isOwn(row) ? row.hours / mine : 0) - (isReference(row) ? row.hours / theirs : 0),
        0,
      )
    const names = [...new Set(own.filter((row) => !all(row)).map(({ stage }) => stage))]
    const stages = names.map((stage) => ({ service, stage, hours: difference((row) => row.stage === stage) }))
    const told = stages.reduce((total, { hours }) => total + hours, 0)
    return [{ weight, stages: [...stages, { service, stage: '', hours: difference(all) - told }] }]
  })
  const weights = services.reduce((total, { weight }) => total + weight, 0)
  const stages = services
    .flatMap(({ weight, stages: own }) =>
      own.map((stage) => ({ ...stage, hours: (stage.hours * weight) / weights })),
    )
    .filter(({ stage, hours }) => stage !== '' || Math.abs(hours) > 1e-6)
    .sort((a, b) => Math.abs(b.hours) - Math.abs(a.hours))
  const gap_hours = own_hours - reference_hours
  return {
    own_hours,
    reference_hours,
    gap_hours,
    mix_hours: gap_hours - stages.reduce((total, { hours }) => total + hours, 0),
    stages,
  }
}
