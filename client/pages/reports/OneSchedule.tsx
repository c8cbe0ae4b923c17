import { createSignal, For, Show } from 'solid-js'
import { formatMoment } from '../../../server/words/format.ts'
import { andList } from '../../../server/words/words.ts'
import { type ReportSchedule, type Reports, remove, send } from '../../api.ts'
import { Confirm } from '../../components/Confirm.tsx'
import { PurposeFirst, usePurposes } from '../../components/PurposeForm.tsx'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { useMeta } from '../../filters.ts'
import { withPurpose } from '../../purpose.ts'
import { optionsWords } from './options.ts'
import { PreviewButton } from './PreviewButton.tsx'
import {
  destinationWords,
  formatNames,
  periodNames,
  reportName,
  runStateWords,
  showsCases,
  whenWords,
} from './words.ts'

/** One schedule: what goes to whom and when, what became of it last, and what can be done with it. */
export function OneSchedule(props: {
  schedule: ReportSchedule
  reports: Reports['reports']
  zone: string
  onChanged: () => void
}) {
  const meta = useMeta()
  const [said, setSaid] = createSignal<{ text: string; failed: boolean } | null>(null)
  const [busy, setBusy] = createSignal(false)
  const address = () => `/api/v1/reports/schedules/${props.schedule.id}`
  const zone = () => props.schedule.time_zone || props.zone
  const declared = () => props.schedule.origin === 'file'
  const act = async (deed: () => Promise<unknown>, done: string) => {
    setBusy(true)
    setSaid(null)
    try {
      await deed()
      setSaid({ text: done, failed: false })
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : 'The reason is not known.', failed: true })
    }
    setBusy(false)
    props.onChanged()
  }
  const { isLacking } = usePurposes()
  const mustSay = () => isLacking() && showsCases(props.reports, props.schedule.report)
  const state = () => props.schedule.last && runStateWords[props.schedule.last.state]
  return (
    <li class="card intake">
      <h3>{props.schedule.name}</h3>
      <p>
        <Show when={!props.schedule.paused} fallback={<StatusBadge status="none" word="Paused" />}>
          <Show when={state()} fallback={<StatusBadge status="none" word="Not sent yet" />}>
            {(last) => <StatusBadge status={last().status} word={last().word} />}
          </Show>
        </Show>
      </p>
      <Show when={props.schedule.not_sent}>
        {(reason) => (
          <div class="notice">
            <p>
              <strong>{props.schedule.last?.state === 'queued' ? 'Not sent yet:' : 'Not sent:'}</strong>{' '}
              {reason()}
            </p>
          </div>
        )}
      </Show>
      <dl class="facts">
        <dt>What</dt>
        <dd>
          {[
            `${reportName(props.reports, props.schedule.report)} of ${periodNames[props.schedule.period]}`,
            ...optionsWords(props.schedule.options, meta()),
            andList(props.schedule.formats.map((format) => formatNames[format])),
          ].join(', ')}
        </dd>
        <dt>When</dt>
        <dd>
          {whenWords(props.schedule.when)} <span class="muted">({zone()})</span>
        </dd>
        <dt>Next</dt>
        <dd>
          {props.schedule.paused
            ? 'paused'
            : props.schedule.next[0]
              ? `${props.schedule.when.kind === 'complete' ? 'not before ' : ''}${formatMoment(props.schedule.next[0], zone())}`
              : 'never'}
        </dd>
        <dt>To</dt>
        <dd>
          <For each={props.schedule.recipients}>
            {({ destination }, index) => (
              <>
                {index() > 0 ? ', ' : ''}
                {destinationWords(destination)}
              </>
            )}
          </For>
        </dd>
        <Show when={props.schedule.last}>
          {(last) => (
            <>
              <dt>Last</dt>
              <dd>
                {formatMoment(last().at, zone())}
                <Show when={!mustSay() && last().download}>
                  {(link) => (
                    <>
                      {' '}
                      <a href={withPurpose(link())} target="_self">
                        Download
                        <span class="visually-hidden"> the last {props.schedule.name}</span>
                      </a>
                    </>
                  )}
                </Show>
              </dd>
            </>
          )}
        </Show>
      </dl>
      <Show when={mustSay()}>
        <PurposeFirst what="This report" />
      </Show>
      <div class="controls">
        <PreviewButton
          about={props.schedule.name}
          disabled={mustSay()}
          asked={() => ({
            report: props.schedule.report,
            format: props.schedule.formats[0] ?? 'pdf',
            filters: props.schedule.filters,
            options: props.schedule.options,
            period: props.schedule.period,
            scope: props.schedule.recipients[0]?.scope,
          })}
        />
        <button
          type="button"
          class="button"
          disabled={busy() || mustSay()}
          onClick={() =>
            void act(
              () => send(`${address()}/run`),
              'It begins now; the history below tells what becomes of it.',
            )
          }
        >
          Run now
          <span class="visually-hidden"> ({props.schedule.name})</span>
        </button>
        <Show when={!declared()}>
          <button
            type="button"
            class="button"
            disabled={busy()}
            onClick={() =>
              void act(
                () => send(`${address()}/${props.schedule.paused ? 'resume' : 'pause'}`),
                props.schedule.paused ? 'It goes on.' : 'It rests until you let it go on.',
              )
            }
          >
            {props.schedule.paused ? 'Go on' : 'Pause'}
            <span class="visually-hidden"> ({props.schedule.name})</span>
          </button>
          <Confirm
            label="End"
            about={props.schedule.name}
            question={`End “${props.schedule.name}”?`}
            yes="End it"
            no="Keep it"
            disabled={busy()}
            onYes={() => void act(() => remove(address()), 'It is gone; its history stays.')}
          >
            Nothing more is sent by it. What was sent stays in the history.
          </Confirm>
        </Show>
      </div>
      <Show when={declared()}>
        <p class="muted">
          Declared in <code>clearway.config.json</code>: change it there.
        </p>
      </Show>
      <p role="status" class="source-said" classList={{ 'notice is-error': said()?.failed ?? false }}>
        {busy() ? 'Working …' : said()?.text}
      </p>
    </li>
  )
}
