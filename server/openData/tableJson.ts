import type { Published } from '../releases/published.ts'
import { bare, type FlatTable } from './columns.ts'
import { marks } from './marks.ts'
import { citation, notes, publisherName } from './notes.ts'

/** A table that explains itself: what it is, its columns, its measures, then its rows by the names of the columns. */
export function tableJson(table: FlatTable, published: Published) {
  const { columns } = table
  return {
    table: table.id,
    title: table.title,
    means: table.means,
    framework: table.framework,
    release: published.release,
    publisher: publisherName(published),
    licence: published.publication.licence,
    citation: citation(published),
    notes: notes(published),
    marks,
    columns,
    measures: table.measures,
    rows: table.rows.map((row) =>
      Object.fromEntries(columns.map(({ name }, index) => [name, bare(row[index] ?? null)])),
    ),
  }
}
