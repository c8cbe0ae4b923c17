import { For, type JSX, Show } from 'solid-js'

export type Head = {
  label: JSX.Element
  /** Numbers stand on the right. */
  number?: boolean
  order?: 'ascending' | 'descending' | undefined
}

/** A real table as drawn: caption, scopes, and a region that scrolls sideways on its own. Needs no browser. */
export function Table<Row>(props: {
  /** Id of the caption: it names the region. */
  id: string
  caption: string
  heads: readonly Head[]
  rows: readonly Row[]
  cell: (row: Row, column: number) => JSX.Element
  hideCaption?: boolean
}) {
  return (
    <section
      class="scroll"
      classList={{ 'is-tall': props.rows.length > 20 }}
      tabindex="0"
      aria-labelledby={props.id}
    >
      <table>
        <caption id={props.id} classList={{ 'visually-hidden': props.hideCaption ?? false }}>
          {props.caption}
        </caption>
        <thead>
          <tr>
            <For each={props.heads}>
              {(head) => (
                <th scope="col" classList={{ num: head.number ?? false }} aria-sort={head.order}>
                  {head.label}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr>
                <For each={props.heads}>
                  {(head, index) => (
                    <Show
                      when={index() === 0}
                      fallback={<td classList={{ num: head.number ?? false }}>{props.cell(row, index())}</td>}
                    >
                      <th scope="row">{props.cell(row, 0)}</th>
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
