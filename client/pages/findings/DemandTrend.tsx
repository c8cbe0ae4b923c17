import { Show } from 'solid-js'
import type { Week } from '../../../server/charts/change.ts'
import { addDays } from '../../../server/words/days.ts'
import { formatCount, formatPeriod } from '../../../server/words/format.ts'
import { dimensionWord } from '../../../sql/dimensionWord.ts'
import { type By, type Finding, type Series, useAnswer } from '../../api.ts'
import { CsvLink } from '../../components/CsvLink.tsx'
import { DataTable } from '../../components/DataTable.tsx'
import { Loaded } from '../../components/States.tsx'
import { csvOf, useFilters, useMeta } from '../../filters.ts'
import { WeeklyFigure } from './WeeklyFigure.tsx'
import { useSegmentName } from './words.ts'

const filterable = ['district', 'channel', 'team']

/** Of a change of the whole service: how many cases came in a week, or which share of them is of the group that grew. */
export function DemandTrend(props: { finding: Finding; service: string }) {
  const { api, period } = useFilters()
  const meta = useMeta()
  const name = useSegmentName()
  const service = () => ({ service: [props.finding.service], compare: 'none' as const })
  const span = () => {
    const first = addDays(period().until, -728)
    const held = meta()?.held?.from ?? first
    return { from: held > first && held < period().until ? held : first, until: period().until }
  }
  const series = (extra: Record<string, string[]> = {}) =>
    api('/kpis/requests_received/series', { ...service(), ...span(), grain: 'week', ...extra })
  const group = () => {
    const { kind, segment } = props.finding
    return kind === 'mix_shift' && segment && filterable.includes(segment.dimension) ? segment : null
  }
  const all = useAnswer<Series>(() => series())
  const own = useAnswer<Series>(() => {
    const found = group()
    return found ? series({ [found.dimension]: [found.value] }) : null
  })
  const dimension = () => (props.finding.explained_by ?? props.finding.segment)?.dimension ?? 'channel'
  const byAddress = () =>
    api(`/kpis/requests_received/by/${dimension()}`, { service: [props.finding.service], compare: 'year' })
  const by = useAnswer<By>(byAddress)
  const weeks = (data: Series): Week[] => {
    const counts = new Map((own.data()?.points ?? []).map(({ from, stat }) => [from, stat.value]))
    return data.points.map(({ from, until, stat }) => {
      const count = group() ? (counts.get(from) ?? 0) : stat.value
      const share = group() && stat.value ? (count ?? 0) / stat.value : null
      return { from, until, complete: stat.complete >= 0.995, values: [group() ? share : count] }
    })
  }
  const title = () => {
    const found = group()
    return found
      ? `Share of ${name(found.dimension, found.value)} among the cases of ${props.service.toLowerCase()}`
      : `Cases of ${props.service.toLowerCase()} that began in a week`
  }
  return (
    <Loaded answer={all} what="The evidence" height={600}>
      {(data) => (
        <>
          <WeeklyFigure
            id={`finding-${props.finding.rank}-demand`}
            title={title()}
            summary="By the week in which the cases began. The line and the band show when it changed."
            unit={group() ? 'share' : 'count'}
            names={['all']}
            weeks={weeks(data())}
            change={props.finding}
            service={props.finding.service}
            answer={data()}
            csv={csvOf(series())}
          />
          <Show when={by.data()}>
            {(found) => (
              <section class="section where">
                <h3>Who asks</h3>
                <DataTable
                  caption={`Requests received by ${dimensionWord(dimension())}, ${formatPeriod(found().period)}`}
                  rows={found().rows}
                  columns={[
                    { label: 'Group', cell: (row) => row.label, sort: (row) => row.label },
                    {
                      label: 'Requests',
                      number: true,
                      cell: (row) => formatCount(row.stat.value ?? 0),
                      sort: (row) => row.stat.value,
                    },
                    {
                      label: 'A year before',
                      number: true,
                      cell: (row) =>
                        row.compare?.value == null ? 'Not known' : formatCount(row.compare.value),
                      sort: (row) => row.compare?.value ?? null,
                    },
                  ]}
                />
                <p class="controls">
                  <CsvLink address={csvOf(byAddress())} what="who asks" />
                </p>
              </section>
            )}
          </Show>
        </>
      )}
    </Loaded>
  )
}
