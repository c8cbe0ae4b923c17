import { For, Show } from 'solid-js'
import type { Figure, Measure, Published } from '../../server/releases/published.ts'
import { formatValue } from '../../server/words/format.ts'
import { figureWords } from './words.ts'

type District = Published['districts'][number]
type Placed = { district: District; d: string; middle: [number, number]; figure: Figure | undefined }

/** Above so many districts names no longer fit on a phone: then the table alone names them. */
const named = 12
const width = 480

/** The districts, darker where the figure is larger; hidden ones are left without a colour. The table says the same. */
export function DistrictMap(props: {
  districts: readonly District[]
  measure: Measure
  figure: (district: string) => Figure | undefined
  name: string
}) {
  const placed = () => place(props.districts, props.figure)
  const steps = () => stepsOf(placed().map(({ figure }) => figure?.value ?? null))
  const step = (value: number) =>
    Math.max(
      0,
      steps().findLastIndex((from) => value >= from),
    )
  const height = () => Math.max(...placed().map(({ d }) => bottom(d)), 1)
  return (
    <Show when={placed().length > 0}>
      <div>
        <svg
          class="map"
          viewBox={`-2 -2 ${width + 4} ${Math.ceil(height()) + 4}`}
          role="img"
          aria-label={`${props.name}. The table below says the same.`}
        >
          <For each={placed()}>
            {({ d, figure }) => (
              <path d={d} class={figure?.value == null ? 'is-missing' : `step-${step(figure.value) + 1}`} />
            )}
          </For>
          <Show when={placed().length <= named}>
            <For each={placed()}>
              {({ district, middle, figure }) => (
                <text x={middle[0]} y={middle[1]}>
                  {district.name}
                  <tspan x={middle[0]} dy="1.3em">
                    {figureWords(figure, props.measure)}
                  </tspan>
                </text>
              )}
            </For>
          </Show>
        </svg>
        <ul class="key">
          <For each={steps()}>
            {(from, index) => (
              <li>
                <svg viewBox="0 0 28 12" aria-hidden="true" class={`step-${index() + 1}`}>
                  <path d="M0 0h28v12H0z" />
                </svg>
                {`${formatValue(from, props.measure.unit)} and more`}
              </li>
            )}
          </For>
          <Show when={placed().some(({ figure }) => figure?.value == null)}>
            <li>
              <svg viewBox="0 0 28 12" aria-hidden="true" class="is-missing">
                <path d="M1 1h26v10H1z" />
              </svg>
              no number
            </li>
          </Show>
        </ul>
      </div>
    </Show>
  )
}

/** Outlines made to fit the width. They are given with y upwards and drawn with y downwards. */
function place(districts: readonly District[], figure: (district: string) => Figure | undefined): Placed[] {
  const drawn = districts.flatMap((district) => (district.shape ? [{ district, shape: district.shape }] : []))
  const points = drawn.flatMap(({ shape }) => shape.flat())
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y)]
  const [left, top] = [Math.min(...xs), Math.max(...ys)]
  const scale = width / Math.max(Math.max(...xs) - left, (top - Math.min(...ys)) * 1.2, 1e-9)
  const fit = ([x = 0, y = 0]: number[]): [number, number] => [
    tenth((x - left) * scale),
    tenth((top - y) * scale),
  ]
  return drawn.map(({ district, shape }) => {
    const rings = shape.map((ring) => ring.map(fit))
    const d = rings.map((ring) => `M${ring.map((point) => point.join(' ')).join('L')}Z`).join('')
    return { district, d, middle: middleOf(rings[0] ?? []), figure: figure(district.id) }
  })
}

const tenth = (value: number) => Math.round(value * 10) / 10
const bottom = (d: string) => Math.max(...[...d.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y)))

/** The middle of the area of a ring; of a line, of its points. */
function middleOf(ring: readonly [number, number][]): [number, number] {
  let [area, x, y] = [0, 0, 0]
  for (const [index, [x1, y1]] of ring.entries()) {
    const [x2, y2] = ring[(index + 1) % ring.length] ?? [x1, y1]
    const cross = x1 * y2 - x2 * y1
    area += cross
    x += (x1 + x2) * cross
    y += (y1 + y2) * cross
  }
  const [first = [0, 0]] = ring
  return area === 0 ? [first[0], first[1]] : [tenth(x / (3 * area)), tenth(y / (3 * area))]
}

/** Up to five steps of equal size between the smallest and the largest figure. */
function stepsOf(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return []
  const [low, high] = [Math.min(...known), Math.max(...known)]
  if (low === high) return [low]
  return Array.from({ length: 5 }, (_, index) => low + ((high - low) * index) / 5)
}
