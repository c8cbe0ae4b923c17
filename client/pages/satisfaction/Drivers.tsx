import { createMemo, lazy, Show } from 'solid-js'
import { type BarRow, bars, barsHeight, ranked } from '../../../server/charts/bars.ts'
import { formatCount, formatInterval, formatPeriod, formatStat } from '../../../server/words/format.ts'
import type { SatisfactionAnswer } from '../../api.ts'
import { Figure } from '../../components/Figure.tsx'
import { sourceLine } from '../../source.ts'

const EChart = lazy(() => import('../../components/EChart.tsx'))

const words: Record<SatisfactionAnswer['drivers'][number]['id'], string> = {
  effectiveness: 'My need was addressed',
  ease: 'It was easy',
  speed: 'It was quick enough',
  transparency: 'It was clear',
  humanity: 'I was respected',
  employee: 'People were helpful',
  trust: 'I trust them more',
}

/** Why people are satisfied or not: the seven drivers, weakest last. */
export function Drivers(props: { data: SatisfactionAnswer; csv: string }) {
  const rows = createMemo((): BarRow[] =>
    ranked(
      props.data.drivers
        .filter(({ stat }) => stat.n > 0)
        .map(({ id, stat }) => ({ value: id, label: words[id], stat })),
    ),
  )
  const title = () => {
    const known = rows().filter(({ stat }) => stat.interval)
    const [best, weakest] = [known[0], known.at(-1)]
    return best?.stat.interval && weakest?.stat.interval && best.stat.interval[0] > weakest.stat.interval[1]
      ? `Weakest: "${weakest.label}", ${formatStat(weakest.stat)} agree`
      : 'Why people are satisfied: no clear differences'
  }
  const recommendation = () => {
    const { recommendation: stat, thumbs_up } = props.data
    const net =
      stat.value === null
        ? ''
        : ` Would recommend it less would not: ${stat.value > 0 ? '+' : ''}${Math.round(stat.value * 100)} (${formatCount(stat.n)} answers).`
    return thumbs_up.value === null
      ? net
      : `${net} Thumbs up: ${formatStat(thumbs_up)} of ${formatCount(thumbs_up.n)}.`
  }
  return (
    <Show when={rows().length > 0}>
      <Figure
        id="drivers"
        title={title()}
        summary={`Share who agree (4 or 5) among those who answered for it.${recommendation()}`}
        caption={`What people say of the service, ${formatPeriod(props.data.period)}`}
        rows={rows()}
        columns={[
          { label: 'Statement', cell: (row) => row.label },
          { label: 'Agree', number: true, cell: (row) => formatStat(row.stat) },
          {
            label: '95% range',
            number: true,
            cell: (row) => formatInterval(row.stat).replace('95% range ', '') || '–',
          },
          { label: 'Answers', number: true, cell: (row) => formatCount(row.stat.n) },
        ]}
        source={sourceLine(props.data)}
        csv={props.csv}
        height={barsHeight(rows().length)}
      >
        <EChart draw={bars(rows())} height={barsHeight(rows().length)} />
      </Figure>
    </Show>
  )
}
