import type { Db } from './db.ts'
import { rowsOf } from './rowsOf.ts'

/** With which version of the data rows of a service changed last; of all services under the empty name. */
export type ServiceVersions = ReadonlyMap<string, number>

/** Null where some are of a later version than `version`: a load is being published, and what was noted before is not known any more. */
export async function readServiceVersions(db: Db, version: string): Promise<ServiceVersions | null> {
  const rows = await rowsOf<{ service: string; version: number }>(
    db,
    'SELECT toString(service) AS service, max(version) AS version FROM service_versions GROUP BY service',
  )
  if (rows.some((each) => each.version > Number(version))) return null
  return new Map(rows.map((each) => [each.service, each.version]))
}

/** With which version the data of any of these services changed last; null where that is not known. */
export function changedWith(versions: ServiceVersions | null, services: readonly string[]): number | null {
  if (!versions || services.length === 0) return null
  return Math.max(...['', ...services].map((service) => versions.get(service) ?? 0))
}
