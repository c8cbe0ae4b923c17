import { weekdayOf } from './cadence.ts'

/** One day of a source: `expected` is the median of its like, `range` what chance and habit make of it. */
export type JudgedDay = {
  day: number
  rows: number
  expected: number | null
  range: [number, number] | null
  closed: boolean
  gap: boolean
}

/** Days (1970 is 0) with far too few rows; `until` exclusive. `days` counts open days, `expected` their usual rows. */
export type Gap = { from: number; until: number; days: number; rows: number; expected: number }

export type History = {
  firstDay: number
  /** Rows of each day from the first one on. */
  counts: readonly number[]
  /** Judge up to this day (exclusive); later ones only get what is expected of them, up to `end` (exclusive). */
  judgedUntil: number
  end: number
  closed: (day: number) => boolean
  /** Share of a day's rows that is known by now, 0 to 1. */
  known: (day: number) => number
  /** The configured fewest rows of an open day. */
  fewestRows: number | null
}

const weeks = 8
const fewestWeeks = 4
/** A day is a gap only below this share of what is expected: a slow day is no gap. */
const farTooFew = 0.25
/** Level at which a weekday without any row counts as closed. */
const closedLevel = 5

/**
 * What is expected of each day and which days are gaps. Expected is the median of the last eight like days (same weekday, open
 * or closed as it), without empty gaps. Its range is that of a Poisson count with 0.0001 on each side, widened by how much the
 * source scatters (the median of (rows - expected)² / expected over that of chi-square, 0.455) and by the scatter of a median
 * of eight. A gap lies below the range and below a quarter of what is expected: chance makes less than one false gap in 10,000
 * open days, 27 years of one source, and none where fewer than 11 rows a day are usual.
 */
export function judgeDays(history: History): JudgedDay[] {
  const scatter = scatterOf(walk(history, 1))
  return walk(history, scatter * (1 + Math.PI / 2 / weeks))
}

function walk(
  { firstDay, counts, judgedUntil, end, closed, known, fewestRows }: History,
  scatter: number,
): JudgedDay[] {
  const like = new Map<number, number[]>()
  const ranges = new Map<number, [number, number]>()
  /** The same few medians come again and again. */
  const usual = (expected: number): [number, number] => {
    const range = ranges.get(expected) ?? scattered(expected, scatter)
    ranges.set(expected, range)
    return range
  }
  const recent: number[] = []
  const days: JudgedDay[] = []
  let silent = false
  for (let day = firstDay; day < end; day += 1) {
    const rows = counts[day - firstDay] ?? 0
    const declared = closed(day)
    const kind = declared ? -weekdayOf(day) : weekdayOf(day)
    const before = like.get(kind) ?? []
    const expected = before.length >= fewestWeeks ? median(before) : null
    const isClosed =
      declared ||
      (before.length === weeks && before.every((each) => each === 0) && mean(recent) >= closedLevel)
    const range = withFewest(declared ? null : fewestRows, expected === null ? null : usual(expected))
    const judged = day < judgedUntil && day > firstDay && !isClosed && range !== null
    const share = judged ? known(day) : 1
    const gap =
      judged &&
      (fewestRows === null
        ? rows < share * farTooFew * (expected ?? 0) && rows < scattered(share * (expected ?? 0), scatter)[0]
        : rows < share * fewestRows)
    days.push({ day, rows, expected, range: isClosed ? null : range, closed: isClosed, gap })
    if (day >= judgedUntil) continue
    // a day that went on being silent tells nothing of its like; the first one may begin a new habit
    const goesOn = silent && gap && rows === 0
    if (!isClosed) silent = gap && rows === 0
    if (goesOn) continue
    like.set(kind, [...before.slice(1 - weeks), rows])
    recent.push(rows)
    if (recent.length > 7 * weeks) recent.shift()
  }
  return days
}

/**
 * Runs of gaps, oldest first. What parts them is a day that was clearly none: closed days and up to three days of which too little
 * is expected to tell do not.
 */
export function gapsOf(days: readonly JudgedDay[]): Gap[] {
  const gaps: Gap[] = []
  let open: Gap | null = null
  let untold = 0
  for (const { day, rows, expected, range, closed, gap } of days) {
    if (gap) {
      if (!open) {
        open = { from: day, until: day + 1, days: 0, rows: 0, expected: 0 }
        gaps.push(open)
      }
      untold = 0
      open.until = day + 1
      open.days += 1
      open.rows += rows
      open.expected += expected ?? range?.[0] ?? 0
    } else if (closed ? rows > 0 : range?.[0] !== 0 || ++untold > 3) open = null
  }
  return gaps
}

/** How much more the rows of a day scatter than a Poisson count does; at least 1. */
function scatterOf(days: readonly JudgedDay[]): number {
  const squares = days.flatMap(({ rows, expected, closed }) =>
    expected !== null && expected >= 5 && !closed ? [(rows - expected) ** 2 / expected] : [],
  )
  return squares.length < 7 * fewestWeeks ? 1 : Math.max(1, median(squares) / 0.4549)
}

const scattered = (expected: number, scatter: number): [number, number] => {
  const [low, high] = poissonRange(expected / scatter)
  return [Math.floor(low * scatter), Math.ceil(high * scatter)]
}

const withFewest = (fewest: number | null, range: [number, number] | null): [number, number] | null =>
  fewest === null ? range : [fewest, Math.max(fewest, range?.[1] ?? fewest)]

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length)

/**
 * The counts that a Poisson count of this mean falls below, or above, at most once in 10,000 times: exact below a mean of 30,
 * above it by the first terms of Cornish and Fisher (1938).
 */
export function poissonRange(mean: number): [number, number] {
  const level = 1e-4
  const z = 3.719016485455709
  if (mean >= 30) {
    const skew = (z * z - 1) / 6
    const spread = z * Math.sqrt(mean)
    return [Math.max(0, Math.floor(mean - spread + skew)), Math.ceil(mean + spread + skew)]
  }
  let low = 0
  let chance = Math.exp(-mean)
  let below = 0
  for (let count = 0; ; count += 1) {
    below += chance
    if (below <= level) low = count + 1
    if (1 - below <= level) return [low, count]
    chance *= mean / (count + 1)
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
