import { caseList } from './caseList.ts'
import type { ReportDefinition } from './content.ts'
import { departmentBrief } from './departmentBrief.ts'
import { rawTables } from './rawTables.ts'
import { releaseReport } from './releaseReport.ts'
import { serviceReport } from './serviceReport.ts'
import { waitingList } from './waitingList.ts'

/** Every report there is, as it is made. */
const catalogue: Record<string, ReportDefinition> = Object.fromEntries(
  [departmentBrief, serviceReport, waitingList, caseList, releaseReport, rawTables].map((report) => [
    report.id,
    report,
  ]),
)

/** The caller has checked that there is one. */
export function reportOf(id: string): ReportDefinition {
  const found = catalogue[id]
  if (found) return found
  throw new Error(`Nobody makes the report ${id}.`)
}
