import type { Point } from './step.ts'

/**
 * The first `at` of a rise that may go on growing, told by `step` as somewhere in it: a queue lengthens from week to week, and the
 * step that fits best then lies in the middle of the rise. From the calm before, the surplus over its level is added up and begins
 * anew whenever it is used up (Page's cumulative sum, 1954): the rise began when the sum that is still running at the step began.
 * Null when there is too little calm to know its level by.
 */
export function onsetOf(points: readonly Point[], step: { at: number; earliest: number }): number | null {
  const calm = points.filter(({ at }) => at < step.earliest - 1).slice(-mostCalm)
  if (calm.length < fewestCalm) return null
  const mass = calm.reduce((sum, { weight }) => sum + weight, 0)
  const level = calm.reduce((sum, { value, weight }) => sum + value * weight, 0) / mass
  // the noise of a point of weight 1
  const noise = Math.sqrt(
    calm.reduce((sum, { value, weight }) => sum + weight * (value - level) ** 2, 0) / (calm.length - 1),
  )
  let [surplus, began] = [0, step.at]
  for (const { at, value, weight } of points) {
    if (at < (calm[0]?.at ?? 0)) continue
    if (at > step.at) break
    if (surplus === 0) began = at
    const above = noise > 0 ? ((value - level) * Math.sqrt(weight)) / noise : 0
    surplus = Math.max(0, surplus + above - allowance)
  }
  return surplus > 0 ? began : step.at
}

const fewestCalm = 8
const mostCalm = 52
/** A point must lie this many standard deviations above the level to add to the surplus: half of the rise looked for. */
const allowance = 0.8
