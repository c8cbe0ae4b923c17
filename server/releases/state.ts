import type { LogEntry, ReleaseStep } from '../../sql/releaseLog.ts'
import type { Person } from './desk.ts'
import { ReleaseError } from './releaseError.ts'

/** Where a release stands: what its log says, nothing else. */
export const releaseStates = [
  'draft',
  'checked',
  'approved',
  'scheduled',
  'published',
  'corrected',
  'withdrawn',
] as const
export type ReleaseState = (typeof releaseStates)[number]

const leadsTo: Partial<Record<ReleaseStep, ReleaseState>> = {
  built: 'draft',
  checked: 'checked',
  approved: 'approved',
  scheduled: 'scheduled',
  published: 'published',
  corrected: 'corrected',
  withdrawn: 'withdrawn',
}

export type Standing = {
  id: string
  state: ReleaseState
  /** SHA-256 of the manifest that was built last. */
  manifest: string
  /** Who built and checked what now lies there: they cannot approve it. */
  makers: Person[]
  /** Small numbers would be kept back less strictly than before: why, in the words of who built it. */
  loosened: string | null
  /** When it became public; null when it never was. */
  public_since: string | null
  /** When and why it was withdrawn. */
  withdrawn: { at: string; reason: string } | null
}

/** Reads the log of one release. */
export function standingOf(log: readonly LogEntry[]): Standing {
  const standing: Standing = {
    id: log[0]?.release ?? '',
    state: 'draft',
    manifest: '',
    makers: [],
    loosened: null,
    public_since: null,
    withdrawn: null,
  }
  for (const { step, key_id, key_name, manifest, at, reason } of log) {
    standing.state = leadsTo[step] ?? standing.state
    if (step === 'built') Object.assign(standing, { manifest, makers: [], loosened: null, withdrawn: null })
    if (step === 'built' || step === 'checked') standing.makers.push({ id: key_id, name: key_name })
    if (step === 'loosened' && standing.state === 'draft') standing.loosened = reason
    if (step === 'published') standing.public_since ??= at
    if (step === 'withdrawn') standing.withdrawn = { at, reason }
  }
  return standing
}

/** The logs of all releases, by id, in the order they were begun. */
export function byRelease(log: readonly LogEntry[]): Map<string, LogEntry[]> {
  const all = new Map<string, LogEntry[]>()
  for (const entry of log) all.set(entry.release, [...(all.get(entry.release) ?? []), entry])
  return all
}

/** What has to happen next, and who can do it, in a sentence. */
export function nextWords({ id, state, makers, public_since }: Standing): string {
  const others = [...new Set(makers.map(({ name }) => `"${name}"`))].join(' or ')
  switch (state) {
    case 'draft':
      return `Somebody has to look through it: clearway release check ${id}.`
    case 'checked':
      return `A second person, not ${others}, has to approve it: clearway release approve ${id}.`
    case 'approved':
      return `It has to be scheduled: clearway release schedule ${id}.`
    case 'scheduled':
      return 'It becomes public by itself at its minute.'
    case 'published':
      return `To change it, build a correction: clearway release build --correct ${id} --reason TEXT.`
    case 'corrected':
      return 'A later release took its place; it stays at its own address.'
    case 'withdrawn':
      return public_since === null
        ? `It was stopped before it was public; build it again: clearway release build --month ${id.slice(0, 7)}.`
        : `To publish figures of the month again, build a correction: clearway release build --correct ${id} --reason TEXT.`
  }
}

type Deed = 'check' | 'approve' | 'schedule' | 'publish' | 'withdraw'
const possible: Record<Deed, readonly ReleaseState[]> = {
  check: ['draft', 'checked'],
  approve: ['checked'],
  schedule: ['approved'],
  publish: ['scheduled'],
  withdraw: ['approved', 'scheduled', 'published', 'corrected'],
}
const said: Record<Deed, string> = {
  check: 'checked',
  approve: 'approved',
  schedule: 'scheduled',
  publish: 'published',
  withdraw: 'withdrawn',
}

/** Throws a ReleaseError when the release is not at this step, with what has to be done instead. */
export function mustBeAt(deed: Deed, standing: Standing): void {
  if (!possible[deed].includes(standing.state))
    throw new ReleaseError(
      `Release ${standing.id} is ${standing.state} and cannot be ${said[deed]} now. ${nextWords(standing)}`,
    )
}

const sameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

/** Throws a ReleaseError unless the person is another one than who built and checked: neither the key nor the name may be the same. */
export function mustBeSecond(person: Person, { id, makers }: Standing): void {
  const same = makers.find((maker) => maker.id === person.id || sameName(maker.name, person.name))
  if (same)
    throw new ReleaseError(
      `"${same.name}" built or checked release ${id} and cannot approve it too: a second person has to, with a key in another name.`,
    )
}
