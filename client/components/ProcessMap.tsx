import { createEffect, createUniqueId, For, Show } from 'solid-js'
import { isMove, movesOf, type PlacedMap } from '../../server/charts/processMap.ts'
import { formatCount, formatHours, formatHoursShort } from '../../server/words/format.ts'

/** How cases flow: boxes are activities, lines the ways between them. Each box leads to its stage. */
export function ProcessMap(props: {
  map: PlacedMap
  label: string
  href: (activity: string) => string
  /** A way through the map that is marked. */
  marked?: readonly string[] | undefined
}) {
  const map = () => props.map
  const moves = () => movesOf(props.marked ?? [])
  const arrow = createUniqueId()
  let box!: HTMLElement
  // A map wider than its place begins where the cases begin, also when more or fewer ways are drawn.
  createEffect(() => {
    const first = map().nodes[0]
    if (first) box.scrollLeft = first.x + first.width / 2 - box.clientWidth / 2
  })
  return (
    <>
      <ul class="key" aria-hidden="true">
        <li>
          shorter wait
          <svg class="ramp" viewBox="0 0 100 12" aria-hidden="true">
            <For each={[1, 2, 3, 4, 5]}>
              {(step) => <rect x={(step - 1) * 20} width="20" height="12" fill={`var(--seq-${step})`} />}
            </For>
          </svg>
          longer wait
        </li>
        <li>
          <svg viewBox="0 0 28 12" aria-hidden="true">
            <path d="M0 6 28 1v10z" fill="var(--seq-3)" />
          </svg>
          more often
        </li>
        <Show when={props.marked}>
          <li>
            <svg viewBox="0 0 28 12" aria-hidden="true">
              <path d="M0 6h28" stroke="var(--text)" stroke-width="8" />
              <path d="M0 6h28" stroke="var(--seq-3)" stroke-width="3" />
            </svg>
            happy path
          </li>
        </Show>
      </ul>
      <section class="map-scroll" ref={box} aria-label={props.label}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a drawing */}
        <svg
          width={map().width}
          height={map().height}
          viewBox={`0 0 ${map().width} ${map().height}`}
          role="group"
          aria-label={props.label}
        >
          <defs>
            <For each={[1, 2, 3, 4, 5]}>
              {(step) => (
                <marker
                  id={`${arrow}-${step}`}
                  viewBox="0 0 10 10"
                  refX="9"
                  refY="5"
                  markerWidth="16"
                  markerHeight="16"
                  markerUnits="userSpaceOnUse"
                  orient="auto"
                >
                  <path d="M0 0 10 5 0 10z" fill={`var(--seq-${step})`} />
                </marker>
              )}
            </For>
          </defs>
          {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: lines and labels cannot take the focus */}
          <g aria-hidden="true">
            <For each={map().edges.filter((edge) => isMove(moves(), edge))}>
              {(edge) => (
                <path d={edge.path} fill="none" stroke="var(--text)" stroke-width={edge.width + 6} />
              )}
            </For>
            <For each={map().edges}>
              {(edge) => (
                <path
                  d={edge.path}
                  fill="none"
                  stroke={`var(--seq-${edge.step})`}
                  stroke-width={edge.width}
                  marker-end={`url(#${arrow}-${edge.step})`}
                />
              )}
            </For>
          </g>
          <For each={map().nodes}>
            {(node) => (
              <g
                class="map-node"
                classList={{
                  'is-marked': props.marked?.includes(node.activity) ?? false,
                  'is-absent': node.cases === 0,
                }}
              >
                <a
                  href={props.href(node.activity)}
                  aria-label={`${node.activity}: ${formatCount(node.cases)} cases${
                    node.wait_before.median_s === null
                      ? ''
                      : `, typically ${formatHours(node.wait_before.median_s / 3600)} before it`
                  }`}
                >
                  <rect class="box" x={node.x} y={node.y} width={node.width} height={node.height} rx="6" />
                  <For each={node.lines}>
                    {(line, index) => (
                      <text
                        x={node.x + 10}
                        y={node.y + (node.lines.length === 1 ? 28 : 20) + index() * 17}
                        font-weight="600"
                      >
                        {line}
                      </text>
                    )}
                  </For>
                  <text
                    class="sub"
                    x={node.x + 10}
                    y={node.y + (node.lines.length === 1 ? 48 : 55)}
                    font-size="13"
                  >
                    {node.cases === 0 ? 'no cases' : `${formatCount(node.cases)} cases`}
                  </text>
                </a>
              </g>
            )}
          </For>
          {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: lines and labels cannot take the focus */}
          <g aria-hidden="true">
            <For each={map().edges}>
              {(edge) => (
                <text class="map-label" x={edge.label.x} y={edge.label.y} text-anchor="middle" dy="4">
                  {formatHoursShort(edge.median_s / 3600)}
                </text>
              )}
            </For>
          </g>
        </svg>
      </section>
    </>
  )
}
