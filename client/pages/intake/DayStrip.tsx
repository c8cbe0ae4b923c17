import { createUniqueId, For } from 'solid-js'
import { formatBucket, formatCount, formatDay } from '../../../server/words/format.ts'
import type { FeedDay } from '../../api.ts'
import { dayStates, daysWords } from './words.ts'

const [step, wide, height] = [10, 8, 40]

/** Rows per day as bars: solid what has come, an open frame what is still to come, hatched where there is a gap. */
export function DayStrip(props: { days: readonly FeedDay[] }) {
  const hatch = createUniqueId()
  const most = () =>
    Math.max(1, ...props.days.map(({ rows, expected }) => Math.max(rows, expected ? middle(expected) : 0)))
  const tall = (rows: number) => (rows <= 0 ? 0 : Math.max(1.5, (rows / most()) * height))
  const awaited = ({ rows, expected, state }: FeedDay) =>
    state === 'filling' && expected ? Math.max(rows, middle(expected)) : 0
  return (
    <div class="strip">
      <svg
        viewBox={`0 0 ${props.days.length * step} ${height + 2}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={daysWords(props.days)}
      >
        <defs>
          <pattern
            id={hatch}
            width="4"
            height="4"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect class="hatch" width="1.6" height="4" />
          </pattern>
        </defs>
        <For each={props.days}>
          {(day, index) => (
            <g class={`day ${day.state}`} transform={`translate(${index() * step + 1} 0)`}>
              <title>{`${formatDay(day.day)}: ${formatCount(day.rows)} rows, ${dayStates[day.state]}`}</title>
              {day.state === 'gap' && (
                <rect class="missing" width={wide} height={height} fill={`url(#${hatch})`} />
              )}
              <rect
                class="awaited"
                width={wide}
                y={height - tall(awaited(day))}
                height={tall(awaited(day))}
              />
              <rect class="came" width={wide} y={height - tall(day.rows)} height={tall(day.rows)} />
              <rect class="floor" width={wide} y={height} height="2" />
            </g>
          )}
        </For>
      </svg>
      <p class="strip-ends" aria-hidden="true">
        <span>{props.days[0] && formatBucket(props.days[0].day, 'day')}</span>
        <span>{formatBucket(props.days.at(-1)?.day ?? '', 'day')}</span>
      </p>
    </div>
  )
}

const middle = ([low, high]: readonly [number, number]) => (low + high) / 2

/** What the bars of all strips mean. */
export const StripKey = () => (
  <ul class="key strip-key" aria-hidden="true">
    <For each={['complete', 'filling', 'gap', 'closed'] as const}>
      {(state) => (
        <li>
          <span class={`swatch ${state}`} />
          {dayStates[state]}
        </li>
      )}
    </For>
  </ul>
)
