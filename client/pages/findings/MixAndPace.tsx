import { Show } from 'solid-js'
import type { z } from 'zod'
import type { changeAnswer } from '../../../server/answers.ts'
import { formatHours, formatPeriod, formatStat } from '../../../server/words/format.ts'
import { useAnswer } from '../../api.ts'
import { CsvLink } from '../../components/CsvLink.tsx'
import { DataTable } from '../../components/DataTable.tsx'
import { csvOf, useFilters } from '../../filters.ts'

type Change = z.infer<typeof changeAnswer>
const told = ['district', 'channel', 'team', 'subtype']
const names: Record<string, string> = { subtype: 'type' }

/** How much of the change of the time to an outcome is another mix of cases and how much is pace, dimension by dimension: together the change. */
export function MixAndPace(props: { service: string }) {
  const { api } = useFilters()
  const address = () => api('/change', { service: [props.service], compare: 'year' })
  const answer = useAnswer<Change>(address)
  const rows = () =>
    (answer.data()?.dimensions ?? []).flatMap(({ dimension, mix, rate, rows: values }) =>
      told.includes(dimension) && values.length > 1 && mix !== null && rate !== null
        ? [{ dimension: names[dimension] ?? dimension, mix, rate }]
        : [],
    )
  const difference = () => {
    const data = answer.data()
    return data?.compare_period && data.before && data.change.absolute !== null && rows().length > 0
      ? { ...data, before: data.before, compare: data.compare_period }
      : undefined
  }
  return (
    <Show when={difference()}>
      {(data) => (
        <section class="section">
          <h3>Another mix of cases, or another pace?</h3>
          <p class="prose">
            Cases with an outcome in {formatPeriod(data().period)} took {say(data().mean)} on average, those
            of {formatPeriod(data().compare)} {say(data().before)}. Mix and pace add up to the difference,
            whichever way the cases are told apart.
          </p>
          <DataTable
            caption={`Mix against pace, ${formatPeriod(data().period)} and ${formatPeriod(data().compare)}`}
            rows={rows()}
            columns={[
              { label: 'Told apart by', cell: (row) => row.dimension, sort: (row) => row.dimension },
              {
                label: 'Another mix',
                number: true,
                cell: (row) => signed(row.mix),
                sort: (row) => row.mix,
              },
              {
                label: 'Another pace',
                number: true,
                cell: (row) => signed(row.rate),
                sort: (row) => row.rate,
              },
              {
                label: 'Together',
                number: true,
                cell: (row) => signed(row.mix + row.rate),
                sort: (row) => row.mix + row.rate,
              },
            ]}
          />
          <p class="controls">
            <CsvLink address={csvOf(address())} what="mix and pace, group by group" />
          </p>
        </section>
      )}
    </Show>
  )
}

const say = (stat: Change['mean']) =>
  stat.value !== null && stat.unit === 'hours' ? formatHours(stat.value) : formatStat(stat)
const signed = (hours: number) => `${hours > 0 ? '+' : ''}${formatHours(hours)}`
