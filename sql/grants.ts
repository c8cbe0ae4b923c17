import type { Names } from './names.ts'
import type { RowScope } from './rowScope.ts'
import { conditionOf, scopedTables, spelt } from './scopedTables.ts'

/**
 * What makes a role of a ClickHouse server that reads the rows of a scope and no others, with any tool: grants for the tables it may read, and
 * a row policy for each that is limited. The same conditions as those of every answer. Good for the services that are known now: to be made anew
 * when a service comes to be or changes its department.
 */
export function grantsOf(role: string, scope: RowScope, { placed }: Pick<Names, 'placed'>, database: string) {
  const parts = scope.map((part) => spelt(part, placed))
  const name = quoted(role)
  const tables = Object.keys(scopedTables)
    .map((table) => ({ table, condition: conditionOf(table, parts) }))
    .filter(({ condition }) => condition !== '0')
  return [
    `CREATE ROLE IF NOT EXISTS ${name}`,
    `REVOKE ALL ON ${quoted(database)}.* FROM ${name}`,
    ...tables.flatMap(({ table, condition }) => {
      const place = `${quoted(database)}.${quoted(table)}`
      return [
        `GRANT SELECT ON ${place} TO ${name}`,
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

const quoted = (name: string) => `\`${name.replace(/[\\`]/g, '\\$&')}\``
