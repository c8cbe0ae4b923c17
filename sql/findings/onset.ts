import type { Point } from './step.ts'

/**
 * The first `at` of a rise that may grow: where a queue lengthens from week to week, the step that fits best lies in the middle of
 * the rise and not at its beginning. Of a step and a rise to a new level that lasts `lengths` points, at every place, the one
 * with the least squares; null when there are too few points.
 */
export function onsetOf(points: readonly Point[], lengths: readonly number[], fewest = 4): number | null {
  let best: { at: number; unexplained: number } | null = null
  for (const length of lengths)
    for (let place = fewest; place <= points.length - fewest; place++) {
      const from = points[place]?.at ?? 0
      const shape = points.map(({ at }) => (at < from ? 0 : Math.min(1, (at - from + 1) / length)))
      const unexplained = restOf(points, shape)
      if (!best || unexplained < best.unexplained) best = { at: from, unexplained }
    }
  return best?.at ?? null
}

/** The weighted squares that a level and a shape leave. */
function restOf(points: readonly Point[], shape: readonly number[]): number {
  let [mass, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0]
  for (const [index, { value, weight }] of points.entries()) {
    const x = shape[index] ?? 0
    mass += weight
    sx += weight * x
    sy += weight * value
    sxx += weight * x * x
    sxy += weight * x * value
    syy += weight * value * value
  }
  const spread = sxx - (sx * sx) / mass
  const along = sxy - (sx * sy) / mass
  return syy - (sy * sy) / mass - (spread > 0 ? (along * along) / spread : 0)
}
