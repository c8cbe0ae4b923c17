import { Show } from 'solid-js'
import { deedSentence } from '../../../server/words/deeds.ts'
import { formatMoment } from '../../../server/words/format.ts'
import type { AuditEntry } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { Empty } from '../../components/States.tsx'

/** Entries as plain sentences, the newest first. */
export function Entries(props: {
  entries: AuditEntry[]
  zone: string
  narrowed: boolean
  names: (service: string) => string
}) {
  return (
    <section class="section" aria-label="Entries">
      <Show
        when={props.entries.length > 0}
        fallback={
          <Empty title={props.narrowed ? 'Nothing fits what you look for.' : 'Nothing is written down yet.'}>
            <p>
              {props.narrowed
                ? 'Take a word away, or choose more days.'
                : 'As soon as somebody opens a case, takes data along or changes something, it stands here.'}
            </p>
          </Empty>
        }
      >
        <DataTable
          caption="The audit, the newest entry first"
          hideCaption
          rows={props.entries}
          columns={[
            {
              label: 'When',
              cell: ({ at }) => (
                <time datetime={at} class="nowrap">
                  {formatMoment(at, props.zone)}
                </time>
              ),
            },
            { label: 'Who did what', cell: (entry) => deedSentence(entry, props.names) },
            { label: 'From', cell: ({ address }) => <span class="nowrap">{address || '–'}</span> },
            {
              label: 'Entry',
              cell: ({ chain, no, hash, request_id }) => (
                <code class="nowrap" title={`SHA-256 ${hash}${request_id && `, request ${request_id}`}`}>
                  {chain.slice(0, 8)}:{no}
                </code>
              ),
            },
          ]}
        />
      </Show>
    </section>
  )
}
