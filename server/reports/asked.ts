import { reportFaults } from '../../sql/reportRules.ts'
import { reportOf } from './catalogue.ts'
import type { ReportContent, ReportDefinition, ReportRequest, ReportTable } from './content.ts'
import { ReportError } from './reportError.ts'

/** The report that is asked for. Throws a ReportError that says what does not fit and what would. */
export function checked({ report, format, options, filters }: ReportRequest): ReportDefinition {
  const [fault] = reportFaults({ report, formats: [format], options, filters })
  if (fault) throw new ReportError(`${fault.message.replace(/^./, (first) => first.toUpperCase())}.`)
  return reportOf(report)
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
