import { grantsOf } from '../../sql/grants.ts'
import type { Role } from '../../sql/keys.ts'
import { surroundings } from '../../sql/reader.ts'
import { seesAll } from '../../sql/rowScope.ts'
import { isOfAllRows, scopesOf } from '../access/roles.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { checkRows } from './key.ts'

export type GrantsFlags = { as: Role; department?: string[]; service?: string[]; district?: string[] }

/** Prints the SQL that makes a role of a ClickHouse server which reads the same rows and columns, with any tool. */
export async function grantsCommand(
  env: Env,
  role: string,
  { as, department = [], service = [], district = [] }: GrantsFlags,
) {
  if (!/^\w{1,60}$/.test(role))
    throw new StartError(
      `The role "${role}" must have a name of letters, digits and _, like planning_readers.`,
    )
  const db = await openStore(env)
  try {
    const rows = { department, service, district }
    await checkRows(db, rows)
    const { names } = await surroundings(db)
    const may = scopesOf[as].filter((scope) => !isOfAllRows(scope) || seesAll([rows]))
    for (const statement of grantsOf(role, { rows: [rows], may }, names, db.database))
      process.stdout.write(`${statement};\n`)
  } finally {
    await db.close()
  }
}
