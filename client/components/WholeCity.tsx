import { createEffect, createSignal, on, Show } from 'solid-js'
import type { City, KpiDefinition, KpiFigure, Me } from '../api.ts'
import { useAnswer } from '../api.ts'
import { useFilters } from '../filters.ts'
import { DataTable } from './DataTable.tsx'
import { Loaded } from './States.tsx'
import { StatText } from './StatText.tsx'

/**
 * For those who see only a part: the key figures beside those of all departments. Asked for by hand, since every comparison counts: what two
 * of them would tell of a few others is refused.
 */
export function WholeCity(props: { figures: KpiFigure[]; kpis: readonly KpiDefinition[] }) {
  const me = useAnswer<Me>(() => '/api/v1/me')
  return (
    <Show when={me.data()?.rows.every((part) => Object.values(part).some((ids) => ids.length > 0))}>
      <Comparison figures={props.figures} kpis={props.kpis} />
    </Show>
  )
}

function Comparison(props: { figures: KpiFigure[]; kpis: readonly KpiDefinition[] }) {
  const { api } = useFilters()
  const address = () => api('/kpis/city')
  const [isAsked, setAsked] = createSignal(false)
  createEffect(on(address, () => setAsked(false), { defer: true }))
  const city = useAnswer<City>(() => (isAsked() ? address() : null))
  const label = (id: string) => props.kpis.find((kpi) => kpi.id === id)?.label ?? id
  return (
    <section class="section" aria-labelledby="whole-city">
      <h2 id="whole-city">Beside all departments</h2>
      <Show
        when={isAsked()}
        fallback={
          <p>
            <button type="button" class="button" onClick={() => setAsked(true)}>
              Compare with all departments
            </button>{' '}
            <span class="muted">You see your part. What would tell of a few others stays hidden.</span>
          </p>
        }
      >
        <Loaded answer={city} what="The figures of all departments" height={240}>
          {(data) => (
            <DataTable
              caption="Your part beside all departments, with the same filters"
              rows={props.figures}
              columns={[
                { label: 'Figure', cell: ({ id }) => label(id) },
                { label: 'Your part', number: true, cell: ({ stat }) => <StatText stat={stat} /> },
                {
                  label: 'All departments',
                  number: true,
                  cell: ({ id }) => <StatText stat={data().kpis.find((each) => each.id === id)?.stat} />,
                },
              ]}
            />
          )}
        </Loaded>
      </Show>
    </section>
  )
}
