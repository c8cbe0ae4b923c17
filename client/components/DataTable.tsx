import { createMemo, createSignal, createUniqueId, For, type JSX, Show } from 'solid-js'

export type Column<Row> = {
  label: string
  /** Numbers stand on the right. */
  number?: boolean
  cell: (row: Row) => JSX.Element
  /** What to sort by; without it the column cannot be sorted. Null stands last, whichever way. */
  sort?: (row: Row) => number | string | null
}

type Order = { column: number; up: boolean }

/** A real table: caption, scopes, sortable heads, and a region that scrolls sideways on its own. */
export function DataTable<Row>(props: {
  caption: string
  columns: Column<Row>[]
  rows: readonly Row[]
  hideCaption?: boolean
}) {
  const id = createUniqueId()
  const [order, setOrder] = createSignal<Order | null>(null)
  const sorted = createMemo(() => {
    const by = order()
    const value = by && props.columns[by.column]?.sort
    if (!by || !value) return props.rows
    const sign = by.up ? 1 : -1
    return [...props.rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)]
      if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
      return sign * (typeof x === 'string' || typeof y === 'string' ? `${x}`.localeCompare(`${y}`) : x - y)
    })
  })
  const sortBy = (column: number) =>
    setOrder((now) => ({
      column,
      up: now?.column === column ? !now.up : !props.columns[column]?.number,
    }))
  return (
    <section
      class="scroll"
      classList={{ 'is-tall': props.rows.length > 20 }}
      tabindex="0"
      aria-labelledby={id}
    >
      <table>
        <caption id={id} classList={{ 'visually-hidden': props.hideCaption ?? false }}>
          {props.caption}
        </caption>
        <thead>
          <tr>
            <For each={props.columns}>
              {(column, index) => (
                <th
                  scope="col"
                  classList={{ num: column.number ?? false }}
                  aria-sort={
                    order()?.column === index() ? (order()?.up ? 'ascending' : 'descending') : undefined
                  }
                >
                  <Show when={column.sort} fallback={column.label}>
                    <button type="button" onClick={() => sortBy(index())}>
                      {column.label}
                      <svg viewBox="0 0 10 14" aria-hidden="true">
                        <path class="up" d="M5 0 9.5 6h-9z" />
                        <path class="down" d="M5 14 .5 8h9z" />
                      </svg>
                    </button>
                  </Show>
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={sorted()}>
            {(row) => (
              <tr>
                <For each={props.columns}>
                  {(column, index) => (
                    <Show
                      when={index() === 0}
                      fallback={<td classList={{ num: column.number ?? false }}>{column.cell(row)}</td>}
                    >
                      <th scope="row">{column.cell(row)}</th>
                    </Show>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
