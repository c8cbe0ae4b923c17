import type { File, Published } from '../releases/published.ts'
import { type FlatTable, flatten } from './columns.ts'
import { csvw } from './csvw.ts'
import { dataPackage } from './dataPackage.ts'
import { embeds } from './embeds.ts'
import { revisionTable } from './revisionTable.ts'
import { tableCsv } from './tableCsv.ts'
import { tableJson } from './tableJson.ts'
import { tableXlsx } from './tableXlsx.ts'

/** Writes typed columns as Parquet: made by `parquetBy`, so that nothing else here holds the store. */
export type Parquet = (table: Pick<FlatTable, 'columns' | 'rows'>) => Promise<Uint8Array>

/** All files of a release that are data: every table in every format, what describes them, and what others may embed. */
export async function dataFiles(published: Published, parquet: Parquet): Promise<File[]> {
  const tables = [
    ...published.tables.map((table) => flatten(table, published)),
    revisionTable(published),
  ].map((table) => ({ table, csv: tableCsv(table) }))
  const files: File[] = []
  for (const { table, csv } of tables) {
    const path = `data/${table.id}`
    files.push(
      { path: `${path}.csv`, body: csv },
      { path: `${path}.csv-metadata.json`, body: json(csvw(table, published)) },
      { path: `${path}.json`, body: tableJson(table, published) },
      { path: `${path}.parquet`, body: await parquet(table) },
      { path: `${path}.xlsx`, body: await tableXlsx(table, published) },
    )
  }
  return [
    ...files,
    { path: 'data/datapackage.json', body: json(dataPackage(published, tables)) },
    ...embeds(published),
  ]
}

const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`
