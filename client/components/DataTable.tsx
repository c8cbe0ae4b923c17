import { createMemo, createSignal, createUniqueId, type JSX, Show } from 'solid-js'
import { type Head, Table } from './Table.tsx'

export type Column<Row> = {
  label: string
  /** Numbers stand on the right. */
  number?: boolean
  cell: (row: Row) => JSX.Element
  /** What to sort by; without it the column cannot be sorted. Null stands last, whichever way. */
  sort?: (row: Row) => number | string | null
}

type Order = { column: number; up: boolean }

/** A table whose heads sort it. */
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
  const heads = createMemo(() =>
    props.columns.map(
      (column, index): Head => ({
        get label() {
          return (
            <Show when={column.sort} fallback={column.label}>
              <button type="button" onClick={() => sortBy(index)}>
                {column.label}
                <svg viewBox="0 0 10 14" aria-hidden="true">
                  <path class="up" d="M5 0 9.5 6h-9z" />
                  <path class="down" d="M5 14 .5 8h9z" />
                </svg>
              </button>
            </Show>
          )
        },
        number: column.number ?? false,
        get order() {
          const by = order()
          return by?.column === index ? (by.up ? 'ascending' : 'descending') : undefined
        },
      }),
    ),
  )
  return (
    <Table
      id={id}
      caption={props.caption}
      heads={heads()}
      rows={sorted()}
      cell={(row, column) => props.columns[column]?.cell(row)}
      hideCaption={props.hideCaption ?? false}
    />
  )
}
