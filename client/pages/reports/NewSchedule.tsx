import { createMemo, createSignal, createUniqueId, For, onMount, Show } from 'solid-js'
import { formatPeriod } from '../../../server/words/format.ts'
import type { Schedule } from '../../../sql/reportSchedules.ts'
import { type ReportSchedule, type Reports, send } from '../../api.ts'
import { PurposeFirst, usePurposes } from '../../components/PurposeForm.tsx'
import { useFilters, useMeta } from '../../filters.ts'
import { leftOut, optionsWords, readOptions } from './options.ts'
import { PreviewButton } from './PreviewButton.tsx'
import { emptyRecipient, type RecipientDraft, Recipients, recipientOf } from './Recipients.tsx'
import { Times } from './Times.tsx'
import { emptyTimes, type TimesDraft, whenOf } from './times.ts'
import { filtersWords, formatNames, periodLike, periodNames, reportName, showsCases } from './words.ts'

/** Schedules the view of a page as it is: what was chosen there comes from the address. */
export function NewSchedule(props: {
  reports: Reports['reports']
  delivery: Reports['delivery']
  zone: string
  onMade: () => void
}) {
  const meta = useMeta()
  const { filters, period, problems } = useFilters()
  const search = new URLSearchParams(location.search)
  const wanted = search.get('report') ?? ''
  const start = props.reports.some(({ id }) => id === wanted) ? wanted : 'department-brief'
  const [report, setReport] = createSignal(start)
  const [name, setName] = createSignal('')
  const like = periodLike(period(), meta()?.held ?? null)
  const [of, setOf] = createSignal(like.of)
  const [formats, setFormats] = createSignal<Schedule['formats']>(['pdf'])
  const [times, setTimes] = createSignal<TimesDraft>(emptyTimes)
  const [recipients, setRecipients] = createSignal<RecipientDraft[]>([emptyRecipient])
  const [conditions, setConditions] = createSignal<
    Pick<Schedule, 'stale' | 'incomplete' | 'unchanged' | 'missed'>
  >({
    stale: 'hold',
    incomplete: 'hold',
    unchanged: 'skip',
    missed: 'last',
  })
  const [said, setSaid] = createSignal<{ text: string; failed: boolean } | null>(null)
  const [busy, setBusy] = createSignal(false)
  let heading!: HTMLHeadingElement
  // who pressed “Send this regularly” is brought here as soon as it stands
  onMount(() => location.hash === '#new' && heading.focus())
  const chosen = createMemo(() => props.reports.find(({ id }) => id === report()))
  const offered = () => chosen()?.formats ?? []
  const { isLacking } = usePurposes()
  const mustSay = () => isLacking() && showsCases(props.reports, report())
  /** What was chosen beside the filters, for the report it was chosen for. */
  const options = () => (report() === wanted ? readOptions(search) : {})
  const viewWords = () => [filtersWords(filters(), meta()), ...optionsWords(options(), meta())].join(', ')
  const left = () => [...problems(), ...(report() === wanted ? leftOut(search) : [])]
  const shownName = () =>
    name().trim() ||
    `${reportName(props.reports, report())}, ${viewWords()}, ${periodNames[of()]}`.slice(0, 120)
  const asked = () => {
    const { service, department, district, channel, team, compare } = filters()
    const view = { service, department, district, channel, team, compare }
    return { report: report(), filters: view, options: options(), period: of() }
  }
  const definition = () => ({
    ...asked(),
    name: shownName(),
    formats: formats(),
    when: whenOf(times()),
    recipients: recipients().map((one) => recipientOf(one, chosen()?.audience ?? 'staff')),
    ...conditions(),
  })
  const lacks = () =>
    (chosen()?.needs ?? [])
      .filter((need) => filters()[need].length !== 1)
      .map(
        (need) =>
          `This report is about one ${need}: choose it on a page first, and press “Send this regularly” there.`,
      )
      .join(' ')
  const chooseReport = (id: string) => {
    setReport(id)
    const possible = props.reports.find((one) => one.id === id)?.formats ?? []
    const kept = formats().filter((format) => possible.includes(format))
    setFormats(kept.length > 0 ? kept : possible.slice(0, 1))
  }
  const make = async () => {
    setBusy(true)
    setSaid(null)
    try {
      const made = await send<ReportSchedule>('/api/v1/reports/schedules', {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(definition()),
      })
      setSaid({ text: `“${made.name}” is scheduled.`, failed: false })
      setName('')
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : 'The reason is not known.', failed: true })
    }
    setBusy(false)
    props.onMade()
  }
  return (
    <section class="section" aria-labelledby="new">
      <h2 id="new" ref={heading} tabindex="-1">
        Schedule a report
      </h2>
      <p class="prose">
        It tells of <strong>{viewWords()}</strong>: what was chosen on the page you came from. To change it,
        choose on <a href="/">any page</a> and press “Send this regularly” there.
      </p>
      <For each={left()}>{(what) => <p class="notice">{what}</p>}</For>
      <Show when={mustSay()}>
        <PurposeFirst what={`The report “${chosen()?.title}”`} />
      </Show>
      <form
        class="steps-form"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <fieldset class="choices">
          <legend>What</legend>
          <div class="filter-row">
            <label class="field">
              <span>Report</span>
              <select onChange={(event) => chooseReport(event.currentTarget.value)}>
                <For each={props.reports}>
                  {({ id, title }) => (
                    <option value={id} selected={report() === id}>
                      {title}
                    </option>
                  )}
                </For>
              </select>
            </label>
            <label class="field">
              <span>Tells of</span>
              <select onChange={(event) => setOf(event.currentTarget.value as Schedule['period'])}>
                <For each={Object.entries(periodNames)}>
                  {([id, words]) => (
                    <option value={id} selected={of() === id}>
                      {words}
                    </option>
                  )}
                </For>
              </select>
            </label>
            <label class="field">
              <span>Name (if you like)</span>
              <input
                value={name()}
                placeholder={shownName()}
                maxlength={120}
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </label>
          </div>
          <p class="muted">
            {chosen()?.means} Each one tells of {periodNames[of()]} at its time; a preview, of what is that
            now.
          </p>
          <Show when={!like.again}>
            <p class="notice">
              The page shows {formatPeriod(period())}, which does not come again: each report tells of{' '}
              {periodNames[of()]} instead.
            </p>
          </Show>
          <Show when={lacks()}>
            <p class="notice">{lacks()}</p>
          </Show>
          <fieldset class="ticks">
            <legend class="visually-hidden">Formats</legend>
            <For each={offered()}>
              {(format) => (
                <label class="tick">
                  <input
                    type="checkbox"
                    checked={formats().includes(format)}
                    onChange={(event) =>
                      setFormats(
                        event.currentTarget.checked
                          ? [...formats(), format]
                          : formats().filter((one) => one !== format),
                      )
                    }
                  />
                  {formatNames[format]}
                </label>
              )}
            </For>
          </fieldset>
        </fieldset>
        <Times draft={times()} onChange={setTimes} zone={props.zone} />
        <Recipients drafts={recipients()} delivery={props.delivery} onChange={setRecipients} />
        <Conditions chosen={conditions()} onChange={setConditions} />
        <Show when={formats().length === 0}>
          <p class="notice">Choose at least one format.</p>
        </Show>
        <div class="controls">
          <PreviewButton
            about="the new report"
            disabled={formats().length === 0 || lacks() !== '' || mustSay()}
            asked={() => ({
              ...asked(),
              format: formats()[0],
              scope: recipients()[0]?.scope,
            })}
          />
          <button
            type="submit"
            class="button is-main"
            disabled={busy() || formats().length === 0 || lacks() !== '' || mustSay()}
          >
            Schedule it
          </button>
        </div>
      </form>
      <p role="status" class="source-said" classList={{ 'notice is-error': said()?.failed ?? false }}>
        {busy() ? 'Working …' : said()?.text}
      </p>
    </section>
  )
}

type Chosen = Pick<Schedule, 'stale' | 'incomplete' | 'unchanged' | 'missed'>

/** What happens when the data is not as it should be. */
function Conditions(props: { chosen: Chosen; onChange: (chosen: Chosen) => void }) {
  const id = createUniqueId()
  const choose =
    <Key extends keyof Chosen>(key: Key) =>
    (event: { currentTarget: HTMLSelectElement }) =>
      props.onChange({ ...props.chosen, [key]: event.currentTarget.value })
  return (
    <details>
      <summary id={id}>When data is missing, or nothing changed</summary>
      <div class="filter-row">
        <label class="field">
          <span>Data is late</span>
          <select onChange={choose('stale')}>
            <option value="hold">Wait until it is there</option>
            <option value="mark">Send, and say so</option>
          </select>
        </label>
        <label class="field">
          <span>Data is incomplete</span>
          <select onChange={choose('incomplete')}>
            <option value="hold">Wait until it is whole</option>
            <option value="mark">Send, and say so</option>
          </select>
        </label>
        <label class="field">
          <span>Nothing changed since the last one</span>
          <select onChange={choose('unchanged')}>
            <option value="skip">Do not send</option>
            <option value="send">Send all the same</option>
          </select>
        </label>
        <label class="field">
          <span>Times at which no server ran</span>
          <select onChange={choose('missed')}>
            <option value="last">Make up for the last one</option>
            <option value="all">Make up for all</option>
            <option value="none">Leave them out</option>
          </select>
        </label>
      </div>
    </details>
  )
}
