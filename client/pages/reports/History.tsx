import { createSignal, For, Show } from 'solid-js'
import { formatMoment, formatPeriod } from '../../../server/words/format.ts'
import { type ReportRun, type ReportRuns, type ReportSchedule, type Reports, useAnswer } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { PurposeFirst, usePurposes } from '../../components/PurposeForm.tsx'
import { Empty, Loaded } from '../../components/States.tsx'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { withPurpose } from '../../purpose.ts'
import { formatNames, runStateWords, showsCases } from './words.ts'

const states = ['done', 'queued', 'skipped', 'failed'] as const

/** What became of every report, the last change first. */
export function History(props: { schedules: ReportSchedule[]; reports: Reports['reports']; zone: string }) {
  const [schedule, setSchedule] = createSignal('')
  const [state, setState] = createSignal('')
  const [before, setBefore] = createSignal<number[]>([])
  const answer = useAnswer<ReportRuns>(() => {
    const search = new URLSearchParams({ limit: '50' })
    if (schedule()) search.set('schedule', schedule())
    if (state()) search.set('state', state())
    const last = before().at(-1)
    if (last !== undefined) search.set('before', String(last))
    return `/api/v1/reports/runs?${search}`
  })
  const { isLacking } = usePurposes()
  const mustSay = (run: ReportRun) => isLacking() && showsCases(props.reports, run.report)
  const choose = (set: (value: string) => void) => (event: { currentTarget: HTMLSelectElement }) => {
    set(event.currentTarget.value)
    setBefore([])
  }
  return (
    <section class="section" aria-labelledby="history">
      <h2 id="history">History</h2>
      <div class="filter-row">
        <label class="field">
          <span>Schedule</span>
          <select onChange={choose(setSchedule)}>
            <option value="">All of them</option>
            <For each={props.schedules}>{({ id, name }) => <option value={id}>{name}</option>}</For>
          </select>
        </label>
        <label class="field">
          <span>What became of it</span>
          <select onChange={choose(setState)}>
            <option value="">Anything</option>
            <For each={states}>{(each) => <option value={each}>{runStateWords[each].word}</option>}</For>
          </select>
        </label>
      </div>
      <Loaded answer={answer} what="The history" height={240}>
        {(data) => (
          <Show
            when={data().runs.length > 0}
            fallback={
              <Empty title="There is no report yet.">
                <p>As soon as one is due it stands here, with what became of it.</p>
              </Empty>
            }
          >
            <Show when={data().runs.some((run) => run.download && mustSay(run))}>
              <PurposeFirst what="One of these reports" />
            </Show>
            <DataTable
              caption="Reports, the last change first"
              hideCaption
              rows={data().runs}
              columns={[
                { label: 'Report', cell: (run) => run.name },
                {
                  label: 'Due',
                  cell: (run) => <span class="moment">{formatMoment(run.occurrence, props.zone)}</span>,
                },
                { label: 'Tells of', cell: (run) => formatPeriod(run.period) },
                { label: 'To', cell: (run) => run.recipient },
                {
                  label: 'Format',
                  cell: ({ format }) => formatNames[format as keyof typeof formatNames] ?? format,
                },
                {
                  label: 'What became of it',
                  cell: (run) => (
                    <>
                      <StatusBadge {...runStateWords[run.state]} /> {run.reason}{' '}
                      {run.marks.length > 0 && `Sent although ${run.marks.join('; ')}.`}
                    </>
                  ),
                },
                {
                  label: 'File and checksum',
                  cell: (run) => (
                    <>
                      <Show when={!mustSay(run) && run.download}>
                        {(link) => (
                          <a href={withPurpose(link())} target="_self">
                            Download
                            <span class="visually-hidden">
                              {' '}
                              {run.name}, {run.format}
                            </span>
                          </a>
                        )}
                      </Show>{' '}
                      <code>{run.figures_sha256?.slice(0, 16)}</code>
                    </>
                  ),
                },
              ]}
            />
            <p class="controls">
              <Show when={before().length > 0}>
                <button type="button" class="button" onClick={() => setBefore(before().slice(0, -1))}>
                  Newer reports
                </button>
              </Show>
              <Show when={data().next}>
                {(next) => (
                  <button type="button" class="button" onClick={() => setBefore([...before(), next()])}>
                    Older reports
                  </button>
                )}
              </Show>
            </p>
          </Show>
        )}
      </Loaded>
    </section>
  )
}
