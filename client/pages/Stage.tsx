import { useParams } from '@solidjs/router'
import { createMemo, For, lazy, Show } from 'solid-js'
import { bars, barsHeight, ranked } from '../../server/charts/bars.ts'
import { inSeries, marksOf } from '../../server/charts/marks.ts'
import { waitTrend } from '../../server/charts/waitTrend.ts'
import { atMost } from '../../server/words/atMost.ts'
import {
  formatBucketLong,
  formatCount,
  formatExtraHours,
  formatHours,
  formatInterval,
  formatPeriod,
  formatStat,
  inDays,
  missingWords,
  statInDays,
} from '../../server/words/format.ts'
import { dimensionWord } from '../../sql/dimensionWord.ts'
import type { Stat } from '../../sql/stat.ts'
import { type StageAnswer, useAnswer } from '../api.ts'
import { casesPath } from '../cases.ts'
import { MarkList, useAnnotations } from '../components/Annotations.tsx'
import { Causes } from '../components/Causes.tsx'
import { CsvLink } from '../components/CsvLink.tsx'
import { DataTable } from '../components/DataTable.tsx'
import { Figure } from '../components/Figure.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { FlowChart } from '../components/FlowChart.tsx'
import { HeatMap, heatWords } from '../components/HeatMap.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { sourceLine } from '../source.ts'
import { WeeklyFigure } from './findings/WeeklyFigure.tsx'

const EChart = lazy(() => import('../components/EChart.tsx'))

/** Hours said in the unit people would use. */
const say = (stat: Stat) =>
  stat.status === 'ok' && stat.value !== null && stat.unit === 'hours'
    ? formatHours(stat.value)
    : formatStat(stat)

/** Of visits without a start the wait reaches to the end of the work. */
const untoldWords = (n: number, startsTold: number) =>
  `The source does not tell when the work began${
    startsTold > 0 ? ` on ${formatCount(n - startsTold)} of these visits` : ''
  }: the wait is then counted to the end of the work, and the waits here are at most so long.`

export default function Stage() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

function Page() {
  const meta = useMeta()
  const params = useParams<{ stage: string }>()
  const { api, filters, page } = useFilters()
  const stage = () => decodeURIComponent(params.stage)
  const service = createMemo(() => meta()?.services.find(({ id }) => id === filters().service[0]))
  const address = () => api(`/stages/${encodeURIComponent(stage())}`, { service: [service()?.id ?? ''] })
  const answer = useAnswer<StageAnswer>(() => (service() ? address() : null))
  const { numbered } = useAnnotations(() => service()?.id)
  const notes = () => numbered().filter((one) => one.stage === '' || one.stage === stage())
  const title = createMemo(() => {
    const data = answer.data()
    if (!data) return stage()
    if (data.median.status !== 'ok')
      return `${stage()}: ${missingWords[data.median.status].toLowerCase()} in this period`
    if (data.starts_told < data.median.n)
      return `Half of the cases wait at most ${say(data.median)} before ${stage().toLowerCase()}, nine in ten at most ${say(data.p90)}`
    return `Half of the cases wait less than ${say(data.median)} before ${stage().toLowerCase()}, one in ten more than ${say(data.p90)}`
  })
  return (
    <>
      <a class="crumb" href={page('/bottlenecks', { service: [] })}>
        All bottlenecks
      </a>
      <PageHead name={stage()} title={title()} answer>
        One stage of {service()?.name ?? 'a service'}: the time from the event before it to this one.
      </PageHead>
      <FilterBar
        without={['service', 'department']}
        noCompare
        report={
          service() && {
            id: 'table',
            filters: { service: [service()?.id ?? ''] },
            options: { table: 'stage', stage: stage() },
          }
        }
      />
      <Show
        when={service()}
        fallback={
          <Empty title="Which service? The address names none.">
            <p>
              <a href={page('/bottlenecks')}>Choose a stage from the list</a>
            </p>
          </Empty>
        }
      >
        <Loaded answer={answer} what={stage()} height={900}>
          {(data) => (
            <>
              <Show when={data().median.n > 0}>
                <p>
                  <a href={casesPath(page, { stage: stage() }, { service: [service()?.id ?? ''] })}>
                    See the cases behind these {formatCount(data().median.n)} visits
                  </a>
                </p>
              </Show>
              <Show when={data().starts_told < data().median.n}>
                <p class="prose">{untoldWords(data().median.n, data().starts_told)}</p>
              </Show>
              <Figure
                id="stage-trend"
                title={`The wait before ${stage().toLowerCase()} over time`}
                summary="Half of the cases waited no longer than the solid line, nine in ten no longer than the dashed one."
                caption={`Wait before ${stage()}, by month`}
                rows={data().series}
                columns={[
                  { label: 'Month', cell: (row) => formatBucketLong(row.from, 'month') },
                  { label: 'Cases', number: true, cell: (row) => formatCount(row.n) },
                  {
                    label: 'Half within',
                    number: true,
                    cell: (row) =>
                      row.median_hours === null ? 'Too few' : atMost(row, formatHours(row.median_hours)),
                  },
                  {
                    label: 'Nine in ten within',
                    number: true,
                    cell: (row) =>
                      row.p90_hours === null ? 'Too few' : atMost(row, formatHours(row.p90_hours)),
                  },
                ]}
                source={sourceLine(data())}
                csv={csvOf(address())}
                legend={[
                  { label: 'typical (half within)', kind: 'line' },
                  { label: 'nine in ten within', kind: 'dashed' },
                ]}
                height={320}
              >
                <EChart draw={waitTrend(data().series, marksOf(data().series, notes()))} height={320} />
                <MarkList annotations={inSeries(data().series, notes())} />
              </Figure>
              <WeeklyFigure
                id="stage-weeks"
                title={`How long cases stayed at ${stage().toLowerCase()}, by week`}
                summary="Mean of the whole stay, from entering the stage to leaving it, by the week in which cases left. Weeks that are not known in full are hollow."
                unit="hours"
                names={['all']}
                weeks={data().weeks.map(({ mean_hours, ...week }) => ({ ...week, values: [mean_hours] }))}
                change={null}
                service={service()?.id ?? ''}
                answer={data()}
                csv={csvOf(address())}
              />
              <FlowChart service={service()?.id ?? ''} stage={stage()} />
              <Causes service={service()?.id ?? ''} stage={stage()} />
              <figure id="stage-hours">
                <figcaption>
                  <h2>When cases come and when they leave</h2>
                  <p class="muted prose">
                    By weekday and hour, {formatPeriod(data().period)}: the stronger the colour, the more.
                    Where the two pictures differ, cases wait for somebody to be there.
                  </p>
                </figcaption>
                <p class="prose">{heatWords(cameOf(data()), 'come')}</p>
                <HeatMap
                  caption={`Cases that came to ${stage()}`}
                  cells={cameOf(data())}
                  said={(count) => `${count} came`}
                />
                <p class="prose">{heatWords(wentOf(data()), 'leave')}</p>
                <HeatMap
                  caption={`Cases that left ${stage()}`}
                  cells={wentOf(data())}
                  said={(count) => `${count} left`}
                />
                <p class="source">
                  {sourceLine(data())} Of the cases that still wait, only those begun there are known to have
                  come.
                </p>
                <p class="controls">
                  <CsvLink address={csvOf(address())} what="the hours" />
                </p>
              </figure>
              <div class="two">
                <For each={data().by.filter(({ rows }) => rows.length > 1)}>
                  {(group) => (
                    <Figure
                      id={`stage-by-${group.dimension}`}
                      title={`By ${dimensionWord(group.dimension)}`}
                      summary="Typical wait. The thin lines are 95% ranges: where they overlap, the difference may be chance. Too small groups stand last."
                      caption={`Wait before ${stage()} by ${dimensionWord(group.dimension)}`}
                      rows={ranked(group.rows)}
                      columns={[
                        {
                          label: group.dimension === 'subtype' ? 'Type' : capital(group.dimension),
                          cell: (row) => row.label,
                          sort: (row) => row.label,
                        },
                        {
                          label: 'Typical wait',
                          number: true,
                          cell: (row) => atMost({ ...row, n: row.stat.n }, say(row.stat)),
                          sort: (row) => row.stat.value,
                        },
                        {
                          label: '95% range',
                          number: true,
                          cell: (row) =>
                            formatInterval(inDays([row])[0]?.stat ?? row.stat).replace('95% range ', '') ||
                            '–',
                        },
                        {
                          label: 'Cases',
                          number: true,
                          cell: (row) => formatCount(row.stat.n),
                          sort: (row) => row.stat.n,
                        },
                        {
                          label: 'Against earlier, person-hours',
                          number: true,
                          cell: (row) =>
                            row.extra_hours === null ? 'No earlier level' : formatExtraHours(row.extra_hours),
                          sort: (row) => row.extra_hours,
                        },
                      ]}
                      source={sourceLine(data())}
                      csv={csvOf(address())}
                      height={barsHeight(group.rows.length)}
                    >
                      <EChart
                        draw={bars(ranked(inDays(group.rows)), {
                          total: { label: 'All', value: allOf(group.rows, data().median) },
                        })}
                        height={barsHeight(group.rows.length)}
                      />
                    </Figure>
                  )}
                </For>
              </div>
              <section class="section" aria-labelledby="came-from">
                <h2 id="came-from">Where cases came from</h2>
                <DataTable
                  caption={`Activities right before ${stage()}`}
                  rows={data().came_from}
                  columns={[
                    {
                      label: 'Activity before',
                      cell: (row) => row.from_stage || 'Start of the case',
                      sort: (row) => row.from_stage,
                    },
                    { label: 'Times', number: true, cell: (row) => formatCount(row.n), sort: (row) => row.n },
                    {
                      label: 'Half within',
                      number: true,
                      cell: (row) => atMost(row, formatHours(row.median_hours)),
                      sort: (row) => row.median_hours,
                    },
                    {
                      label: 'Nine in ten within',
                      number: true,
                      cell: (row) => atMost(row, formatHours(row.p90_hours)),
                      sort: (row) => row.p90_hours,
                    },
                  ]}
                />
                <p class="controls">
                  <CsvLink address={csvOf(address())} what="where cases came from" />
                </p>
              </section>
            </>
          )}
        </Loaded>
      </Show>
    </>
  )
}

/** The value of all in the unit of the bars. */
const allOf = (rows: StageAnswer['by'][number]['rows'], all: Stat) =>
  (inDays(rows)[0]?.stat.unit === 'days' ? statInDays(all) : all).value

const cameOf = ({ hours }: StageAnswer) => hours.map(({ came, ...at }) => ({ ...at, count: came }))
const wentOf = ({ hours }: StageAnswer) => hours.map(({ went, ...at }) => ({ ...at, count: went }))

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
