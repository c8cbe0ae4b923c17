import type { Filters } from '../../sql/filters.ts'
import type { RunRow } from '../../sql/reportRuns.ts'
import type { Recipient, RecipientScope, Schedule } from '../../sql/reportSchedules.ts'
import type { Part } from '../../sql/rowScope.ts'
import type { Sight } from '../../sql/within.ts'
import { toRun } from './runs/run.ts'
import { withinScope } from './runs/scope.ts'

type Told = Pick<Filters, 'department' | 'service' | 'district'>
type DepartmentOf = ReadonlyMap<string, string>

const scopeOf = ({ department, service, district }: Part): RecipientScope => ({
  department: [...department],
  service: [...service],
  district: [...district],
})

/** What somebody with these parts sees of reports. */
export function seen({ parts }: Pick<Sight, 'parts'>, departmentOf: DepartmentOf) {
  const told = (filters: Told): boolean =>
    parts === null || parts.some((part) => tellsAll(filters, scopeOf(part), departmentOf))
  return {
    /** A schedule of which each recipient is told no more than is seen. */
    schedule: ({ filters, recipients }: Pick<Schedule, 'filters' | 'recipients'>): boolean =>
      parts === null ||
      recipients.every(({ scope }) => {
        const left = withinScope(filters, scope, departmentOf)
        return left !== null && told(left)
      }),
    run: (row: RunRow): boolean => parts === null || told(toRun(row).asked.filters),
    /** What a recipient may be told at most. Null where that is nothing, or no one part of what is seen. */
    passedOn: (scope: Recipient['scope']): Recipient['scope'] | null => {
      if (parts === null) return scope
      const fitting = parts
        .map((part) => withinScope({ ...scope }, scopeOf(part), departmentOf))
        .filter((each) => each !== null)
      return fitting.length === 1 ? (fitting[0] ?? null) : null
    },
  }
}

function tellsAll(told: Told, scope: RecipientScope, departmentOf: DepartmentOf): boolean {
  const left = withinScope(told, scope, departmentOf)
  if (!left) return false
  const keeps = (dimension: keyof Told) =>
    told[dimension].length === left[dimension].length ||
    // services that were chosen are told by department too
    (dimension === 'department' && told.department.length === 0 && told.service.length > 0)
  return keeps('department') && keeps('service') && keeps('district')
}
