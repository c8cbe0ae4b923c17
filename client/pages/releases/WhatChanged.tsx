import { createSignal, For, Show } from 'solid-js'
import { ask, type Release, type Revisions } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'

type Said = Pick<Revisions['revisions'][number]['now'], 'value' | 'marks'>
const words = ({ value, marks }: Said) =>
  value === null ? `[${marks.join(', ')}]` : value.toLocaleString('en-GB', { maximumFractionDigits: 3 })

/** The figures that a later release tells otherwise than an earlier one. */
export function WhatChanged(props: { releases: Release[]; headers: () => Record<string, string> }) {
  const [before, setBefore] = createSignal(props.releases[1]?.id ?? '')
  const [now, setNow] = createSignal(props.releases[0]?.id ?? '')
  const [found, setFound] = createSignal<Revisions | null>(null)
  const [said, setSaid] = createSignal('')
  const compare = async () => {
    setFound(null)
    setSaid('')
    try {
      setFound(
        await ask<Revisions>(`/api/v1/releases/${before()}/compare/${now()}`, undefined, props.headers()),
      )
    } catch (error) {
      setSaid(error instanceof Error ? error.message : 'The reason is not known.')
    }
  }
  const choice = (label: string, value: () => string, set: (id: string) => void) => (
    <label class="field">
      <span>{label}</span>
      <select onChange={(event) => set(event.currentTarget.value)}>
        <For each={props.releases}>
          {({ id }) => (
            <option value={id} selected={value() === id}>
              {id}
            </option>
          )}
        </For>
      </select>
    </label>
  )
  return (
    <section class="section" aria-labelledby="changed">
      <h2 id="changed">What changed between two releases</h2>
      <div class="filter-row">
        {choice('Earlier', before, setBefore)}
        {choice('Later', now, setNow)}
      </div>
      <p class="controls">
        <button type="button" class="button" onClick={() => void compare()}>
          Compare
        </button>
      </p>
      <p role="status" class="source-said" classList={{ notice: said() !== '' }}>
        {said()}
      </p>
      <Show when={found()}>
        {(answer) => (
          <Show
            when={answer().revisions.length > 0}
            fallback={<p>No figure that stands in both was changed.</p>}
          >
            <DataTable
              caption={`Figures that ${answer().now} tells otherwise than ${answer().before}`}
              rows={answer().revisions}
              columns={[
                {
                  label: 'Table',
                  cell: ({ table }) => table.replaceAll('_', ' '),
                  sort: ({ table }) => table,
                },
                { label: 'Where', cell: ({ at }) => Object.values(at).join(', ') },
                {
                  label: 'Figure',
                  cell: ({ measure }) => measure.replaceAll('_', ' '),
                  sort: ({ measure }) => measure,
                },
                { label: 'Before', number: true, cell: ({ before }) => words(before) },
                { label: 'Now', number: true, cell: ({ now }) => words(now) },
              ]}
            />
          </Show>
        )}
      </Show>
    </section>
  )
}
