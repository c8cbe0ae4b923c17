import type { Published } from '../releases/published.ts'
import { bare, type FlatTable } from './columns.ts'
import { marks } from './marks.ts'
import { citation, publisherName, tableNotes } from './notes.ts'

/**
 * A table that explains itself: what it is, its columns, its measures, then its rows by the names of the columns, each on
 * a line.
 */
export function tableJson(table: FlatTable, published: Published): string {
  const { columns } = table
  const head = JSON.stringify(about(table, published), null, 1).slice(0, -2)
  const rows = table.rows.map((row) =>
    JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, bare(row[at] ?? null)]))),
  )
  return `${head},\n "rows": [\n${rows.join(',\n')}\n ]\n}\n`
}

function about(table: FlatTable, published: Published) {
  return {
    table: table.id,
    title: table.title,
    means: table.means,
    framework: table.framework,
    release: published.release,
    publisher: publisherName(published),
    licence: published.publication.licence,
    citation: citation(published),
    notes: tableNotes(table, published),
    marks,
    columns: table.columns,
    measures: table.measures,
  }
}
