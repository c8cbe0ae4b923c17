import { Show } from 'solid-js'
import type { z } from 'zod'
import type { breachesAnswer } from '../../../server/answers.ts'
import { formatCount, formatDuring, formatShare } from '../../../server/words/format.ts'
import { useAnswer } from '../../api.ts'
import { CsvLink } from '../../components/CsvLink.tsx'
import { DataTable } from '../../components/DataTable.tsx'
import { csvOf, useFilters } from '../../filters.ts'

type Breaches = z.infer<typeof breachesAnswer>

/** What the stages of a service have to do with cases that were late: whose days over the promise they are. */
export function KeptPromise(props: { service: string; name: string; stage: string | null }) {
  const { api, period } = useFilters()
  const address = () => api('/breaches', { service: [props.service], compare: 'none' })
  const answer = useAnswer<Breaches>(address)
  const as = (key: 'without_extensions' | 'with_extensions') =>
    answer.data()?.[key].find(({ service }) => service === props.service)
  const promised = () => {
    const found = as('without_extensions')
    return found && found.days_over > 0 ? found : undefined
  }
  const extended = (stage: string | null, after: string | null) =>
    as('with_extensions')?.stages.find((row) => row.stage === stage && row.after === after)?.share ?? 0
  const words = (days: number) => {
    const share = promised()?.stages.find(({ stage }) => stage === props.stage)?.share
    const all = `Cases of ${props.name.toLowerCase()} were ${formatCount(days)} days over what was promised ${formatDuring(period())}, closed and open ones together.`
    return props.stage === null || share === undefined
      ? all
      : `${all} ${formatShare(share)} of that arose at ${props.stage}.`
  }
  return (
    <Show when={promised()}>
      {(found) => (
        <section class="section">
          <h3>What it does to the promise</h3>
          <p class="prose">{words(found().days_over)}</p>
          <DataTable
            caption={`Days over the promise by stage, ${props.name}`}
            rows={found().stages.filter(({ share }) => share >= 0.005)}
            columns={[
              {
                label: 'Stage',
                cell: (row) => row.stage ?? (row.after ? `after ${row.after}` : 'not told'),
                sort: (row) => row.stage ?? '',
              },
              {
                label: 'Days over',
                number: true,
                cell: (row) => formatCount(row.days_over),
                sort: (row) => row.days_over,
              },
              {
                label: 'Of all days over',
                number: true,
                cell: (row) => formatShare(row.share),
                sort: (row) => row.share,
              },
              {
                label: 'With agreed extensions',
                number: true,
                cell: (row) => formatShare(extended(row.stage, row.after)),
                sort: (row) => extended(row.stage, row.after),
              },
              {
                label: 'Late cases slower here',
                number: true,
                cell: (row) => formatCount(row.cases),
                sort: (row) => row.cases,
              },
            ]}
          />
          <p class="controls">
            <CsvLink address={csvOf(address())} what="days over the promise" />
          </p>
        </section>
      )}
    </Show>
  )
}
