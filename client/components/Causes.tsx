import { createMemo, For, lazy } from 'solid-js'
import type { z } from 'zod'
import type { causesAnswer } from '../../server/answers.ts'
import { causeShades, causes, causesIn } from '../../server/charts/causes.ts'
import { formatCount, formatPeriod, formatPersonHours, formatShare } from '../../server/words/format.ts'
import { useAnswer } from '../api.ts'
import { csvOf, useFilters } from '../filters.ts'
import { sourceLine } from '../source.ts'
import type { Column } from './DataTable.tsx'
import { Figure } from './Figure.tsx'
import { Empty, Loaded } from './States.tsx'

const EChart = lazy(() => import('./EChart.tsx'))

type CausesAnswer = z.infer<typeof causesAnswer>
type Stage = CausesAnswer['stages'][number]
type Row = Stage['causes'][number] & { stage: Stage }

/** Why people wait before the stages of a service, or before one of them: the wait divided by cause. */
export function Causes(props: { service: string; stage?: string }) {
  const { api } = useFilters()
  const address = () => {
    const service = api('/causes', { compare: 'none', service: [props.service] })
    return props.stage === undefined ? service : `${service}&stage=${encodeURIComponent(props.stage)}`
  }
  const answer = useAnswer<CausesAnswer>(address)
  return (
    <Loaded answer={answer} what="Why people wait" height={420}>
      {(data) => <Divided data={data()} one={props.stage !== undefined} csv={csvOf(address())} />}
    </Loaded>
  )
}

function Divided(props: { data: CausesAnswer; one: boolean; csv: string }) {
  const stages = createMemo(() => props.data.stages.filter(({ wait_hours }) => wait_hours > 0))
  const rows = createMemo(() =>
    stages().flatMap((stage) =>
      stage.causes
        .filter(({ hours, open_hours }) => hours > 0 || open_hours > 0)
        .map((cause): Row => ({ ...cause, stage })),
    ),
  )
  const height = () => stages().length * 42 + 56
  return (
    <Figure
      id="causes"
      title={titleOf(stages())}
      summary={summaryOf(stages(), props.one)}
      caption={`Hours of wait by cause, ${formatPeriod(props.data.period)}`}
      columns={props.one ? columns : [stageColumn, ...columns]}
      rows={rows()}
      source={sourceLine(props.data)}
      csv={props.csv}
      height={height()}
    >
      {stages().length === 0 ? (
        <Empty title="Nobody waited in this period." />
      ) : (
        <>
          <Key stages={stages()} />
          <EChart draw={causes(stages())} height={height()} />
        </>
      )}
    </Figure>
  )
}

const hours = (value: number) => formatCount(Math.round(value))

const stageColumn: Column<Row> = {
  label: 'Stage',
  cell: (row) => row.stage.stage,
  sort: (row) => row.stage.stage,
}
const columns: Column<Row>[] = [
  { label: 'Cause', cell: (row) => row.label, sort: (row) => row.label },
  {
    label: 'Person-hours',
    number: true,
    cell: (row) =>
      row.hours_at_most > row.hours ? `${hours(row.hours)} to ${hours(row.hours_at_most)}` : hours(row.hours),
    sort: (row) => row.hours,
  },
  {
    label: 'Of the wait',
    number: true,
    cell: (row) => (row.share.value === null ? '–' : formatShare(row.share.value)),
    sort: (row) => row.share.value,
  },
  { label: 'Visits', number: true, cell: (row) => formatCount(row.share.n), sort: (row) => row.share.n },
  {
    label: 'Still open, person-hours',
    number: true,
    cell: (row) => hours(row.open_hours),
    sort: (row) => row.open_hours,
  },
  { label: 'How it is told', cell: (row) => row.means },
]

/** The largest cause of all the wait, in words. */
function titleOf(stages: readonly Stage[]): string {
  const all = stages.reduce((sum, { wait_hours }) => sum + wait_hours, 0)
  const [first] = causesIn(stages)
    .map(({ cause, label }) => ({
      label,
      sum: stages.reduce(
        (sum, stage) => sum + (stage.causes.find((each) => each.cause === cause)?.hours ?? 0),
        0,
      ),
    }))
    .sort((a, b) => b.sum - a.sum)
  return first && all > 0 ? `${first.label}: ${formatShare(first.sum / all)} of the wait` : 'Why people wait'
}

function summaryOf(stages: readonly Stage[], one: boolean): string {
  const open = stages.reduce((sum, { open_wait_hours }) => sum + open_wait_hours, 0)
  const said = one ? (stages[0]?.sentence ?? '') : 'Each bar is the wait before one stage, divided by cause.'
  const bound = stages.some(({ wait_hours, wait_hours_at_least }) => wait_hours > wait_hours_at_least)
    ? ' Where the source does not tell when work began, queue and work are not told apart: the table gives bounds.'
    : ''
  const more = open > 0 ? ` Cases that are still open have waited ${formatPersonHours(open)} so far.` : ''
  return `${said}${bound}${more}`
}

function Key(props: { stages: readonly Stage[] }) {
  return (
    <ul class="key">
      <For each={causesIn(props.stages)}>
        {({ cause, label }) => (
          <li>
            <svg viewBox="0 0 28 12" aria-hidden="true">
              <path d="M0 0h28v12H0z" fill={fillOf(cause)} fill-opacity={causeShades[cause].opacity} />
            </svg>
            {label}
          </li>
        )}
      </For>
    </ul>
  )
}

const fillOf = (cause: Row['cause']) => {
  const { color } = causeShades[cause]
  return color === 'muted' ? 'var(--muted)' : `var(--c${color + 1})`
}
