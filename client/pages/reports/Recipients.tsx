import { For, Index, Show } from 'solid-js'
import type { Schedule } from '../../../sql/reportSchedules.ts'
import type { Reports } from '../../api.ts'
import { PickSeveral } from '../../components/PickSeveral.tsx'
import { useMeta } from '../../filters.ts'

type Given = Schedule['recipients'][number]
type Kind = Given['destination']['kind']

/** One recipient as the fields hold it; `scope` is what they may see, and empty lists limit nothing. */
export type RecipientDraft = {
  kind: Kind
  to: string
  more: string
  scope: { department: string[]; district: string[] }
}
export const emptyRecipient: RecipientDraft = {
  kind: 'email',
  to: '',
  more: '',
  scope: { department: [], district: [] },
}

/** The recipient as a schedule holds it. */
export function recipientOf({ kind, to, more, scope }: RecipientDraft, audience: Given['audience']) {
  return { destination: destinationOf(kind, to.trim(), more.trim()), audience, scope }
}

function destinationOf(kind: Kind, to: string, more: string) {
  switch (kind) {
    case 'email':
      return { kind, to }
    case 'folder':
      return { kind, path: to }
    case 's3':
      return { kind, bucket: to, prefix: more }
    case 'webhook':
      return { kind, url: to }
    case 'sftp': {
      const [user = '', host = ''] = to.split('@')
      return { kind, user, host, host_key: more }
    }
  }
}

const ways: Record<Kind, { name: string; to: string; example: string; more?: string }> = {
  email: { name: 'E-mail', to: 'Address', example: 'head@city.example' },
  folder: { name: 'Folder', to: 'Folder', example: 'briefs' },
  webhook: { name: 'Program (webhook)', to: 'Address', example: 'https://intranet.city.example/reports' },
  s3: { name: 'Storage (S3)', to: 'Bucket', example: 'city-reports', more: 'Begin of its names' },
  sftp: {
    name: 'SFTP',
    to: 'User and host',
    example: 'reports@files.city.example',
    more: 'Key of the host (SHA256:…)',
  },
}

/** Who gets it, how, and what part of it. */
export function Recipients(props: {
  drafts: RecipientDraft[]
  delivery: Reports['delivery']
  onChange: (drafts: RecipientDraft[]) => void
}) {
  const meta = useMeta()
  const wayOf = (kind: Kind) => props.delivery.find(({ way }) => way === kind)
  /** Ways that were chosen and that this server cannot go. */
  const closed = () =>
    props.delivery.filter(({ way, open }) => !open && props.drafts.some(({ kind }) => kind === way))
  const set = (at: number, change: Partial<RecipientDraft>) =>
    props.onChange(props.drafts.map((draft, index) => (index === at ? { ...draft, ...change } : draft)))
  return (
    <fieldset class="choices">
      <legend>To whom</legend>
      <Index each={props.drafts}>
        {(draft, at) => (
          <div class="filter-row">
            <label class="field">
              <span>How</span>
              <select
                value={draft().kind}
                onChange={(event) => set(at, { kind: event.currentTarget.value as Kind, to: '', more: '' })}
              >
                <Index each={Object.entries(ways)}>
                  {(way) => (
                    <option value={way()[0]}>
                      {way()[1].name}
                      {wayOf(way()[0] as Kind)?.open === false ? ' (not set up)' : ''}
                    </option>
                  )}
                </Index>
              </select>
            </label>
            <label class="field">
              <span>{ways[draft().kind].to}</span>
              <input
                required
                spellcheck={false}
                placeholder={wayOf(draft().kind)?.names[0] ?? ways[draft().kind].example}
                value={draft().to}
                onInput={(event) => set(at, { to: event.currentTarget.value })}
              />
            </label>
            <Show when={ways[draft().kind].more}>
              {(label) => (
                <label class="field">
                  <span>{label()}</span>
                  <input
                    spellcheck={false}
                    value={draft().more}
                    onInput={(event) => set(at, { more: event.currentTarget.value })}
                  />
                </label>
              )}
            </Show>
            <For each={['department', 'district'] as const}>
              {(dimension) => (
                <Show when={(meta()?.[`${dimension}s`].length ?? 0) > 1}>
                  <PickSeveral
                    label={`May see these ${dimension}s`}
                    all={`All ${dimension}s`}
                    choices={meta()?.[`${dimension}s`] ?? []}
                    chosen={draft().scope[dimension]}
                    onChange={(chosen) => set(at, { scope: { ...draft().scope, [dimension]: chosen } })}
                  />
                </Show>
              )}
            </For>
            <Show when={props.drafts.length > 1}>
              <p class="controls">
                <button
                  type="button"
                  class="button"
                  onClick={() => props.onChange(props.drafts.filter((_, index) => index !== at))}
                >
                  Take out<span class="visually-hidden"> recipient {at + 1}</span>
                </button>
              </p>
            </Show>
          </div>
        )}
      </Index>
      <For each={closed()}>
        {({ way, mend }) => (
          <p class="notice">
            {ways[way].name} is not set up on this server: nothing can be sent by it yet. {mend}
          </p>
        )}
      </For>
      <p class="controls">
        <button
          type="button"
          class="button"
          onClick={() => props.onChange([...props.drafts, emptyRecipient])}
        >
          One more recipient
        </button>
      </p>
    </fieldset>
  )
}
