import { createMemo, lazy, Show } from 'solid-js'
import { type BarRow, bars, barsHeight, ranked } from '../../server/charts/bars.ts'
import {
  formatCount,
  formatInterval,
  formatPeriod,
  formatShare,
  formatStat,
} from '../../server/words/format.ts'
import { satisfactionLead, satisfactionTitle } from '../../server/words/titles.ts'
import type { Stat } from '../../sql/stat.ts'
import { type SatisfactionAnswer, useAnswer } from '../api.ts'
import { ByFigure } from '../components/ByFigure.tsx'
import { Figure } from '../components/Figure.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { TrendFigure } from '../components/TrendFigure.tsx'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { sourceLine } from '../source.ts'
import { ByWait } from './satisfaction/ByWait.tsx'
import { Drivers } from './satisfaction/Drivers.tsx'
import { Voices } from './satisfaction/Voices.tsx'
import { WhoAnswered } from './satisfaction/WhoAnswered.tsx'

const EChart = lazy(() => import('../components/EChart.tsx'))
const ratings = ['1 very dissatisfied', '2 dissatisfied', '3 neither', '4 satisfied', '5 very satisfied']

export default function Satisfaction() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

/** "up to 3 days", "3 to 7 days", "more than 90 days". */
export const waitBand = (from: number, until: number | null) =>
  until === null
    ? `more than ${from} days`
    : from === 0
      ? `up to ${until} ${until === 1 ? 'day' : 'days'}`
      : `${from} to ${until} days`

function Page() {
  const { api } = useFilters()
  const address = () => api('/satisfaction')
  const answer = useAnswer<SatisfactionAnswer>(address)
  const meta = useMeta()
  const serviceName = (id: string) => meta()?.services.find((one) => one.id === id)?.name ?? id
  const title = createMemo(() => {
    const data = answer.data()
    return data && satisfactionTitle(data)
  })
  return (
    <>
      <PageHead name="Satisfaction" title={title()} answer>
        <Show when={answer.data()} fallback={<>The answers are being counted.</>}>
          {(data) => satisfactionLead(data())}
        </Show>
      </PageHead>
      <FilterBar report={{ id: 'table', options: { table: 'satisfaction' } }} />
      <Loaded answer={answer} what="Satisfaction" height={900}>
        {(data) => (
          <Show
            when={data().answered > 0}
            fallback={
              <Empty title="Nobody answered in this period.">
                <p>Choose a longer period or fewer filters. Answers come from the outcomes stream.</p>
              </Empty>
            }
          >
            <WhoAnswered data={data()} csv={csvOf(address())} />
            <div class="two">
              <Counts data={data()} csv={csvOf(address())} />
              <Drivers data={data()} csv={csvOf(address())} />
            </div>
            <ByWait data={data()} csv={csvOf(address())} />
            <div class="two">
              <Segments
                id="satisfaction-by-wait"
                title={byWaitTitle(data())}
                summary="Share satisfied among closed cases that could be joined to an answer, by the days to the outcome."
                word="Time to the outcome"
                rows={data().by_wait.map((row) => ({
                  value: `${row.from_days}`,
                  label: waitBand(row.from_days, row.until_days),
                  stat: row.stat,
                }))}
                total={data().satisfied}
                data={data()}
                csv={csvOf(address())}
              />
              <Segments
                id="satisfaction-by-stage"
                title="Satisfied by where it took too long"
                summary="The stage of the case that went furthest beyond its usual time, the median of a year."
                word="Slowest stage"
                rows={ranked(
                  data()
                    .by_stage.filter(({ stat }) => stat.status === 'ok')
                    .map((row) => ({
                      value: `${row.service}/${row.stage}`,
                      label: row.stage || `nowhere (${serviceName(row.service)})`,
                      stat: row.stat,
                    })),
                )}
                total={data().satisfied}
                data={data()}
                csv={csvOf(address())}
              />
            </div>
            <p class="muted prose">
              {formatStat(data().joined)} of the ratings could be joined to a closed case; the figures by
              wait, stage and outcome stand on those.
            </p>
            <Segments
              id="satisfaction-by-outcome"
              title="Satisfied by how the case ended"
              summary="A refusal costs satisfaction even when it is right: read this before comparing services."
              word="Outcome"
              rows={ranked(data().by_outcome)}
              total={data().satisfied}
              data={data()}
              csv={csvOf(address())}
            />
          </Show>
        )}
      </Loaded>
      <div class="two">
        <ByFigure id="satisfied_share" dimension="channel" word="channel" />
        <ByFigure id="satisfied_share" dimension="district" word="district" />
      </div>
      <TrendFigure id="satisfied_share" anchor="satisfied-trend" />
      <Voices />
    </>
  )
}

function byWaitTitle(data: SatisfactionAnswer): string {
  const known = ranked(data.by_wait.filter(({ stat }) => stat.value !== null && stat.n >= 30))
  const [best, worst] = [known[0], known.at(-1)]
  if (!best?.stat.interval || !worst?.stat.interval) return 'Satisfied by time to the outcome'
  return best.stat.interval[0] > worst.stat.interval[1]
    ? `${formatStat(best.stat)} satisfied when it took ${waitBand(best.from_days, best.until_days)}, ${formatStat(worst.stat)} when it took ${waitBand(worst.from_days, worst.until_days)}`
    : 'Satisfied by time to the outcome: no clear differences'
}

function Counts(props: { data: SatisfactionAnswer; csv: string }) {
  const all = () => props.data.rated || 1
  const rows = createMemo(() =>
    [4, 3, 2, 1, 0].map((index) => ({
      label: ratings[index] ?? '',
      count: props.data.counts[index] ?? 0,
    })),
  )
  const chart = createMemo((): BarRow[] =>
    rows().map(({ label, count }) => ({
      value: label,
      label,
      stat: { ...props.data.satisfied, status: 'ok', value: count, unit: 'count', n: all(), interval: null },
    })),
  )
  return (
    <Figure
      id="ratings"
      title="What people answered"
      summary={`All ${formatCount(props.data.rated)} ratings from 1 to 5. Satisfied means 4 or 5. ${formatCount(props.data.no_opinion)} more answered without an opinion.`}
      caption={`Answers, ${formatPeriod(props.data.period)}`}
      rows={rows()}
      columns={[
        { label: 'Answer', cell: (row) => row.label },
        { label: 'People', number: true, cell: (row) => formatCount(row.count) },
        { label: 'Share', number: true, cell: (row) => formatShare(row.count / all()) },
      ]}
      source={sourceLine(props.data)}
      definition="satisfied_share"
      csv={props.csv}
      height={barsHeight(5)}
    >
      <EChart draw={bars(chart())} height={barsHeight(5)} />
    </Figure>
  )
}

function Segments(props: {
  id: string
  title: string
  summary: string
  word: string
  rows: BarRow[]
  total: Stat
  data: SatisfactionAnswer
  csv: string
}) {
  return (
    <Show when={props.rows.length > 0}>
      <Figure
        id={props.id}
        title={props.title}
        summary={props.summary}
        caption={`Share satisfied by ${props.word.toLowerCase()}, ${formatPeriod(props.data.period)}`}
        rows={props.rows}
        columns={[
          { label: props.word, cell: (row) => row.label },
          { label: 'Satisfied', number: true, cell: (row) => formatStat(row.stat) },
          {
            label: '95% range',
            number: true,
            cell: (row) => formatInterval(row.stat).replace('95% range ', '') || '–',
          },
          { label: 'Answers', number: true, cell: (row) => formatCount(row.stat.n) },
        ]}
        source={sourceLine(props.data)}
        definition="satisfied_share"
        csv={props.csv}
        height={barsHeight(props.rows.length)}
      >
        <EChart
          draw={bars(props.rows, { total: { label: 'All', value: props.total.value } })}
          height={barsHeight(props.rows.length)}
        />
      </Figure>
    </Show>
  )
}
