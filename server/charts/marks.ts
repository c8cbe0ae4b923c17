import type { Annotation } from '../answerTypes.ts'
import type { Palette } from './palette.ts'

/** An annotation with its number: the same one in every chart and list of a service. */
export type Numbered = Annotation & { number: number }
export type Mark = { index: number; label: string }

type Bucket = { from: string; until: string }

/** In which bucket an annotation begins to count; null when it does not reach into any. */
const bucketOf = (points: readonly Bucket[], { day, until }: Annotation): number | null => {
  const index = points.findIndex((point) => point.from <= day && day < point.until)
  if (index >= 0) return index
  const [first] = points
  return first && day < first.from && until !== null && until > first.from ? 0 : null
}

/** The annotations that fall into a series. */
export const inSeries = (points: readonly Bucket[], annotations: readonly Numbered[]): Numbered[] =>
  annotations.filter((one) => bucketOf(points, one) !== null)

/** Where marks stand in a chart: those of one bucket share a line. */
export function marksOf(points: readonly Bucket[], annotations: readonly Numbered[]): Mark[] {
  const numbers = new Map<number, number[]>()
  for (const one of annotations) {
    const index = bucketOf(points, one)
    if (index !== null) numbers.set(index, [...(numbers.get(index) ?? []), one.number])
  }
  return [...numbers].map(([index, found]) => ({ index, label: found.join(', ') }))
}

/** Marks as upright lines with their numbers at the top; the list below the chart says what they mean. */
export const markLines = (marks: readonly Mark[], palette: Palette) =>
  marks.map(({ index, label }) => ({
    xAxis: index,
    lineStyle: { color: palette.text, width: 1.5, type: 'solid' },
    label: {
      formatter: label,
      position: 'end',
      distance: 4,
      color: palette.bg,
      backgroundColor: palette.text,
      borderRadius: 9,
      padding: [1, 6],
      fontSize: 13,
      lineHeight: 16,
      fontWeight: 600,
    },
  }))
