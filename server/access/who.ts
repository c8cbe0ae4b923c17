import type { Role, Scope } from '../../sql/keys.ts'
import type { Part, RowScope } from '../../sql/rowScope.ts'

/** What somebody may do, and with which rows. */
export type Grant = { role: Role; may: readonly Scope[]; rows: Part }

/**
 * Who asks. `machine`: somebody on the machine itself while no sign-in is configured. `person`: signed in. `key`: a program.
 * `nobody`: neither.
 */
export type Who = {
  kind: 'machine' | 'person' | 'key' | 'nobody'
  /** Stays the same over time: provider and subject of a person, the id of a key. */
  id: string
  name: string
  grants: readonly Grant[]
}

export const nobody: Who = { kind: 'nobody', id: 'nobody', name: 'nobody', grants: [] }

/** Whether somebody may do a thing with any row. */
export const may = ({ grants }: Who, scope: Scope): boolean =>
  grants.some((grant) => grant.may.includes(scope))

/** The rows with which somebody may do a thing. */
export const rowsFor = ({ grants }: Who, scope: Scope): RowScope =>
  grants.filter((grant) => grant.may.includes(scope)).map(({ rows }) => rows)
