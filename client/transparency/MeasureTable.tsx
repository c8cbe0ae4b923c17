import { Show } from 'solid-js'
import type { Figure, Measure } from '../../server/releases/published.ts'
import { Table } from '../components/Table.tsx'
import { FigureText, MarkNotes, MeasureLink } from './FigureText.tsx'

/** Measures down, periods or places across; each measure leads to its definition. */
export function MeasureTable(props: {
  id: string
  caption: string
  first: string
  measures: readonly Measure[]
  columns: readonly { id: string; label: string }[]
  figure: (measure: Measure, column: string) => Figure | undefined
  root: string
}) {
  const figures = () =>
    props.measures.flatMap((measure) => props.columns.map(({ id }) => props.figure(measure, id)))
  return (
    <>
      <Table
        id={props.id}
        caption={props.caption}
        heads={[{ label: props.first }, ...props.columns.map(({ label }) => ({ label, number: true }))]}
        rows={props.measures}
        cell={(measure, column) => (
          <Show
            when={column > 0 && props.columns[column - 1]}
            fallback={<MeasureLink measure={measure} root={props.root} />}
          >
            {(at) => <FigureText figure={props.figure(measure, at().id)} measure={measure} />}
          </Show>
        )}
      />
      <MarkNotes figures={figures()} root={props.root} />
    </>
  )
}

/** Places down (services, districts, channels), measures across; each head leads to its definition. */
export function PlaceTable(props: {
  id: string
  /** Names the table for those who hear it; for the eye the heading above says the same. */
  caption: string
  first: string
  places: readonly { id: string; label: string; href?: string }[]
  measures: readonly Measure[]
  figure: (place: string, measure: Measure) => Figure | undefined
  root: string
}) {
  const figures = () =>
    props.places.flatMap(({ id }) => props.measures.map((measure) => props.figure(id, measure)))
  return (
    <>
      <Table
        id={props.id}
        caption={props.caption}
        hideCaption={true}
        heads={[
          { label: props.first },
          ...props.measures.map((measure) => ({
            get label() {
              return <MeasureLink measure={measure} root={props.root} />
            },
            number: true,
          })),
        ]}
        rows={props.places}
        cell={(place, column) => (
          <Show
            when={column > 0 && props.measures[column - 1]}
            fallback={
              <Show when={place.href} fallback={place.label}>
                {(href) => <a href={href()}>{place.label}</a>}
              </Show>
            }
          >
            {(measure) => <FigureText figure={props.figure(place.id, measure())} measure={measure()} />}
          </Show>
        )}
      />
      <MarkNotes figures={figures()} root={props.root} />
    </>
  )
}
