import type { CellValue, WriteSheet } from 'hucre/xlsx'

/** A sheet whose head is bold and stays in view. */
export function titledSheet(
  name: string,
  head: string[],
  rows: CellValue[][],
  columns: NonNullable<WriteSheet['columns']>,
): WriteSheet {
  const bold = head.map((value, index) => [`0,${index}`, { value, style: { font: { bold: true } } }] as const)
  return { name, rows: [head, ...rows], columns, cells: new Map(bold), freezePane: { rows: 1 } }
}
