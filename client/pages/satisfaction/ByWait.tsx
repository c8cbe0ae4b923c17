import { lazy, Show } from 'solid-js'
import { usualDays, waitCurveChart } from '../../../server/charts/waitCurve.ts'
import { formatCount, formatPeriod, formatShare } from '../../../server/words/format.ts'
import type { SatisfactionAnswer, WaitCurve } from '../../api.ts'
import { Figure } from '../../components/Figure.tsx'
import { sourceLine } from '../../source.ts'

const EChart = lazy(() => import('../../components/EChart.tsx'))
const height = 320

/** Satisfaction day by day of wait, with the day after which it changes. */
export function ByWait(props: { data: SatisfactionAnswer; csv: string }) {
  return (
    <Show when={props.data.wait_curve}>
      {(curve) => (
        <Figure
          id="satisfaction-day-by-day"
          title={titleOf(curve())}
          summary={summaryOf(curve(), props.data.curve_of)}
          caption={`Share satisfied by days of wait, ${formatPeriod(props.data.period)}`}
          rows={usualDays(curve())}
          columns={[
            { label: 'Days of wait', number: true, cell: (row) => formatCount(row.day) },
            { label: 'Satisfied', number: true, cell: (row) => formatShare(row.share) },
            {
              label: '95% range',
              number: true,
              cell: (row) => `${formatShare(row.interval[0])} to ${formatShare(row.interval[1])}`,
            },
            { label: 'Answers', number: true, cell: (row) => formatCount(row.answered) },
          ]}
          legend={[
            { label: 'share satisfied', kind: 'line' },
            { label: 'its 95% range', kind: 'band' },
            ...(curve().break
              ? [{ label: 'where it breaks; shaded: where it may, 95% sure', kind: 'dashed' as const }]
              : []),
          ]}
          source={sourceLine(props.data)}
          definition="satisfied_share"
          csv={props.csv}
          height={height}
        >
          <EChart draw={waitCurveChart(curve())} height={height} />
        </Figure>
      )}
    </Show>
  )
}

function titleOf({ shape, break: found, points }: WaitCurve): string {
  if (found) {
    const way = found.after.share < found.before.share ? 'drops' : 'changes'
    return `Satisfaction ${way} after day ${found.day}: from ${formatShare(found.before.share)} to ${formatShare(found.after.share)}`
  }
  const [first, last] = [points[0]?.share ?? 0, points.at(-1)?.share ?? 0]
  if (shape === 'flat' || Math.abs(first - last) < 0.01) return 'Satisfaction does not depend on the wait'
  return `Satisfaction ${first > last ? 'falls' : 'rises'} steadily with the wait, without a break`
}

function summaryOf({ break: found, answered }: WaitCurve, of: SatisfactionAnswer['curve_of']): string {
  const stands = `A curve fitted to ${formatCount(answered)} answers${of === 'intended' ? ' of people who got what they came for' : ''}, by exact days of wait.`
  if (!found) return `${stands} No day was found after which it changes more than chance explains.`
  const [low, high] = found.interval
  const days = low === high ? `after day ${low}` : `after one of the days ${low} to ${high}`
  return `${stands} The break comes ${days} (95% sure); up to it people are equally satisfied. What comes after a wait is not always caused by it.`
}
