import { For, Show } from 'solid-js'
import { type TimesDraft, whenOf } from './times.ts'
import { dayWords, weekdays, whenWords } from './words.ts'

/** Days that each month has; a negative one counts from its end. */
const days = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const monthDays = [...days(28), -1]
const workingDays = [...days(15), -1, -2, -3]

const kinds: Record<TimesDraft['kind'], string> = {
  complete: 'As soon as the data is complete',
  working_day: 'On a working day of each month',
  month_day: 'On a day of each month',
  week: 'Every week',
  day: 'Every day',
  cron: 'By cron',
}

/** When a report is due. */
export function Times(props: { draft: TimesDraft; onChange: (draft: TimesDraft) => void; zone: string }) {
  /** Not every month has three last days: of those only the last can be chosen. */
  const change = (next: TimesDraft) =>
    props.onChange(
      next.kind === 'month_day' && !monthDays.includes(Number(next.day)) ? { ...next, day: '1' } : next,
    )
  const set =
    <Key extends keyof TimesDraft>(key: Key) =>
    (event: { currentTarget: { value: string } }) =>
      change({ ...props.draft, [key]: event.currentTarget.value })
  const has = (...wanted: TimesDraft['kind'][]) => wanted.includes(props.draft.kind)
  return (
    <fieldset class="choices">
      <legend>When</legend>
      <div class="filter-row">
        <label class="field">
          <span>It comes</span>
          <select onChange={set('kind')}>
            <For each={Object.entries(kinds)}>
              {([kind, words]) => (
                <option value={kind} selected={props.draft.kind === kind}>
                  {words}
                </option>
              )}
            </For>
          </select>
        </label>
        <Show when={has('working_day', 'month_day')}>
          <label class="field">
            <span>{has('working_day') ? 'Which working day' : 'Which day'}</span>
            <select onChange={set('day')}>
              <For each={has('working_day') ? workingDays : monthDays}>
                {(day) => (
                  <option value={day} selected={props.draft.day === String(day)}>
                    {dayWords(day)}
                  </option>
                )}
              </For>
            </select>
          </label>
        </Show>
        <Show when={has('week')}>
          <label class="field">
            <span>Weekday</span>
            <select onChange={set('weekday')}>
              <For each={[1, 2, 3, 4, 5, 6, 0]}>
                {(day) => (
                  <option value={day} selected={props.draft.weekday === String(day)}>
                    {weekdays[day]}
                  </option>
                )}
              </For>
            </select>
          </label>
        </Show>
        <Show when={has('working_day', 'month_day', 'week', 'day')}>
          <label class="field">
            <span>At</span>
            <input type="time" required value={props.draft.at} onInput={set('at')} />
          </label>
        </Show>
        <Show when={has('complete')}>
          <label class="field">
            <span>Of the last whole</span>
            <select onChange={set('period')}>
              <For each={['day', 'week', 'month', 'quarter']}>
                {(period) => (
                  <option value={period} selected={props.draft.period === period}>
                    {period}
                  </option>
                )}
              </For>
            </select>
          </label>
        </Show>
        <Show when={has('cron')}>
          <label class="field">
            <span>Minute, hour, day, month, weekday</span>
            <input required spellcheck={false} value={props.draft.cron} onInput={set('cron')} />
          </label>
        </Show>
      </div>
      <p class="muted" aria-live="polite">
        It comes {whenWords(whenOf(props.draft))}
        {has('complete') ? '.' : `, ${props.zone} time.`}
      </p>
    </fieldset>
  )
}
