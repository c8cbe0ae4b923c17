import { useSearchParams } from '@solidjs/router'
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js'
import {
  cutOff,
  differences,
  joined,
  type MapEdge,
  type PlacedMap,
  placeMaps,
  type WayDifference,
} from '../../server/charts/processMap.ts'
import {
  formatCount,
  formatExtraHours,
  formatHours,
  formatPeriod,
  formatPersonHours,
  formatShare,
} from '../../server/words/format.ts'
import { happyWords, type Variants } from '../../server/words/paths.ts'
import type { Filters } from '../../sql/filters.ts'
import { type Meta, type ProcessMapAnswer, useAnswer } from '../api.ts'
import { csvOf, useFilters, useMeta } from '../filters.ts'
import { sourceLine } from '../source.ts'
import { Figure } from './Figure.tsx'
import { ReworkOfService, VariantsOfService } from './PathsOfService.tsx'
import { ProcessMap } from './ProcessMap.tsx'
import { Empty, Loaded } from './States.tsx'

type Service = Meta['services'][number]

const dimensions = { district: 'districts', channel: 'channels', team: 'teams' } as const
type Dimension = keyof typeof dimensions
const isDimension = (word: string | undefined): word is Dimension =>
  word !== undefined && Object.hasOwn(dimensions, word)
const isPeriod = (word: string | undefined): word is 'previous' | 'year' =>
  word === 'previous' || word === 'year'

/** The process map of one service, alone or beside another one, the ways cases took, and what was done again. */
export function MapOfService(props: { suggestion: string | undefined }) {
  const meta = useMeta()
  const { filters } = useFilters()
  const [search] = useSearchParams<{ map?: string }>()
  const services = createMemo(() =>
    (meta()?.services ?? []).filter(({ streams }) => streams.includes('case_events')),
  )
  const service = createMemo(() => {
    const wanted = [search.map, filters().service[0], props.suggestion, services()[0]?.id]
    const id = wanted.find((each) => services().some((one) => one.id === each))
    return services().find((one) => one.id === id)
  })
  return (
    <Show when={service()}>
      {(one) => (
        <>
          <Maps service={one()} services={services()} />
          <VariantsOfService service={one().id} name={one().name} />
          <ReworkOfService service={one().id} name={one().name} />
        </>
      )}
    </Show>
  )
}

function Maps(props: { service: Service; services: Service[] }) {
  const meta = useMeta()
  const { api, page, period } = useFilters()
  const [search, setSearch] = useSearchParams<{
    map?: string
    map_vs?: string
    map_a?: string
    map_b?: string
  }>()
  const put = (wanted: Parameters<typeof setSearch>[0]) => setSearch(wanted, { scroll: false })
  const [share, setShare] = createSignal(90)
  const [marked, setMarked] = createSignal(false)

  const versus = () => (isDimension(search.map_vs) || isPeriod(search.map_vs) ? search.map_vs : undefined)
  const choices = createMemo(() => {
    const by = versus()
    return isDimension(by) ? (meta()?.[dimensions[by]] ?? []) : []
  })
  const chosen = (wanted: string | undefined, place: number) =>
    choices().find(({ id }) => id === wanted) ?? choices()[place]
  const first = () => chosen(search.map_a, 0)
  const second = () => chosen(search.map_b, 1)
  const base = () => ({ service: [props.service.id], compare: 'none' as const })
  const mine = (): Partial<Filters> => {
    const by = versus()
    if (isPeriod(by)) return { ...base(), compare: by }
    return isDimension(by) ? { ...base(), [by]: [first()?.id ?? ''] } : base()
  }
  const answer = useAnswer<ProcessMapAnswer>(() => api('/process-map', mine()))
  const theirs = (): Partial<Filters> | null => {
    const by = versus()
    if (isDimension(by)) return { ...base(), [by]: [second()?.id ?? ''] }
    const earlier = answer.data()?.compare_period
    return isPeriod(by) && earlier ? { ...base(), ...earlier } : null
  }
  const other = useAnswer<ProcessMapAnswer>(() => {
    const asked = theirs()
    return asked && api('/process-map', asked)
  })
  const waysOf = (asked: Partial<Filters> | null) =>
    marked() && asked ? `${api('/variants', { ...asked, compare: 'none' })}&limit=1` : null
  const ways = useAnswer<Variants>(() => waysOf(mine()))
  const otherWays = useAnswer<Variants>(() => waysOf(theirs()))
  const happy = () => (marked() ? (ways.data()?.happy_path ?? undefined) : undefined)
  const otherHappy = () => (marked() ? (otherWays.data()?.happy_path ?? undefined) : undefined)

  const compared = () => (theirs() ? other.data() : undefined)
  const cut = createMemo(() => {
    const own = answer.data()
    if (!own) return null
    const beside = compared()
    const whole = joined(beside ? [own, beside] : [own])
    const kept = cutOff(whole.nodes, whole.edges, share() / 100)
    const sides = beside ? [own, beside] : [{ ...own, cases: 1 }]
    return { whole, kept, maps: placeMaps(kept.nodes, kept.edges, sides) }
  })
  const covered = () => {
    const all = cut()
    const sum = (some: readonly MapEdge[]) => some.reduce((total, { frequency }) => total + frequency, 0)
    return all && all.whole.edges.length > 0 ? sum(all.kept.edges) / sum(all.whole.edges) : 0
  }
  /** Whether all activities are drawn. */
  const isWhole = () => (cut()?.whole.nodes.length ?? 0) === (cut()?.kept.nodes.length ?? 0)
  const names = (): [string, string] => {
    const by = versus()
    if (isDimension(by)) return [first()?.name ?? '', second()?.name ?? '']
    const earlier = answer.data()?.compare_period
    return [formatPeriod(period()), earlier ? formatPeriod(earlier) : '']
  }
  const toStage = (override: Partial<Filters> | null) => (stage: string) =>
    page(`/stages/${encodeURIComponent(stage)}`, {
      ...override,
      service: [props.service.id],
      compare: 'previous',
    })

  const controls = () => (
    <div class="filter-row map-controls">
      <Choice
        id="map-service"
        label="Service"
        value={props.service.id}
        options={props.services}
        choose={(map) => put({ map })}
      />
      <Choice
        id="map-versus"
        label="Compare the map with"
        value={versus() ?? ''}
        options={[
          { id: '', name: 'Nothing' },
          { id: 'previous', name: 'The period before' },
          { id: 'year', name: 'The same days a year before' },
          ...(Object.keys(dimensions) as Dimension[])
            .filter((by) => (meta()?.[dimensions[by]].length ?? 0) > 1)
            .map((by) => ({ id: by, name: `Two ${dimensions[by]}` })),
        ]}
        choose={(by) => put({ map_vs: by || null, map_a: null, map_b: null })}
      />
      <Show when={choices().length > 1}>
        <Choice
          id="map-first"
          label="First map"
          value={first()?.id ?? ''}
          options={choices()}
          choose={(id) => put({ map_a: id })}
        />
        <Choice
          id="map-second"
          label="Second map"
          value={second()?.id ?? ''}
          options={choices()}
          choose={(id) => put({ map_b: id })}
        />
      </Show>
      <div class="range field">
        <label for="map-share">Moves shown</label>
        <input
          id="map-share"
          type="range"
          min="30"
          max="100"
          step="5"
          value={share()}
          aria-valuetext={`${share()}% of ${isWhole() ? 'all moves' : 'the moves between the activities drawn'}`}
          aria-describedby="map-shown"
          onInput={(event) => setShare(event.currentTarget.valueAsNumber)}
        />
        <span id="map-shown" class="muted">
          {cut()?.kept.edges.length ?? 0} of {cut()?.whole.edges.length ?? 0} ways: {formatShare(covered())}{' '}
          of all moves;{' '}
          {isWhole()
            ? 'every activity is reached'
            : `only the ${cut()?.kept.nodes.length} most frequent of ${cut()?.whole.nodes.length} activities are drawn, and each of them is reached`}
          .
        </span>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={marked()}
          onChange={(event) => setMarked(event.currentTarget.checked)}
        />
        Mark the happy path
      </label>
    </div>
  )

  return (
    <Loaded answer={answer} what="The process map" height={900}>
      {(data) => (
        <Show
          when={versus()}
          fallback={
            <Figure
              id="process-map"
              title={`How cases move through ${props.service.name.toLowerCase()}`}
              summary="Boxes are activities, lines the ways between them: the thicker, the more often; the stronger the colour, the longer the wait. On each line stands the typical wait."
              caption={`Ways between activities, ${props.service.name}, ${formatPeriod(data().period)}`}
              rows={data().edges}
              columns={edgeColumns}
              source={sourceLine(data())}
              csv={csvOf(api('/process-map', mine()))}
              height={700}
              controls={controls()}
            >
              <Show
                when={cut()?.maps[0]?.nodes.length ? cut()?.maps[0] : undefined}
                fallback={<Empty title="No cases moved in this period." />}
              >
                {(map) => (
                  <>
                    <HappyLine ways={ways.data()} wanted={marked()} />
                    <ProcessMap
                      map={map()}
                      label={`Process map of ${props.service.name}`}
                      href={toStage(null)}
                      marked={happy()?.path}
                    />
                  </>
                )}
              </Show>
            </Figure>
          }
        >
          <Figure
            id="process-map"
            title={`How cases move through ${props.service.name.toLowerCase()}: ${names().filter(Boolean).join(' and ')}`}
            summary="The same places, the same scales: the thicker a line, the larger the part of its cases that took it; the stronger the colour, the longer the wait. A dashed box is an activity that no case came to."
            caption={`Ways in both maps, ${props.service.name}: the largest difference in waiting first`}
            rows={compared() ? differences(data().edges, compared()?.edges ?? []) : []}
            columns={differenceColumns(names(), data().cases, compared()?.cases ?? 0)}
            source={sourceLine(data())}
            csv={csvOf(api('/process-map', mine()))}
            height={700}
            controls={controls()}
            open
          >
            <Show
              when={theirs()}
              fallback={<Empty title="The data does not reach back to an earlier period to compare with." />}
            >
              {(asked) => (
                <Loaded answer={other} what="The second map" height={700}>
                  {(beside) => (
                    <div class="map-pair">
                      <Side
                        name={names()[0]}
                        cases={data().cases}
                        map={cut()?.maps[0]}
                        href={toStage(sideFilters(mine(), data()))}
                        happy={<HappyLine ways={ways.data()} wanted={marked()} />}
                        marked={happy()?.path}
                      />
                      <Side
                        name={names()[1]}
                        cases={beside().cases}
                        map={cut()?.maps[1]}
                        href={toStage(sideFilters(asked(), beside()))}
                        happy={<HappyLine ways={otherWays.data()} wanted={marked()} />}
                        marked={otherHappy()?.path}
                      />
                    </div>
                  )}
                </Loaded>
              )}
            </Show>
          </Figure>
        </Show>
      )}
    </Loaded>
  )
}

/** The filters of a side for the pages its boxes lead to. */
const sideFilters = (asked: Partial<Filters>, { period }: ProcessMapAnswer): Partial<Filters> => {
  const { service: _, compare: __, ...rest } = asked
  return { ...rest, ...period }
}

function Side(props: {
  name: string
  cases: number
  map: PlacedMap | undefined
  href: (stage: string) => string
  happy: JSX.Element
  marked: readonly string[] | undefined
}) {
  return (
    <div>
      <h3>{props.name}</h3>
      <p class="muted">{props.cases === 1 ? '1 case' : `${formatCount(props.cases)} cases`}</p>
      {props.happy}
      <Show
        when={props.cases > 0 ? props.map : undefined}
        fallback={<Empty title="No cases moved here in this period." />}
      >
        {(map) => (
          <ProcessMap
            map={map()}
            label={`Process map: ${props.name}`}
            href={props.href}
            marked={props.marked}
          />
        )}
      </Show>
    </div>
  )
}

function HappyLine(props: { ways: Variants | undefined; wanted: boolean }) {
  const told = () => {
    const { ways } = props
    return props.wanted && ways?.happy_path ? happyWords(ways.happy_path, ways) : undefined
  }
  return (
    <Show when={told()}>
      {(words) => (
        <p>
          <strong>Happy path:</strong> the most frequent way. {words()}.
        </p>
      )}
    </Show>
  )
}

function Choice(props: {
  id: string
  label: string
  value: string
  options: readonly { id: string; name: string }[]
  choose: (id: string) => void
}) {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <select id={props.id} onChange={(event) => props.choose(event.currentTarget.value)}>
        <For each={props.options}>
          {(one) => (
            <option value={one.id} selected={one.id === props.value}>
              {one.name}
            </option>
          )}
        </For>
      </select>
    </div>
  )
}

const edgeColumns = [
  { label: 'From', cell: (edge: MapEdge) => edge.from, sort: (edge: MapEdge) => edge.from },
  { label: 'To', cell: (edge: MapEdge) => edge.to, sort: (edge: MapEdge) => edge.to },
  ...(
    [
      ['Times', ({ frequency }) => frequency, formatCount],
      ['Cases', ({ cases }) => cases, formatCount],
      ['Half within', ({ median_s }) => median_s / 3600, formatHours],
      ['Nine in ten within', ({ p90_s }) => p90_s / 3600, formatHours],
      ['In all', ({ sum_s }) => sum_s / 3600, formatPersonHours],
    ] satisfies [string, (edge: MapEdge) => number, (value: number) => string][]
  ).map(([label, value, say]) => ({
    label,
    number: true,
    cell: (edge: MapEdge) => say(value(edge)),
    sort: value,
  })),
]

const differenceColumns = ([first, second]: [string, string], cases: number, otherCases: number) => {
  const share = (edge: MapEdge | null, of: number) => (edge && of > 0 ? edge.cases / of : 0)
  const median = (edge: MapEdge | null) => (edge ? edge.median_s : null)
  const half = (edge: MapEdge | null) => (edge ? formatHours(edge.median_s / 3600) : 'Not taken')
  return [
    { label: 'From', cell: (row: WayDifference) => row.from, sort: (row: WayDifference) => row.from },
    { label: 'To', cell: (row: WayDifference) => row.to, sort: (row: WayDifference) => row.to },
    {
      label: `Of the cases, ${first}`,
      number: true,
      cell: (row: WayDifference) => formatShare(share(row.first, cases)),
      sort: (row: WayDifference) => share(row.first, cases),
    },
    {
      label: `Of the cases, ${second}`,
      number: true,
      cell: (row: WayDifference) => formatShare(share(row.second, otherCases)),
      sort: (row: WayDifference) => share(row.second, otherCases),
    },
    {
      label: `Half within, ${first}`,
      number: true,
      cell: (row: WayDifference) => half(row.first),
      sort: (row: WayDifference) => median(row.first),
    },
    {
      label: `Half within, ${second}`,
      number: true,
      cell: (row: WayDifference) => half(row.second),
      sort: (row: WayDifference) => median(row.second),
    },
    {
      label: `${first} against ${second}, person-hours`,
      number: true,
      cell: (row: WayDifference) =>
        row.hours === null ? 'Too few to compare' : formatExtraHours(Math.round(row.hours)),
      sort: (row: WayDifference) => row.hours,
    },
  ]
}
