import { reportOf } from './catalogue.ts'
import type { ReportContent, ReportDefinition, ReportRequest, ReportTable } from './content.ts'
import { ReportError } from './reportError.ts'

/** The report that is asked for. Throws a ReportError that says what does not fit and what would. */
export function checked({ report: id, format, options, filters }: ReportRequest): ReportDefinition {
  const report = reportOf(id)
  if (!report.formats.includes(format))
    throw new ReportError(`The report ${id} is not made as ${format}: choose ${report.formats.join(', ')}.`)
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !report.options.some((known) => known === option))
      throw new ReportError(
        `The report ${id} has no option ${option}${report.options.length > 0 ? `; it takes ${report.options.join(', ')}` : ''}.`,
      )
  for (const need of report.needs)
    if (filters[need].length !== 1)
      throw new ReportError(
        `The report ${id} is about one ${need}: choose exactly one with the filter ${need}.`,
      )
  return report
}

/** The table that a format with one table holds. */
export function tableOf(
  { tables }: ReportContent,
  { report, options: { table: wanted } }: ReportRequest,
): ReportTable {
  const found = wanted === undefined ? tables[0] : tables.find(({ id }) => id === wanted)
  if (found) return found
  throw new ReportError(
    `The report ${report} has no table "${String(wanted).slice(0, 60)}". It holds ${tables.map(({ id }) => id).join(', ')}.`,
  )
}
