import { createSignal, Show } from 'solid-js'
import { formatCount, formatMoment } from '../../../server/words/format.ts'
import { hiddenShareWords } from '../../../server/words/words.ts'
import { type Release, type ReleaseInFull, useAnswer } from '../../api.ts'
import { Confirm } from '../../components/Confirm.tsx'
import { DataTable } from '../../components/DataTable.tsx'
import { Loaded } from '../../components/States.tsx'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import type { Act } from '../Releases.tsx'
import { releaseStates, stepWords, waitsWords } from './words.ts'

type Step = 'check' | 'approve' | 'schedule' | 'publish'
const nextStep: Partial<Record<Release['state'], { step: Step; label: string }>> = {
  draft: { step: 'check', label: 'I looked through it' },
  checked: { step: 'approve', label: 'I answer for it' },
  approved: { step: 'schedule', label: 'Schedule it' },
}
const isSecret = ({ public_since }: Release) => public_since === null
const canBeWithdrawn = ({ state }: Release) =>
  ['approved', 'scheduled', 'published', 'corrected'].includes(state)

/** One release: where it stands, what it waits for, who did what, and the next step as a button. */
export function OneRelease(props: { release: Release; zone: string; act: Act; hasKey: boolean }) {
  const [why, setWhy] = createSignal('')
  const [said, setSaid] = createSignal<{ text: string; failed: boolean } | null>(null)
  const [seeing, setSeeing] = createSignal<{ address: string; until: string } | null>(null)
  const [busy, setBusy] = createSignal(false)
  const [open, setOpen] = createSignal(false)
  const about = () => props.release.id
  const run = async (deed: () => Promise<string>) => {
    setBusy(true)
    setSaid(null)
    try {
      setSaid({ text: await deed(), failed: false })
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : 'The reason is not known.', failed: true })
    }
    setBusy(false)
  }
  const step = (name: Step | 'withdraw', body: object) =>
    run(async () => {
      const { state } = await props.act<ReleaseInFull>(`/${props.release.id}/${name}`, body)
      return `Done: ${releaseStates[state].word.toLowerCase()}.`
    })
  const look = () =>
    run(async () => {
      setSeeing(await props.act(`/${props.release.id}/preview`, { reason: why() }))
      return 'It is written down that you looked.'
    })
  const body = () => (props.release.loosened !== null && why().trim() ? { loosen: why() } : {})
  const needsWhy = () => isSecret(props.release) || canBeWithdrawn(props.release)
  return (
    <li class="card intake">
      <h3>
        {props.release.title} <span class="muted">({props.release.id})</span>
      </h3>
      <p>
        <StatusBadge
          status={releaseStates[props.release.state].status}
          word={releaseStates[props.release.state].word}
        />
      </p>
      <p>{waitsWords(props.release, props.zone, Date.now())}</p>
      <Show when={props.release.loosened}>
        {(reason) => (
          <div class="notice is-error">
            <p>
              <strong>Small numbers are kept back less strictly than before:</strong> {reason()} Who answers
              for the release has to say why they agree.
            </p>
          </div>
        )}
      </Show>
      <dl class="facts">
        <Show
          when={props.release.public_since}
          fallback={
            <>
              <dt>Agreed minute</dt>
              <dd>{formatMoment(props.release.published_at, props.zone)}</dd>
            </>
          }
        >
          {(since) => (
            <>
              <dt>Public since</dt>
              <dd>{formatMoment(since(), props.zone)}</dd>
            </>
          )}
        </Show>
        <dt>Data as of</dt>
        <dd>{formatMoment(props.release.as_of, props.zone)}</dd>
        <dt>Kept back</dt>
        <dd>
          {formatCount(props.release.hidden.cells)} of {formatCount(props.release.hidden.of)} figures, with{' '}
          {hiddenShareWords(props.release.hidden)} of all cases
        </dd>
        <dt>Built or checked by</dt>
        <dd>{props.release.made_by.join(', ')}</dd>
        <Show when={props.release.corrects}>
          {(id) => (
            <>
              <dt>Corrects</dt>
              <dd>
                {id()}: {props.release.reason}
              </dd>
            </>
          )}
        </Show>
        <Show when={props.release.withdrawn}>
          {(withdrawn) => (
            <>
              <dt>Withdrawn</dt>
              <dd>
                {formatMoment(withdrawn().at, props.zone)}: {withdrawn().reason}
              </dd>
            </>
          )}
        </Show>
      </dl>
      <Show when={needsWhy()}>
        <label class="field">
          <span>
            Why
            {isSecret(props.release) ? ' (to look at it' : ' ('}
            {isSecret(props.release) && canBeWithdrawn(props.release) ? ' or ' : ''}
            {canBeWithdrawn(props.release) ? 'to withdraw it' : ''})
          </span>
          <input value={why()} maxlength={400} onInput={(event) => setWhy(event.currentTarget.value)} />
        </label>
      </Show>
      <div class="controls">
        <Show when={nextStep[props.release.state]}>
          {(next) => (
            <button
              type="button"
              class="button"
              disabled={busy() || !props.hasKey}
              onClick={() => void step(next().step, next().step === 'approve' ? body() : {})}
            >
              {next().label}
              <span class="visually-hidden"> ({about()})</span>
            </button>
          )}
        </Show>
        <Show when={isSecret(props.release)}>
          <button
            type="button"
            class="button"
            disabled={busy() || !props.hasKey || why().trim().length < 3}
            onClick={() => void look()}
          >
            Look at it
            <span class="visually-hidden"> ({about()})</span>
          </button>
        </Show>
        <Show when={canBeWithdrawn(props.release)}>
          <Confirm
            label="Withdraw"
            about={about()}
            question={`Withdraw ${props.release.title}?`}
            yes="Withdraw it"
            no="Keep it"
            disabled={busy() || !props.hasKey || why().trim().length < 3}
            onYes={() => void step('withdraw', { reason: why() })}
          >
            {isSecret(props.release)
              ? 'It will not become public.'
              : 'Its pages and files go; a page that says since when and why stays in their place.'}
          </Confirm>
        </Show>
      </div>
      <p role="status" class="source-said" classList={{ notice: said()?.failed ?? false }}>
        {busy() ? 'Working …' : said()?.text}
      </p>
      <Show when={seeing()}>
        {(preview) => (
          <p>
            <a href={preview().address} target="_blank" rel="noreferrer">
              Open the preview
            </a>{' '}
            <span class="muted">until {formatMoment(preview().until, props.zone)}</span>
          </p>
        )}
      </Show>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          Who did what, and who saw it before<span class="visually-hidden"> ({about()})</span>
        </summary>
        <Show when={open()}>
          <Log id={props.release.id} zone={props.zone} />
        </Show>
      </details>
    </li>
  )
}

function Log(props: { id: string; zone: string }) {
  const answer = useAnswer<ReleaseInFull>(() => `/api/v1/releases/${props.id}`)
  return (
    <Loaded answer={answer} what="The log of the release" height={120}>
      {(data) => (
        <DataTable
          caption={`All steps of release ${props.id}`}
          hideCaption
          rows={data().log}
          columns={[
            { label: 'When', cell: ({ at }) => formatMoment(at, props.zone) },
            { label: 'What', cell: ({ step }) => stepWords[step] },
            { label: 'Who', cell: ({ by }) => by },
            { label: 'Why', cell: ({ reason }) => reason },
          ]}
        />
      )}
    </Loaded>
  )
}
