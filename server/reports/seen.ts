import type { Filters } from '../../sql/filters.ts'
import type { Recipient, RecipientScope } from '../../sql/reportSchedules.ts'
import type { Part } from '../../sql/rowScope.ts'
import type { Sight } from '../../sql/within.ts'
import { withinScope } from './runs/scope.ts'

type Told = Pick<Filters, 'department' | 'service' | 'district'>
type DepartmentOf = ReadonlyMap<string, string>

const scopeOf = ({ department, service, district }: Part): RecipientScope => ({
  department: [...department],
  service: [...service],
  district: [...district],
})

/** Whether somebody sees all that a report with these filters tells. */
export const isSeen = ({ parts }: Pick<Sight, 'parts'>, told: Told, departmentOf: DepartmentOf): boolean =>
  parts === null || parts.some((part) => tellsAll(told, scopeOf(part), departmentOf))

function tellsAll(told: Told, scope: RecipientScope, departmentOf: DepartmentOf): boolean {
  const left = withinScope(told, scope, departmentOf)
  if (!left) return false
  const keeps = (dimension: keyof Told) =>
    told[dimension].length === left[dimension].length ||
    // services that were chosen are told by department too
    (dimension === 'department' && told.department.length === 0 && told.service.length > 0)
  return keeps('department') && keeps('service') && keeps('district')
}

/**
 * What a recipient may be told at most by somebody who sees these parts: nobody sends what they do not see. Null where that is nothing,
 * or no one part of it.
 */
export function passedOn(
  { parts }: Pick<Sight, 'parts'>,
  scope: Recipient['scope'],
  departmentOf: DepartmentOf,
) {
  if (parts === null) return scope
  const fitting = parts
    .map((part) => withinScope({ ...scope }, scopeOf(part), departmentOf))
    .filter((each) => each !== null)
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}
