import { formatMoment } from '../../../server/words/format.ts'
import type { Status } from '../../../server/words/words.ts'
import type { Release, ReleaseInFull } from '../../api.ts'

export const releaseStates: Record<Release['state'], { status: Status; word: string }> = {
  draft: { status: 'none', word: 'Draft' },
  checked: { status: 'near', word: 'Checked' },
  approved: { status: 'near', word: 'Approved' },
  scheduled: { status: 'near', word: 'Scheduled' },
  published: { status: 'on', word: 'Public' },
  corrected: { status: 'none', word: 'Corrected by a later one' },
  withdrawn: { status: 'off', word: 'Withdrawn' },
}

export const stepWords: Record<ReleaseInFull['log'][number]['step'], string> = {
  built: 'Built',
  checked: 'Checked',
  approved: 'Approved',
  scheduled: 'Scheduled',
  published: 'Became public',
  corrected: 'Corrected by a later one',
  withdrawn: 'Withdrawn',
  loosened: 'Agreed to keep small numbers back less strictly',
  previewed: 'Looked at before it was public',
}

/** "a" and "b"; "a", "b" and "c". */
const list = (names: string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** What a release waits for, and whom. */
export function waitsWords({ state, made_by, published_at }: Release, zone: string, now: number): string {
  switch (state) {
    case 'draft':
      return 'Waits for somebody who looks through it.'
    case 'checked':
      return `Waits for a second person who answers for it: not ${list(made_by)}.`
    case 'approved':
      return 'Waits to be scheduled.'
    case 'scheduled':
      return Date.parse(published_at) > now
        ? `Becomes public by itself at ${formatMoment(published_at, zone)}.`
        : 'Its minute has come: it becomes public within seconds.'
    case 'published':
      return 'Everybody can see it.'
    case 'corrected':
      return 'A later release took its place. It stays at its own address.'
    case 'withdrawn':
      return 'It is no longer shown.'
  }
}

/** The heading: what is public and what waits. */
export function releasesTitle(releases: readonly Release[]): string {
  const shown = releases.find(({ state }) => state === 'published')
  const waiting = releases.filter(({ state }) =>
    ['draft', 'checked', 'approved', 'scheduled'].includes(state),
  )
  const first = shown ? `${monthOf(shown)} is public` : 'Nothing is public yet'
  if (waiting.length === 0) return first
  const [only] = waiting
  if (waiting.length > 1 || !only) return `${first}; ${waiting.length} releases are on their way`
  return `${first}; ${only.corrects ? `a correction of ${monthOf(only)}` : monthOf(only)} is on its way`
}

const monthOf = ({ title }: Release) => title.split(', ').at(-1) ?? title
