import type { Published } from '../releases/published.ts'
import type { Column, FlatTable } from './columns.ts'
import { gaps, shorthand } from './marks.ts'
import { publisherName, tableNotes } from './notes.ts'

/** Cells that stand for no value. */
export const emptyCells = ['', ...gaps.map(shorthand)]

/** How programs read the CSV of a table: the metadata vocabulary of CSV on the Web. */
export function csvw(table: FlatTable, published: Published) {
  const { address, licence } = published.publication
  return {
    '@context': ['http://www.w3.org/ns/csvw', { '@language': 'en' }],
    url: `${table.id}.csv`,
    'dc:title': table.title,
    'dc:description': table.means,
    'dc:publisher': publisherName(published),
    'dc:license': { '@id': licence.url },
    'dc:issued': { '@value': published.release.published_at, '@type': 'xsd:dateTime' },
    notes: tableNotes(table, published).map((note) => ({ 'rdfs:comment': note })),
    dialect: {
      encoding: 'utf-8',
      lineTerminators: ['\r\n'],
      delimiter: ',',
      quoteChar: '"',
      doubleQuote: true,
      header: true,
    },
    tableSchema: {
      primaryKey: table.columns.filter(({ key }) => key).map(({ name }) => name),
      columns: table.columns.map((column) => ({
        name: column.name,
        titles: [column.name],
        'rdfs:label': column.title,
        'dc:description': column.means,
        ...(column.unit && { 'schema:unitText': column.unit }),
        datatype: datatype(column),
        null: emptyCells,
        required: !column.optional,
        propertyUrl: `${address}methods.html#${column.name}`,
      })),
    },
  }
}

const bases = { text: 'string', day: 'date', whole: 'integer', number: 'number' } as const

function datatype({ type, least, most }: Column) {
  return {
    base: bases[type],
    ...(type === 'day' && { format: 'yyyy-MM-dd' }),
    ...(least !== null && { minimum: least }),
    ...(most !== null && { maximum: most }),
  }
}
