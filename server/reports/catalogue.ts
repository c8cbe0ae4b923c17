import { caseList } from './caseList.ts'
import type { ReportDefinition } from './content.ts'
import { departmentBrief } from './departmentBrief.ts'
import { rawTables } from './rawTables.ts'
import { releaseReport } from './releaseReport.ts'
import { ReportError } from './reportError.ts'
import { serviceReport } from './serviceReport.ts'
import { waitingList } from './waitingList.ts'

/** Every report there is. */
export const catalogue: readonly ReportDefinition[] = [
  departmentBrief,
  serviceReport,
  waitingList,
  caseList,
  releaseReport,
  rawTables,
]

export function reportOf(id: string): ReportDefinition {
  const found = catalogue.find((report) => report.id === id)
  if (found) return found
  throw new ReportError(
    `There is no report "${id.slice(0, 60)}". Known: ${catalogue.map((report) => report.id).join(', ')}.`,
  )
}
