import { type Interval, wilson } from './intervals.ts'

/** People who waited so many whole days: how many answered, and how many of them were satisfied. */
export type DayOfWait = { day: number; answered: number; satisfied: number }

/** What the share satisfied does as the wait grows: one share up to a day and a fall (or rise) after it; or one curve all along. */
export type WaitCurve = {
  shape: 'break' | 'line' | 'log' | 'flat'
  /** The last day of the even part, the days it may be (95 %), and the shares on that day and on the next. */
  break: { day: number; interval: Interval; before: Share; after: Share } | null
  /** The share by day of wait, where people waited so long. */
  points: ({ day: number; answered: number } & Share)[]
  answered: number
}
export type Share = { share: number; interval: Interval }

/** On both sides of a break there must be so many answers, and so large a part of all. */
const fewestOnASide = 30
const smallestPart = 0.05
/**
 * A break is told when it explains the answers so much better than any curve without one (twice the difference of the log-likelihoods). What
 * chance reaches has no closed form because the place is chosen too (Davies 1987); by simulation fewer than one in twenty series of 300 to
 * 20,000 answers without a break come so far: `npm run bench -- intervals`.
 */
const clearBreak = 10.5
/** A day belongs to the interval when the break may lie there as well as anywhere: likelihood ratio below 7.35, Hansen (2000), theorem 2. */
const asGood = 7.35

/**
 * The day after which satisfaction changes, by segmented logistic regression on exact days: one share up to the day, then a line on the
 * logit scale with its own start, against one without a break (flat, a line in days, or in their logarithm). Null with too few answers.
 */
export function waitCurve(rows: readonly DayOfWait[]): WaitCurve | null {
  const days = rows.filter(({ answered }) => answered > 0).toSorted((a, b) => a.day - b.day)
  const answered = days.reduce((sum, row) => sum + row.answered, 0)
  if (answered < 2 * fewestOnASide || days.length < 2) return null

  const smooth = [
    { shape: 'flat' as const, fit: flat(days) },
    { shape: 'line' as const, fit: line(days, (day) => day) },
    { shape: 'log' as const, fit: line(days, Math.log1p) },
  ]
  const least = Math.max(fewestOnASide, smallestPart * answered)
  const candidates: { index: number; likelihood: number }[] = []
  let [n, satisfied] = [0, 0]
  for (const [index, row] of days.slice(0, -1).entries()) {
    n += row.answered
    satisfied += row.satisfied
    if (n < least || answered - n < least) continue
    const after = line(days.slice(index + 1), (day) => day)
    candidates.push({ index, likelihood: logLikelihood(satisfied, n) + after.likelihood })
  }
  const points = (shareOn: (day: number) => Share) =>
    days.map(({ day, answered }) => ({ day, answered, ...shareOn(day) }))
  const [best] = candidates.toSorted((a, b) => b.likelihood - a.likelihood)
  const withoutBreak = Math.max(...smooth.map(({ fit }) => fit.likelihood))
  if (!best || 2 * (best.likelihood - withoutBreak) <= clearBreak) {
    // each thing more to choose must earn two units of likelihood ratio: Akaike (1974)
    const [simplest] = smooth.toSorted((a, b) => a.fit.aic - b.fit.aic)
    return simplest
      ? { shape: simplest.shape, break: null, points: points(simplest.fit.shareOn), answered }
      : null
  }
  const before = flat(days.slice(0, best.index + 1))
  const after = line(days.slice(best.index + 1), (day) => day)
  const as = candidates.filter(({ likelihood }) => 2 * (best.likelihood - likelihood) <= asGood)
  const dayAt = (index: number) => days[index]?.day ?? 0
  const day = dayAt(best.index)
  // nobody waited for the days in between: the break may lie on any of them
  const interval: Interval = [
    dayAt(as[0]?.index ?? best.index),
    dayAt((as.at(-1)?.index ?? best.index) + 1) - 1,
  ]
  return {
    shape: 'break',
    break: { day, interval, before: before.shareOn(day), after: after.shareOn(dayAt(best.index + 1)) },
    points: points((on) => (on <= day ? before.shareOn(on) : after.shareOn(on))),
    answered,
  }
}

type Fit = { likelihood: number; aic: number; shareOn: (day: number) => Share }

/** Log-likelihood of so many satisfied, at their own share. */
function logLikelihood(satisfied: number, n: number): number {
  const part = (count: number) => (count > 0 ? count * Math.log(count / n) : 0)
  return part(satisfied) + part(n - satisfied)
}

function flat(rows: readonly DayOfWait[]): Fit {
  const n = rows.reduce((sum, row) => sum + row.answered, 0)
  const satisfied = rows.reduce((sum, row) => sum + row.satisfied, 0)
  const likelihood = logLikelihood(satisfied, n)
  const share = { share: satisfied / n, interval: wilson(satisfied, n) ?? ([0, 1] satisfies Interval) }
  return { likelihood, aic: 2 - 2 * likelihood, shareOn: () => share }
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x))

/** Logistic regression on one thing, by Newton's method; a trace of a prior (half an answer to either side) keeps it finite. */
function line(rows: readonly DayOfWait[], measure: (day: number) => number): Fit {
  const n = rows.reduce((sum, row) => sum + row.answered, 0)
  const x0 = rows.reduce((sum, row) => sum + row.answered * measure(row.day), 0) / n
  const x = rows.map((row) => measure(row.day) - x0)
  const all = rows.reduce((sum, row) => sum + row.satisfied, 0)
  let [a, b] = [Math.log((all + 0.5) / (n - all + 0.5)), 0]
  let [aa, ab, bb] = [0, 0, 0]
  const prior = 0.5 / n
  for (let round = 0; round < 30; round += 1) {
    let [ga, gb] = [0, 0]
    ;[aa, ab, bb] = [0, 0, 0]
    for (const [index, row] of rows.entries()) {
      const at = x[index] ?? 0
      const p = logistic(a + b * at)
      const off = row.satisfied - row.answered * p + prior * row.answered * (1 - 2 * p)
      const weight = (row.answered + 2 * prior * row.answered) * p * (1 - p)
      ga += off
      gb += off * at
      aa += weight
      ab += weight * at
      bb += weight * at * at
    }
    const determinant = aa * bb - ab * ab
    const level = determinant <= 1e-9 * aa * Math.max(bb, 1e-9)
    let [da, db] = level
      ? [ga / aa, 0]
      : [(bb * ga - ab * gb) / determinant, (aa * gb - ab * ga) / determinant]
    // a step that changes the odds beyond measure is shortened
    const reach = Math.max(1, Math.abs(da) / 2, ...(level ? [] : [(Math.abs(db) * span(x)) / 4]))
    da /= reach
    db /= reach
    a += da
    b += db
    if (Math.abs(da) < 1e-7 && Math.abs(db) * span(x) < 1e-7) break
  }
  const likelihood = rows.reduce((sum, row, index) => {
    const at = a + b * (x[index] ?? 0)
    // log(1 + e^x) without overflow
    const soft = Math.max(at, 0) + Math.log1p(Math.exp(-Math.abs(at)))
    return sum + row.satisfied * at - row.answered * soft
  }, 0)
  const determinant = aa * bb - ab * ab
  return {
    likelihood,
    aic: 4 - 2 * likelihood,
    shareOn: (day) => {
      const at = measure(day) - x0
      const variance =
        determinant > 1e-9 * aa * Math.max(bb, 1e-9)
          ? (bb - 2 * ab * at + aa * at * at) / determinant
          : 1 / aa
      const [middle, reach] = [a + b * at, 1.96 * Math.sqrt(variance)]
      return { share: logistic(middle), interval: [logistic(middle - reach), logistic(middle + reach)] }
    },
  }
}

const span = (x: readonly number[]): number => Math.abs((x.at(-1) ?? 0) - (x[0] ?? 0))
