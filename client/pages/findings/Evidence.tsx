import { createMemo, For, type JSX, Show } from 'solid-js'
import type { Week } from '../../../server/charts/change.ts'
import { placeMap } from '../../../server/charts/processMap.ts'
import { addDays } from '../../../server/words/days.ts'
import { formatCount, formatHours } from '../../../server/words/format.ts'
import { findingRules, findingWords } from '../../../server/words/words.ts'
import type { Filters } from '../../../sql/filters.ts'
import { type Finding, type ProcessMapAnswer, type StageAnswer, useAnswer } from '../../api.ts'
import { Causes } from '../../components/Causes.tsx'
import { CsvLink } from '../../components/CsvLink.tsx'
import { ProcessMap } from '../../components/ProcessMap.tsx'
import { Empty, Loaded } from '../../components/States.tsx'
import { csvOf, useFilters, useMeta } from '../../filters.ts'
import { DemandTrend } from './DemandTrend.tsx'
import { MixAndPace } from './MixAndPace.tsx'
import { KeptPromise } from './Promise.tsx'
import { WeeklyFigure } from './WeeklyFigure.tsx'
import { WhereFigure } from './Where.tsx'
import { stagePath, useSegmentName } from './words.ts'

/** What shows that a finding is true: the weekly series with the change marked, whom it concerns, its place on the map, and how it is known. */
export default function Evidence(props: { finding: Finding; service: string }) {
  return (
    <div class="evidence">
      <Show
        when={props.finding.stage}
        fallback={<DemandTrend finding={props.finding} service={props.service} />}
      >
        {(stage) => <OfStage finding={props.finding} stage={stage()} service={props.service} />}
      </Show>
      <KeptPromise service={props.finding.service} name={props.service} stage={props.finding.stage} />
      <MixAndPace service={props.finding.service} />
      <section class="section">
        <h3>How we know</h3>
        <p class="prose">{findingWords[props.finding.kind].how}</p>
        <p class="prose">{findingRules.chance}</p>
        <p class="prose">{findingRules.cost}</p>
      </section>
    </div>
  )
}

type StageWeek = StageAnswer['weeks'][number]
type Measured = {
  title: string
  summary: string
  unit: 'hours' | 'share' | 'count'
  of: (week: StageWeek) => number | null
}

const stays: Measured = {
  title: 'How long cases stayed',
  summary:
    'Mean of the whole stay, from entering the stage to leaving it, by the week in which cases left. The line and the band show when it changed.',
  unit: 'hours',
  of: (week) => week.mean_hours,
}
const work: Measured = {
  title: 'How long the work took',
  summary: 'Mean working time from start to completion of a visit, by week.',
  unit: 'hours',
  of: (week) => week.touch_hours,
}
const done: Measured = {
  title: 'How many were done',
  summary: 'Visits that ended in a week. Fewer are a bottleneck only where more are waiting.',
  unit: 'count',
  // a week that is not known in full would look like a bad one
  of: (week) => (week.complete ? week.n : null),
}
const shares: Partial<Record<Finding['kind'], Measured>> = {
  rework: {
    title: 'How many came back',
    summary: 'Share of the visits that were a second or later one of the same case, by week.',
    unit: 'share',
    of: (week) => week.again_share,
  },
  batching: {
    title: 'How bunched the work was',
    summary: 'Of all pairs of visits that ended in a week, the share that ended on the same day.',
    unit: 'share',
    of: (week) => week.same_day_share,
  },
  clock_stops: {
    title: 'How often the clock was stopped',
    summary: 'Share of the visits whose clock was stopped, by the week in which they ended.',
    unit: 'share',
    of: (week) => week.paused_share,
  },
}

/** What changed first, then the stay it led to. */
function measuresOf({ kind, measure }: Finding): Measured[] {
  const share = shares[kind]
  if (share) return [share, stays]
  if (measure === 'cases') return [done, stays]
  return measure === 'work' ? [work, stays] : [stays]
}

const filterable = ['district', 'channel', 'team'] as const
const isFilter = (dimension: string): dimension is (typeof filterable)[number] =>
  filterable.some((one) => one === dimension)

function OfStage(props: { finding: Finding; stage: string; service: string }) {
  const { api } = useFilters()
  const meta = useMeta()
  const name = useSegmentName()
  const of = (extra: Partial<Filters> = {}) =>
    api(`/stages/${encodeURIComponent(props.stage)}`, {
      service: [props.finding.service],
      compare: 'none',
      ...extra,
    })
  const segment = () => props.finding.segment
  const own = () => {
    const found = segment()
    return found && isFilter(found.dimension) ? of({ [found.dimension]: [found.value] }) : null
  }
  /** At most the year before the change. */
  const before = createMemo(() => {
    const first = addDays(props.finding.since, -364)
    const held = meta()?.held?.from ?? first
    return of({ from: held > first && held < props.finding.since ? held : first, until: props.finding.since })
  })
  const now = useAnswer<StageAnswer>(() => of())
  const earlier = useAnswer<StageAnswer>(before)
  const ofSegment = useAnswer<StageAnswer>(own)
  const names = () => {
    const found = segment()
    return found && own() ? [name(found.dimension, found.value), 'all'] : ['all']
  }
  const weeksOf = (data: StageAnswer, value: Measured['of']): Week[] => {
    const ownWeeks = own() ? new Map((ofSegment.data()?.weeks ?? []).map((week) => [week.from, week])) : null
    return data.weeks.map((week) => {
      const mine = ownWeeks?.get(week.from)
      const all = value(week)
      return {
        from: week.from,
        until: week.until,
        complete: week.complete,
        values: ownWeeks ? [mine ? value(mine) : null, all] : [all],
      }
    })
  }
  return (
    <Loaded answer={now} what="The evidence" height={900}>
      {(data) => (
        <>
          <For each={measuresOf(props.finding)}>
            {(measured, index) => (
              <WeeklyFigure
                id={`finding-${props.finding.rank}-${index()}`}
                title={`${measured.title}: ${props.stage}`}
                summary={measured.summary}
                unit={measured.unit}
                names={names()}
                weeks={weeksOf(data(), measured.of)}
                change={props.finding}
                service={props.finding.service}
                answer={data()}
                csv={csvOf(own() ?? of())}
              />
            )}
          </For>
          {/* what is sent back costs hours on the whole way, not at one stage */}
          <Show when={props.finding.kind !== 'rework' && earlier.data()}>
            {(then) => (
              <WhereFigure
                now={data()}
                before={then()}
                first={(props.finding.explained_by ?? segment())?.dimension ?? 'district'}
                stage={props.stage}
                period={data().period}
                csv={{ now: csvOf(of()), before: csvOf(before()) }}
              />
            )}
          </Show>
          <Causes service={props.finding.service} stage={props.stage} />
          <OnTheMap service={props.finding.service} stage={props.stage} serviceName={props.service} />
        </>
      )}
    </Loaded>
  )
}

/** The stage with the ways that lead to it and away from it. */
function OnTheMap(props: { service: string; stage: string; serviceName: string }): JSX.Element {
  const { api, page } = useFilters()
  const address = () => api('/process-map', { service: [props.service], compare: 'none' })
  const answer = useAnswer<ProcessMapAnswer>(address)
  const near = (data: ProcessMapAnswer) => {
    const edges = data.edges.filter(({ from, to }) => from === props.stage || to === props.stage)
    const there = new Set(edges.flatMap(({ from, to }) => [from, to]))
    return { edges, nodes: data.nodes.filter(({ activity }) => there.has(activity)) }
  }
  const waited = (data: ProcessMapAnswer) =>
    data.nodes.find(({ activity }) => activity === props.stage)?.wait_before
  return (
    <section class="section">
      <h3>Where it stands on the map</h3>
      <Loaded answer={answer} what="The process map" height={400}>
        {(data) => (
          <Show
            when={near(data()).edges.length > 0}
            fallback={<Empty title="No cases moved to or from this stage in the period." />}
          >
            <p class="muted prose">
              {props.stage} with the ways that lead to it and away from it.
              <Show when={waited(data())?.median_s != null && waited(data())}>
                {(wait) =>
                  ` Half of the ${formatCount(wait().n)} visits began or ended within ${formatHours((wait().median_s ?? 0) / 3600)} after the activity before.`
                }
              </Show>
            </p>
            <ProcessMap
              map={placeMap(near(data()).nodes, near(data()).edges)}
              label={`Ways to and from ${props.stage} in ${props.serviceName}`}
              href={(stage) => page(stagePath(stage), { service: [props.service] })}
              marked={[props.stage]}
            />
            <p class="controls">
              <CsvLink address={csvOf(address())} what={`the map of ${props.serviceName}`} />
            </p>
          </Show>
        )}
      </Loaded>
    </section>
  )
}
