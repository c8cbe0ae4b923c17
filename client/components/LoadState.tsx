import type { Status } from '../../server/words/words.ts'
import type { Load } from '../api.ts'
import { StatusBadge } from './StatusBadge.tsx'

const states: Record<Load['state'], { status: Status; word: string }> = {
  checking: { status: 'none', word: 'Checking' },
  staging: { status: 'none', word: 'Reading' },
  publishing: { status: 'none', word: 'Publishing' },
  done: { status: 'on', word: 'Done' },
  failed: { status: 'off', word: 'Failed' },
  cancelled: { status: 'near', word: 'Cancelled' },
}

export const LoadState = (props: { state: Load['state'] }) => (
  <StatusBadge status={states[props.state].status} word={states[props.state].word} />
)
