import { grantsOf } from '../../sql/grants.ts'
import { surroundings } from '../../sql/reader.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { checkRows } from './key.ts'

export type GrantsFlags = { department?: string[]; service?: string[]; district?: string[] }

/** Prints the SQL that makes a role of a ClickHouse server which reads the same rows, with any tool. */
export async function grantsCommand(
  env: Env,
  role: string,
  { department = [], service = [], district = [] }: GrantsFlags,
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
    for (const statement of grantsOf(role, [rows], names, db.database))
      process.stdout.write(`${statement};\n`)
  } finally {
    await db.close()
  }
}
