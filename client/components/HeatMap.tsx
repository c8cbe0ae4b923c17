import { createMemo, createSignal, createUniqueId, For, onMount } from 'solid-js'
import { formatCount, formatShare } from '../../server/words/format.ts'
import './heatMap.css'

export type HeatCell = { weekday: number; hour: number; count: number }

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const allHours = Array.from({ length: 24 }, (_, hour) => hour)
const clock = (hour: number) => `${String(hour % 24).padStart(2, '0')}:00`
const hourWords = (hour: number) => `${clock(hour)} to ${clock(hour + 1)}`

/**
 * Counts by weekday and hour as a table: the stronger the colour, the more. The number of a cell is read out, and written below the table for
 * the cell under the pointer or in focus; arrow keys go from cell to cell.
 */
export function HeatMap(props: {
  caption: string
  cells: readonly HeatCell[]
  said: (count: string) => string
}) {
  const counts = createMemo(() => {
    const found = new Map(props.cells.map(({ weekday, hour, count }) => [weekday * 24 + hour, count]))
    return (weekday: number, hour: number) => found.get(weekday * 24 + hour) ?? 0
  })
  const most = createMemo(() => Math.max(1, ...props.cells.map(({ count }) => count)))
  const step = (count: number) => Math.ceil((5 * count) / most())
  const busiest = createMemo(() =>
    props.cells.reduce((best, cell) => (cell.count > best.count ? cell : best), {
      weekday: 1,
      hour: 9,
      count: 0,
    }),
  )
  const [chosen, setChosen] = createSignal<{ weekday: number; hour: number } | null>(null)
  const current = () => chosen() ?? busiest()
  const isCurrent = (weekday: number, hour: number) =>
    current().weekday === weekday && current().hour === hour
  const title = createUniqueId()
  let table!: HTMLTableElement
  let box!: HTMLDivElement
  // On a narrow screen the hours in which something happens come first.
  onMount(() => {
    const first = Math.min(23, ...props.cells.filter(({ count }) => step(count) > 1).map(({ hour }) => hour))
    const head = table.tHead?.rows[0]?.cells
    box.scrollLeft = (head?.[first + 1]?.offsetLeft ?? 0) - (head?.[1]?.offsetLeft ?? 0)
  })
  const move = (event: KeyboardEvent) => {
    const { weekday, hour } = current()
    const next = {
      ArrowLeft: { weekday, hour: Math.max(0, hour - 1) },
      ArrowRight: { weekday, hour: Math.min(23, hour + 1) },
      ArrowUp: { weekday: Math.max(1, weekday - 1), hour },
      ArrowDown: { weekday: Math.min(7, weekday + 1), hour },
      Home: { weekday, hour: 0 },
      End: { weekday, hour: 23 },
    }[event.key]
    if (!next) return
    event.preventDefault()
    setChosen(next)
    table.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  }
  return (
    <div class="heat">
      <p class="heat-title" id={title}>
        {props.caption}
      </p>
      <div class="scroll" ref={box}>
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table one can walk through */}
        <table ref={table} role="grid" aria-labelledby={title} aria-readonly="true" onKeyDown={move}>
          <thead>
            <tr>
              <td />
              <For each={allHours}>
                {(hour) => (
                  <th scope="col">
                    <span class="visually-hidden">{hourWords(hour)}</span>
                    <span aria-hidden="true">{hour % 3 === 0 ? hour : ''}</span>
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={weekdays}>
              {(name, index) => (
                <tr>
                  <th scope="row">
                    <abbr title={name}>{name.slice(0, 3)}</abbr>
                  </th>
                  <For each={allHours}>
                    {(hour) => {
                      const weekday = index() + 1
                      const count = () => counts()(weekday, hour)
                      return (
                        <td
                          class={`step-${step(count())}`}
                          tabindex={isCurrent(weekday, hour) ? 0 : -1}
                          onFocus={() => setChosen({ weekday, hour })}
                          onPointerEnter={() => setChosen({ weekday, hour })}
                        >
                          <span class="visually-hidden">{formatCount(count())}</span>
                        </td>
                      )
                    }}
                  </For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <p class="heat-said" aria-hidden="true">
        {weekdays[current().weekday - 1]}, {hourWords(current().hour)}:{' '}
        <strong>{props.said(formatCount(counts()(current().weekday, current().hour)))}</strong>
      </p>
    </div>
  )
}

/** What there is to see, in a sentence: when most of it happens, and how much of it at weekends. */
export function heatWords(cells: readonly HeatCell[], what: string): string {
  const all = total(cells)
  if (all === 0) return `No cases ${what} in this period.`
  const ofDay = weekdays.map((name, index) => ({
    name,
    count: total(cells.filter(({ weekday }) => weekday === index + 1)),
  }))
  const ofHour = allHours.map((hour) => ({ hour, count: total(cells.filter((cell) => cell.hour === hour)) }))
  const day = ofDay.reduce((best, one) => (one.count > best.count ? one : best))
  const hour = ofHour.reduce((best, one) => (one.count > best.count ? one : best))
  const weekend = total(cells.filter(({ weekday }) => weekday > 5)) / all
  return `Cases ${what} most often on ${day.name}s (${formatShare(day.count / all)}) and between ${hourWords(hour.hour).replace('to', 'and')} (${formatShare(hour.count / all)}); ${
    weekend === 0 ? 'none' : formatShare(weekend)
  } at weekends.`
}

const total = (cells: readonly HeatCell[]) => cells.reduce((sum, { count }) => sum + count, 0)
