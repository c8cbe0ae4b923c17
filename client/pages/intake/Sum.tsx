import { For } from 'solid-js'
import { formatCount } from '../../../server/words/format.ts'
import type { Load } from '../../api.ts'

/** The sum of a load with each part explained: read = accepted + rejected + duplicates. */
export function Sum(props: {
  load: Pick<Load, 'read' | 'accepted' | 'rejected' | 'duplicates' | 'corrected'>
}) {
  const parts = () => [
    { sign: '', rows: props.load.read, name: 'read', means: 'Rows in the file.' },
    {
      sign: '=',
      rows: props.load.accepted,
      name: 'accepted',
      means:
        props.load.corrected > 0
          ? `They count; ${formatCount(props.load.corrected)} of them replaced an earlier version.`
          : 'They count in the figures.',
    },
    { sign: '+', rows: props.load.rejected, name: 'rejected', means: 'They do not fit and are kept aside.' },
    {
      sign: '+',
      rows: props.load.duplicates,
      name: 'duplicates',
      means: 'They were there already and change nothing.',
    },
  ]
  return (
    <ul class="sum">
      <For each={parts()}>
        {(part) => (
          <li>
            <span class="sign">{part.sign}</span>
            <strong>{formatCount(part.rows)}</strong> {part.name}
            <span class="muted">{part.means}</span>
          </li>
        )}
      </For>
    </ul>
  )
}
