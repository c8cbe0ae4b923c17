import type { Filters } from '../../../sql/filters.ts'
import type { RecipientScope } from '../../../sql/reportSchedules.ts'

const dimensions = ['department', 'service', 'district'] as const

/**
 * The filters of a report as one recipient may see it. Null when nothing is left. A service that was chosen but belongs to a
 * department outside the scope is left out too.
 */
export function withinScope<F extends Pick<Filters, (typeof dimensions)[number]>>(
  filters: F,
  scope: RecipientScope,
  departmentOf: ReadonlyMap<string, string>,
): F | null {
  const seen = { ...filters }
  for (const dimension of dimensions) {
    const [chosen, allowed] = [filters[dimension], scope[dimension]]
    if (allowed.length === 0) continue
    seen[dimension] = chosen.length === 0 ? allowed : chosen.filter((id) => allowed.includes(id))
    if (seen[dimension].length === 0) return null
  }
  if (seen.service.length > 0 && seen.department.length > 0) {
    const belongs = (id: string) => seen.department.includes(departmentOf.get(id) ?? '')
    seen.service = seen.service.filter(belongs)
    if (seen.service.length === 0) return null
  }
  return seen
}
