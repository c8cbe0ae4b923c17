import { For, lazy, Show } from 'solid-js'
import { bars, barsHeight } from '../../../server/charts/bars.ts'
import {
  formatCount,
  formatInterval,
  formatPeriod,
  formatShare,
  formatStat,
} from '../../../server/words/format.ts'
import type { SatisfactionAnswer } from '../../api.ts'
import { Figure } from '../../components/Figure.tsx'
import { sourceLine } from '../../source.ts'

const EChart = lazy(() => import('../../components/EChart.tsx'))

/** The share as answered and as weighted side by side, with a warning where those who answered are not like all customers. */
export function WhoAnswered(props: { data: SatisfactionAnswer; csv: string }) {
  const rows = () => [
    { value: 'raw', label: 'As answered', stat: props.data.satisfied },
    { value: 'weighted', label: 'Weighted', stat: props.data.weighted.stat },
  ]
  const bias = () => props.data.bias
  const title = () => {
    const { difference, shifts } = bias()
    if (!shifts || difference === null) return 'Those who answered are much like all customers'
    const { satisfied, weighted } = props.data
    return `${formatStat(weighted.stat)} would be satisfied if all had answered alike, not ${formatStat(satisfied)}`
  }
  const weights = () => {
    const { effective, trimmed, merged } = props.data.weighted
    return `Weighted so that every service, channel and outcome counts as much as it has customers: as certain as ${formatCount(Math.round(effective))} plain answers.${
      trimmed ? ' Weights above 4 were cut to 4.' : ''
    }${merged > 0 ? ` ${merged} groups with fewer than 5 ratings were put together with others.` : ''}`
  }
  return (
    <Show when={props.data.weighted.stat.status === 'ok'}>
      <Show when={bias().warned}>
        <div class="notice" id="response-bias">
          <p>
            <strong>Not everyone is heard.</strong> {formatShare(bias().rate)} of all customers answered.
            <For each={bias().silent.slice(0, 4)}>
              {(group) => (
                <>
                  {' '}
                  {sentenceOf(group)} {formatShare(group.rate)} ({formatCount(group.answered)} of{' '}
                  {formatCount(group.customers)}).
                </>
              )}
            </For>{' '}
            <Show when={bias().shifts} fallback="The weighted share is about the same as the plain one.">
              Read the weighted share beside the plain one.
            </Show>
          </p>
        </div>
      </Show>
      <Figure
        id="who-answered"
        title={title()}
        summary={`${weights()} It mends that some kinds of people answer less often, not that within a kind the unhappy speak up more.`}
        caption={`Share satisfied as answered and weighted, ${formatPeriod(props.data.period)}`}
        rows={rows()}
        columns={[
          { label: 'Share satisfied', cell: (row) => row.label },
          { label: 'Satisfied', number: true, cell: (row) => formatStat(row.stat) },
          {
            label: '95% range',
            number: true,
            cell: (row) => formatInterval(row.stat).replace('95% range ', '') || '–',
          },
          { label: 'Ratings', number: true, cell: (row) => formatCount(row.stat.n) },
        ]}
        source={sourceLine(props.data)}
        definition="satisfied_share"
        csv={props.csv}
        height={barsHeight(2)}
      >
        <EChart draw={bars(rows())} height={barsHeight(2)} />
      </Figure>
    </Show>
  )
}

function sentenceOf({ dimension, label }: SatisfactionAnswer['bias']['silent'][number]): string {
  if (dimension === 'channel') return `Of those who asked by ${label.toLowerCase()}, only`
  return dimension === 'service' ? `At ${label}, only` : `Of those who ${label}, only`
}
