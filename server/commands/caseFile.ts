import { readFile } from 'node:fs/promises'
import { splitRecord } from '../../pipelines/scan.ts'
import { StartError } from '../env.ts'

/** Reads a cell of a row; undefined when the column is not there or the cell is empty. */
type Row = (column: string) => string | undefined

/** The rows of a CSV file of cases. Throws a StartError that names the column it lacks, or the line in which one of them is empty. */
export async function readCaseFile(file: string, columns: readonly string[]): Promise<Row[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new StartError(`The file ${file} does not exist or may not be read.`)
  })
  const [header = [], ...rows] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => splitRecord(line, ','))
  const at = (name: string) => header.findIndex((column) => column.trim().toLowerCase() === name)
  for (const name of columns)
    if (at(name) < 0)
      throw new StartError(
        `${file} has no column ${name}; its first line is: ${header.join(', ') || 'empty'}.`,
      )
  if (rows.length === 0) throw new StartError(`${file} has a header but no cases.`)
  return rows.map((row, index) => {
    const cell = (column: string) => row[at(column)]?.trim() || undefined
    if (columns.some((column) => cell(column) === undefined))
      throw new StartError(`${file}, line ${index + 2}: ${columns.join(' or ')} is empty.`)
    return cell
  })
}
