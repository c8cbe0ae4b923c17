import { formatCount } from '../../../server/words/format.ts'
import type { Rejected } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { mendWords } from './words.ts'

/** Why rows did not fit, what helps, and how many it concerns. */
export const Reasons = (props: { rows: Rejected['by_rule'] }) => (
  <DataTable
    caption="Why they did not fit"
    rows={props.rows}
    columns={[
      { label: 'Why', cell: (row) => <span class="sentence">{row.reason}</span>, sort: (row) => row.reason },
      { label: 'How to mend it', cell: (row) => <span class="sentence">{mendWords(row)}</span> },
      { label: 'Rows', number: true, cell: (row) => formatCount(row.rows), sort: (row) => row.rows },
    ]}
  />
)
