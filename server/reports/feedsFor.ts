import type { Filters } from '../../sql/filters.ts'

/**
 * The feeds a report needs: those of the services that were chosen, or of the departments; all where none was chosen. One that never came
 * may be of any service, so every report needs it.
 */
export function feedsFor<F extends { services: readonly string[] }>(
  feeds: readonly F[],
  departmentOf: ReadonlyMap<string, string>,
  { service, department }: Pick<Filters, 'service' | 'department'>,
): F[] {
  if (service.length === 0 && department.length === 0) return [...feeds]
  const isChosen = (id: string) =>
    service.length > 0 ? service.includes(id) : department.includes(departmentOf.get(id) ?? '')
  return feeds.filter(({ services }) => services.length === 0 || services.some(isChosen))
}
