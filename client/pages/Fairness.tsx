import { useSearchParams } from '@solidjs/router'
import { createMemo, For, Index, lazy, Show } from 'solid-js'
import { type GapDot, gapDots, gapsHeight } from '../../server/charts/gaps.ts'
import { formatCount, formatHours, formatPeriod, formatShare, formatStat } from '../../server/words/format.ts'
import { type FairnessAnswer, type GapRow, type Grouping, useAnswer } from '../api.ts'
import { ByFigure } from '../components/ByFigure.tsx'
import { Figure } from '../components/Figure.tsx'
import { FilterBar } from '../components/FilterBar.tsx'
import { NeedsData } from '../components/NeedsData.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import {
  axisGap,
  directions,
  fairnessTitle,
  gapRange,
  gapSentence,
  kpiNames,
  ratioWords,
  signedGap,
  verdicts,
} from '../gapWords.ts'
import { sourceLine } from '../source.ts'

const EChart = lazy(() => import('../components/EChart.tsx'))

export default function Fairness() {
  return (
    <NeedsData>
      <Page />
    </NeedsData>
  )
}

const kpiOf = (given: string | undefined) => kpiNames.find(({ id }) => id === given)?.id ?? 'on_time_rate'

function Page() {
  const { api, period } = useFilters()
  const [search, setSearch] = useSearchParams<{ gap?: string; against?: string }>()
  const kpi = () => kpiOf(search.gap)
  const against = () => (search.against === 'best' ? 'best' : 'rest')
  const address = () => `${api('/fairness')}&kpi=${kpi()}&against=${against()}`
  const answer = useAnswer<FairnessAnswer>(address)
  const title = createMemo(() => {
    const data = answer.data()
    return data && fairnessTitle(data, period())
  })
  return (
    <>
      <PageHead name="Fairness" title={title()} answer>
        Are people served alike, wherever they live and however they ask? Every group is compared as it is,
        and at the same mix of services, because some ask for slower things. Sorted by how sure a gap is, not
        by its size.
      </PageHead>
      <FilterBar report={{ id: 'table', options: { table: 'fairness', kpi: kpi(), against: against() } }} />
      <div class="controls">
        <div class="field">
          <label for="gap-figure">Compare</label>
          <select
            id="gap-figure"
            onChange={(event) => setSearch({ gap: event.currentTarget.value }, { scroll: false })}
          >
            <For each={kpiNames}>
              {(one) => (
                <option value={one.id} selected={one.id === kpi()}>
                  {one.name}
                </option>
              )}
            </For>
          </select>
        </div>
        <div class="field">
          <label for="gap-against">With</label>
          <select
            id="gap-against"
            onChange={(event) => setSearch({ against: event.currentTarget.value }, { scroll: false })}
          >
            <option value="rest" selected={against() === 'rest'}>
              all others
            </option>
            <option value="best" selected={against() === 'best'}>
              the best group
            </option>
          </select>
        </div>
      </div>
      <Loaded answer={answer} what="Fairness" height={900}>
        {(data) => (
          <Show
            when={data().compared > 0}
            fallback={
              <Empty title="There are too few cases to compare.">
                <p>
                  A group is compared from {data().fewest} cases on. Choose a longer period, fewer filters or
                  another figure.
                </p>
              </Empty>
            }
          >
            <Index each={data().groupings.filter(({ rows }) => rows.length > 1)}>
              {(grouping) => <Gaps data={data()} grouping={grouping()} csv={csvOf(address())} />}
            </Index>
            <p class="muted prose">
              A gap is called clear when chance would make so large a one too seldom, given that{' '}
              {data().compared} were looked at: of the clear ones at most one in twenty is chance. Groups with
              fewer than {data().fewest} cases are not compared.
            </p>
            <Arises data={data()} csv={csvOf(address())} />
          </Show>
        )}
      </Loaded>
      <div class="two">
        <ByFigure id="digital_take_up" dimension="district" word="district" />
        <ByFigure id="digital_take_up" dimension="service" word="service" />
      </div>
    </>
  )
}

const names: Record<Grouping['dimension'], string> = {
  district: 'District',
  channel: 'Channel',
  access: 'Way of asking',
}

function Gaps(props: { data: FairnessAnswer; grouping: Grouping; csv: string }) {
  const name = () => names[props.grouping.dimension]
  const unit = () => props.grouping.rows[0]?.stat.unit ?? 'days'
  const dots = createMemo(() =>
    props.grouping.rows.map(
      (row): GapDot => ({
        label: row.label,
        gap: row.adjusted?.absolute ?? null,
        interval: row.adjusted?.interval ?? null,
        before: row.raw?.absolute ?? null,
        clear: row.verdict === 'worse' || row.verdict === 'better' ? row.verdict : null,
        words: gapSentence(row),
      }),
    ),
  )
  const clear = () => props.grouping.rows.filter((row) => row.clear)
  const title = () => {
    const worse = clear().filter(({ verdict }) => verdict === 'worse')
    if (worse.length > 0) return `${name()}: clearly worse off ${are(worse)} ${list(worse)}`
    const better = clear()
    return better.length > 0
      ? `${name()}: clearly better off ${are(better)} ${list(better)}`
      : `${name()}: no clear gaps`
  }
  const turned = () =>
    props.grouping.rows.filter(
      ({ raw, adjusted, clear: sure }) => sure && raw && adjusted && raw.absolute * adjusted.absolute < 0,
    )
  const axis = () => directions(props.data.kpi)
  return (
    <Figure
      id={`gaps-by-${props.grouping.dimension}`}
      title={title()}
      summary={`Filled dots: the gap at the same mix of ${props.data.mix === 'service' ? 'services' : 'kinds of cases'}, with its 95% range. Hollow dots: as it is. The surest gaps stand first; clear ones are thick, and red where somebody is worse off.${
        turned().length > 0
          ? ` For ${list(turned())} the gap turns round once the mix is the same: look at both.`
          : ''
      }`}
      caption={`Gaps by ${name().toLowerCase()}, ${formatPeriod(props.data.period)}`}
      rows={props.grouping.rows}
      columns={[
        { label: name(), cell: (row) => row.label, sort: (row) => row.label },
        { label: 'Figure', number: true, cell: (row) => formatStat(row.stat), sort: (row) => row.stat.value },
        {
          label: props.data.against === 'rest' ? 'All others' : 'Best group',
          number: true,
          cell: (row) => (row.raw ? formatStat(row.reference_stat) : '–'),
        },
        {
          label: 'Gap as it is',
          number: true,
          cell: (row) => (row.raw ? signedGap(row.raw.absolute, unit()) : '–'),
          sort: (row) => row.raw?.absolute ?? null,
        },
        {
          label: 'At the same mix',
          number: true,
          cell: (row) => (row.adjusted ? signedGap(row.adjusted.absolute, unit()) : '–'),
          sort: (row) => row.adjusted?.absolute ?? null,
        },
        {
          label: '95% range',
          number: true,
          cell: (row) => (row.adjusted ? gapRange(row.adjusted.interval, unit()) : '–'),
        },
        { label: 'Relative', number: true, cell: (row) => ratioWords(row.adjusted?.ratio ?? null) },
        { label: 'Verdict', cell: (row) => verdicts[row.verdict] },
        {
          label: 'Counted',
          number: true,
          cell: (row) =>
            row.adjusted && row.compared < 0.995
              ? `${formatCount(row.stat.n)} (${formatShare(row.compared)} compared)`
              : formatCount(row.stat.n),
          sort: (row) => row.stat.n,
        },
      ]}
      source={sourceLine(props.data)}
      definition={props.data.kpi}
      csv={props.csv}
      height={gapsHeight(dots().length)}
    >
      <EChart
        draw={gapDots(dots(), { axis: axisGap(unit()), left: axis().less, right: axis().more })}
        height={gapsHeight(dots().length)}
      />
    </Figure>
  )
}

const are = (rows: readonly GapRow[]) => (rows.length === 1 ? 'is' : 'are')
const list = (rows: readonly GapRow[]) => {
  const labels = rows.slice(0, 3).map(({ label }) => label)
  const more = rows.length - labels.length
  const last = more > 0 ? `${more} more` : labels.pop()
  return labels.length > 0 ? `${labels.join(', ')} and ${last}` : (last ?? '')
}

/** Where the gap of the mean time arises, for the group that is surest to be worse off. */
function Arises(props: { data: FairnessAnswer; csv: string }) {
  const meta = useMeta()
  const nameOf = (id: string) => meta()?.services.find((one) => one.id === id)?.name ?? id
  const told = createMemo(() => {
    const rows = props.data.groupings.flatMap(({ rows }) => rows)
    const [first] = rows
      .filter(({ arises, verdict }) => arises && verdict === 'worse')
      .sort((a, b) => Math.abs(b.adjusted?.errors ?? 0) - Math.abs(a.adjusted?.errors ?? 0))
    return first?.arises ? { label: first.label, ...first.arises } : undefined
  })
  return (
    <Show when={told()}>
      {(gap) => {
        const rows = () => [
          ...gap()
            .stages.slice(0, 8)
            .map(({ service, stage, hours }) => ({
              label: stage === '' ? `Between stages (${nameOf(service)})` : `${stage} (${nameOf(service)})`,
              hours,
            })),
          {
            label: 'All other stages',
            hours: gap()
              .stages.slice(8)
              .reduce((sum, { hours }) => sum + hours, 0),
          },
          { label: 'Other services asked for', hours: gap().mix_hours },
        ]
        const [first] = gap().stages
        return (
          <Figure
            id="where-the-gap-arises"
            title={`${gap().label}: ${first ? `${first.stage || 'time outside of the stages'} makes most of the gap` : 'where the gap arises'}`}
            summary={`On average ${gap().label} took ${formatHours(gap().own_hours)}, others ${formatHours(gap().reference_hours)}: ${signed(gap().gap_hours)}. The parts below add up to that difference. Averages, unlike typical times, can be added up; a few very long cases weigh more in them.`}
            caption={`Where the gap arises, ${formatPeriod(props.data.period)}`}
            rows={rows()}
            columns={[
              { label: 'Part of the gap', cell: (row) => row.label },
              { label: 'Difference of the average', number: true, cell: (row) => signed(row.hours) },
            ]}
            source={sourceLine(props.data)}
            csv={props.csv}
            height={gapsHeight(rows().length)}
          >
            <EChart
              draw={gapDots(
                rows().map(({ label, hours }) => ({
                  label,
                  gap: hours / 24,
                  interval: [Math.min(0, hours / 24), Math.max(0, hours / 24)],
                  before: null,
                  clear: null,
                  words: signed(hours),
                })),
                { axis: axisGap('days'), left: 'shorter', right: 'longer' },
              )}
              height={gapsHeight(rows().length)}
            />
          </Figure>
        )
      }}
    </Show>
  )
}

const signed = (hours: number) => `${hours > 0 ? '+' : hours < 0 ? '−' : ''}${formatHours(Math.abs(hours))}`
