import { type ColumnClass, columnClasses } from './columnClasses.ts'
import type { Scope } from './keys.ts'
import type { Names } from './names.ts'
import type { RowScope } from './rowScope.ts'
import { conditionOf, scopedTables, spelt } from './scopedTables.ts'

/** Which scopes open the columns of a class: any one of these. */
const opening: Record<ColumnClass, readonly Scope[]> = {
  figure: ['figures'],
  place: ['figures', 'loads'],
  time: ['figures', 'loads'],
  declared: ['figures', 'loads', 'audit'],
  pseudonym: ['cases'],
  personal: ['administer', 'audit'],
  free_text: [],
  secret: [],
  ledger: ['loads'],
}
/** What people wrote is for those who are shown it by Clearway. As it was sent, with the names in it, it is for nobody. */
const openingWords: Record<string, Scope> = {
  comments: 'comments',
  rejected_rows: 'rejected',
  loads: 'loads',
  annotations: 'figures',
}

type Given = { rows: RowScope; may: readonly Scope[] }

/**
 * What makes a role of a ClickHouse server that reads the rows of a scope and no others, with any tool: grants for the columns whose class is for
 * those who may do these things, and a row policy for each table that is limited. The same conditions as those of every answer. Good for the
 * services that are known now: to be made anew when a service comes to be or changes its department.
 */
export function grantsOf(
  role: string,
  { rows, may }: Given,
  { placed }: Pick<Names, 'placed'>,
  database: string,
) {
  const parts = rows.map((part) => spelt(part, placed))
  const name = quoted(role)
  const tables = Object.keys(scopedTables)
    .map((table) => ({ table, condition: conditionOf(table, parts), columns: columnsFor(table, may) }))
    .filter(({ condition, columns }) => condition !== '0' && columns.length > 0)
  return [
    `CREATE ROLE IF NOT EXISTS ${name}`,
    `REVOKE ALL ON ${quoted(database)}.* FROM ${name}`,
    ...tables.flatMap(({ table, condition, columns }) => {
      const place = `${quoted(database)}.${quoted(table)}`
      return [
        `GRANT SELECT(${columns.map(quoted).join(', ')}) ON ${place} TO ${name}`,
        // those who have no policy see all rows, and those who have several see what any of them shows
        ...(condition === '1'
          ? []
          : [
              `CREATE ROW POLICY OR REPLACE ${quoted(`${role}_${table}`)} ON ${place} FOR SELECT USING ${condition} TO ${name}`,
            ]),
      ]
    }),
  ]
}

function columnsFor(table: string, may: readonly Scope[]): string[] {
  const words = openingWords[table]
  const isOpen = (its: ColumnClass) =>
    its === 'free_text'
      ? words !== undefined && may.includes(words)
      : may.some((scope) => opening[its].includes(scope))
  return Object.entries(columnClasses[table] ?? {})
    .filter(([, its]) => isOpen(its))
    .map(([column]) => column)
}

const quoted = (name: string) => `\`${name.replace(/[\\`]/g, '\\$&')}\``
