import { For, Show } from 'solid-js'

export type KeyEntry = { label: string; kind: 'line' | 'dashed' | 'dotted' | 'band' | 'hollow' | 'signal' }

/** What the lines and marks of a chart mean. */
export function Key(props: { entries: KeyEntry[] }) {
  return (
    <ul class="key">
      <For each={props.entries}>
        {(entry) => (
          <li>
            <svg viewBox="0 0 28 12" aria-hidden="true">
              <Show when={entry.kind === 'line' || entry.kind === 'hollow'}>
                <path
                  d="M0 6h28"
                  stroke="var(--c1)"
                  stroke-width="3"
                  stroke-dasharray={entry.kind === 'hollow' ? '4 3' : undefined}
                />
                <circle
                  cx="14"
                  cy="6"
                  r="4"
                  stroke="var(--c1)"
                  stroke-width="2"
                  fill={entry.kind === 'hollow' ? 'var(--surface)' : 'var(--c1)'}
                />
              </Show>
              <Show when={entry.kind === 'dashed'}>
                <path d="M0 6h28" stroke="var(--c2)" stroke-width="3" stroke-dasharray="8 4" />
                <path d="M10 2h8v8h-8z" fill="var(--c2)" />
              </Show>
              <Show when={entry.kind === 'dotted'}>
                <path d="M0 6h28" stroke="var(--text)" stroke-width="2" stroke-dasharray="6 4" />
              </Show>
              <Show when={entry.kind === 'band'}>
                <path d="M0 0h28v12H0z" fill="var(--c1)" fill-opacity=".16" />
              </Show>
              <Show when={entry.kind === 'signal'}>
                <path d="M14 0 20 6 14 12 8 6z" fill="var(--off)" />
              </Show>
            </svg>
            {entry.label}
          </li>
        )}
      </For>
    </ul>
  )
}
