import type { Figure, Mark } from '../releases/published.ts'

/** Why a cell holds no number. */
export type Gap = Extract<Mark, 'c' | 'x' | 'z'>

/** What the marks say, and what SDMX calls it. */
export const marks: Record<Mark, { means: string; obs_status: string; conf_status: string }> = {
  c: { means: 'Hidden to protect people.', obs_status: 'Q', conf_status: 'C' },
  x: { means: 'Not available.', obs_status: 'O', conf_status: 'F' },
  z: { means: 'Does not apply.', obs_status: 'M', conf_status: 'F' },
  p: { means: 'Provisional: late reports may change it.', obs_status: 'P', conf_status: 'F' },
  r: { means: 'Revised: an earlier release said otherwise.', obs_status: 'A', conf_status: 'F' },
  u: { means: 'Of few cases: it may change by chance.', obs_status: 'U', conf_status: 'F' },
  b: { means: 'Break: measured in another way than before.', obs_status: 'B', conf_status: 'F' },
}

const isGap = (mark: Mark): mark is Gap => mark === 'c' || mark === 'x' || mark === 'z'
export const gaps = (Object.keys(marks) as Mark[]).filter(isGap)
export const shorthand = (gap: Gap) => `[${gap}]`

/** Why the figure has no value; one that does not say is not available. */
export const gapOf = (figure: Pick<Figure, 'marks'>): Gap => figure.marks.find(isGap) ?? 'x'

/** The marks of a figure as one text, like `p r`. A figure without a value always says why. */
export function marksText(figure: Pick<Figure, 'value' | 'marks'>): string | null {
  const all = figure.value === null && !figure.marks.some(isGap) ? [...figure.marks, 'x'] : figure.marks
  return all.join(' ') || null
}
