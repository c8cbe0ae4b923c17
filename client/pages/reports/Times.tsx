import { For, Show } from 'solid-js'
import type { When } from '../../../sql/reportSchedules.ts'
import { weekdays, whenWords } from './words.ts'

/** What was chosen about the times, as the fields hold it. */
export type TimesDraft = {
  kind: 'working_day' | 'month_day' | 'week' | 'day' | 'complete' | 'cron'
  at: string
  day: string
  weekday: string
  period: 'day' | 'week' | 'month' | 'quarter'
  cron: string
}
export const emptyTimes: TimesDraft = {
  kind: 'working_day',
  at: '07:00',
  day: '2',
  weekday: '1',
  period: 'month',
  cron: '0 7 * * 1',
}

/** The times as a schedule holds them. */
export function whenOf({ kind, at, day, weekday, period, cron }: TimesDraft): When {
  const [hour = '7', minute = '0'] = at.split(':')
  const time = `${Number(minute)} ${Number(hour)}`
  switch (kind) {
    case 'working_day':
      return { kind, day: Number(day) || 1, at, calendar: '' }
    case 'month_day':
      return { kind: 'cron', cron: `${time} ${Number(day) || 1} * *` }
    case 'week':
      return { kind: 'cron', cron: `${time} * * ${weekday}` }
    case 'day':
      return { kind: 'cron', cron: `${time} * * *` }
    case 'complete':
      return { kind, period }
    case 'cron':
      return { kind, cron }
  }
}

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
  const set =
    <Key extends keyof TimesDraft>(key: Key) =>
    (event: { currentTarget: { value: string } }) =>
      props.onChange({ ...props.draft, [key]: event.currentTarget.value })
  const has = (...wanted: TimesDraft['kind'][]) => wanted.includes(props.draft.kind)
  return (
    <>
      <div class="filter-row">
        <label class="field">
          <span>When</span>
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
            <span>{has('working_day') ? 'Which working day (-1: the last)' : 'Day of the month'}</span>
            <input
              type="number"
              min={has('working_day') ? -10 : 1}
              max={has('working_day') ? 20 : 31}
              value={props.draft.day}
              onInput={set('day')}
            />
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
            <span>Of the last</span>
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
      <p class="muted">
        It comes {whenWords(whenOf(props.draft))}, {props.zone} time.
      </p>
    </>
  )
}
