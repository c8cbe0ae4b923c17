import { createMemo, lazy, Show } from 'solid-js'
import { type BarRow, bars, barsHeight } from '../../server/charts/bars.ts'
import {
  formatCount,
  formatDuring,
  formatInterval,
  formatMoney,
  formatPeriod,
  formatStat,
} from '../../server/words/format.ts'
import { codeWords, outcomesSummary, outcomesTitle } from '../../server/words/titles.ts'
import type { Period } from '../../sql/filters.ts'
import type { Stat } from '../../sql/stat.ts'
import { type OutcomesAnswer, useAnswer } from '../api.ts'
import { csvOf, useFilters } from '../filters.ts'
import { sourceLine } from '../source.ts'
import type { Column } from './DataTable.tsx'
import { Figure } from './Figure.tsx'
import { Empty, Loaded } from './States.tsx'

const EChart = lazy(() => import('./EChart.tsx'))

/** The classes beside their bars, where there is little room. */
const short: Record<OutcomesAnswer['classes'][number]['class'], string> = {
  intended: 'As intended',
  resolved: 'Otherwise',
  not_eligible: 'Not eligible',
  refused: 'Refused',
  withdrawn: 'Withdrawn',
  duplicate: 'Duplicate',
  unmapped: 'Not known',
}

type Row = OutcomesAnswer['classes'][number] & BarRow

/** How the cases of a service ended, what people had to ask meanwhile and afterwards, and what a completed case cost. */
export function HowItEnded(props: {
  service: string
  /** The twelve months to the end of the period: what comes after a close takes time to show. */
  year: Period & { compare: 'none' }
}) {
  const { api } = useFilters()
  const address = () => api('/outcomes', { service: [props.service] })
  const answer = useAnswer<OutcomesAnswer>(address)
  const yearly = useAnswer<OutcomesAnswer>(() =>
    api('/outcomes', { service: [props.service], ...props.year }),
  )
  return (
    <Loaded answer={answer} what="How it ended" height={480}>
      {(data) => (
        <Show
          when={data().closed > 0}
          fallback={<Empty title={`Nothing was closed ${formatDuring(data().period)}.`} />}
        >
          <Classes data={data()} csv={csvOf(address())} />
          <dl class="facts">
            <Contacts data={data()} />
            <dt>Cost of a completed request</dt>
            <dd>{costWords(data())}</dd>
            <Show when={yearly.data()}>{(year) => <After data={year()} />}</Show>
          </dl>
        </Show>
      )}
    </Loaded>
  )
}

function Classes(props: { data: OutcomesAnswer; csv: string }) {
  const rows = createMemo(() =>
    props.data.classes.filter(({ cases }) => cases > 0).map((one): Row => ({ ...one, value: one.class })),
  )
  const height = () => barsHeight(rows().length)
  return (
    <Figure
      id="how-it-ended"
      title={outcomesTitle(props.data)}
      summary={outcomesSummary(props.data)}
      caption={`Closed requests by how they ended, ${formatPeriod(props.data.period)}`}
      rows={rows()}
      columns={props.data.compare_period ? [...columns, before, codes] : [...columns, codes]}
      source={sourceLine(props.data)}
      definition="intended_outcome_rate"
      csv={props.csv}
      height={height()}
    >
      <EChart draw={bars(rows().map((row) => ({ ...row, label: short[row.class] })))} height={height()} />
    </Figure>
  )
}

const columns: Column<Row>[] = [
  { label: 'How it ended', cell: (row) => row.label, sort: (row) => row.label },
  { label: 'Requests', number: true, cell: (row) => formatCount(row.cases), sort: (row) => row.cases },
  {
    label: 'Of all closed',
    number: true,
    cell: (row) => formatStat(row.stat),
    sort: (row) => row.stat.value,
  },
  {
    label: '95% range',
    number: true,
    cell: (row) => formatInterval(row.stat).replace('95% range ', '') || '–',
  },
]
const before: Column<Row> = {
  label: 'Before',
  number: true,
  cell: (row) => (row.compare ? formatStat(row.compare) : 'No data'),
}
const codes: Column<Row> = { label: 'Told by the source as', cell: (row) => codeWords(row.codes) }

/** A share with what it stands on; where there is none, why. */
const shareOf = (stat: Stat, noun: string, why: string) =>
  stat.status === 'ok' ? `${formatStat(stat)} of ${formatCount(stat.n)} ${noun}` : why

const notTold = 'Not known: no contacts are told apart in what was loaded.'

function Contacts(props: { data: OutcomesAnswer }) {
  const count = (kind: 'chasing' | 'challenging') =>
    formatCount(props.data.failure_demand.contacts.find((one) => one.kind === kind)?.count ?? 0)
  return (
    <>
      <dt>Contacts that should not be needed</dt>
      <dd>
        {shareOf(props.data.failure_demand.share, 'contacts', notTold)}
        <Show when={props.data.failure_demand.share.status === 'ok'}>
          : {count('chasing')} asked how far it is, {count('challenging')} did not accept a decision
        </Show>
        <Show when={props.data.failure_demand.per_100_open.status === 'ok'}>
          . That is {formatStat(props.data.failure_demand.per_100_open)} requests that were open
        </Show>
      </dd>
    </>
  )
}

/** What came after the close, over a year. */
function After(props: { data: OutcomesAnswer }) {
  const over = () => formatPeriod(props.data.period)
  const tooSoon = 'Not known yet: they were closed too recently to tell.'
  const why = (stat: Stat) => (stat.status === 'not_reached' ? tooSoon : notTold)
  return (
    <>
      <dt>Opened again within {props.data.reopened.days} days</dt>
      <dd>{shareOf(props.data.reopened.stat, `closed, ${over()}`, why(props.data.reopened.stat))}</dd>
      <dt>Got in touch again within {props.data.repeat_contact.days} days of the close</dt>
      <dd>
        {shareOf(props.data.repeat_contact.stat, `closed, ${over()}`, why(props.data.repeat_contact.stat))}
      </dd>
    </>
  )
}

function costWords({ cost: { stat, currency, reason } }: OutcomesAnswer): string {
  if (stat.value === null || currency === null) return `Not known. ${reason ?? ''}`
  const how = stat.method === 'estimate' ? ' An estimate: the cost is declared for a longer time.' : ''
  return `${formatMoney(stat.value, currency)}: ${formatMoney(stat.numerator ?? 0, currency)} for ${formatCount(stat.n)} requests.${how}`
}
