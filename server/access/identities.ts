import type { ApiKey, Role, Scope } from '../../sql/keys.ts'
import { scopesOf } from './roles.ts'
import type { Grant, Who } from './who.ts'

const everyRow = { department: [], service: [], district: [] }
const grant = (role: Role, may: readonly Scope[]): Grant => ({ role, may, rows: everyRow })

/** Somebody on the machine itself while nobody can sign in: they could read the data folder as well. */
export const onTheMachine: Who = {
  kind: 'machine',
  id: 'machine',
  name: 'on this machine',
  grants: [
    grant('administrator', [
      'figures',
      'loads',
      'rejected',
      'ingest:*',
      'cases',
      'comments',
      'annotate',
      'reports',
    ]),
  ],
}

/** A page of another site that a browser on this machine shows, or a program within this one: it may read what says nothing of a person. */
export const visitor: Who = {
  kind: 'nobody',
  id: 'visitor',
  name: 'nobody',
  grants: [grant('viewer', ['figures', 'loads', 'rejected'])],
}

/** Figures come with the role, everything else with the scopes of the key. */
export function ofKey({ id, name, role, scopes, departments, services, districts }: ApiKey): Who {
  const own = scopes as Scope[]
  const known = role as Role
  const figures: Scope[] = scopesOf[known]?.includes('figures') ? ['figures'] : []
  const rows = { department: departments, service: services, district: districts }
  return { kind: 'key', id, name, grants: [{ role: known, may: [...new Set([...figures, ...own])], rows }] }
}
