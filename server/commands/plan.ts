import { type PlannedChange, planOf } from '../../sql/plan.ts'
import { type Env, StartError } from '../env.ts'
import { findConfig, openStore } from '../open.ts'

/** Shows what the configuration would change, and changes nothing of it. */
export async function planCommand(env: Env, { json = false }: { json?: boolean }): Promise<void> {
  const db = await openStore(env)
  try {
    const config = findConfig(db.dataDir)
    if (!config)
      throw new StartError(
        'There is no clearway.config.json, neither in the data folder nor here: nothing would change.',
      )
    const changes = await planOf(db, config)
    if (json) return print(JSON.stringify({ changes }))
    for (const change of changes) print(sentence(change))
    print(
      changes.length === 0
        ? 'What is in force is what clearway.config.json says.'
        : `${changes.length} ${changes.length === 1 ? 'thing changes' : 'things change'} when Clearway is started next.`,
    )
  } finally {
    await db.close()
  }
}

const signs = { added: '+', changed: '~', removed: '-' } as const

function sentence({ what, id, change, fields }: PlannedChange): string {
  const said = fields.map(({ field, from, to }) =>
    field === 'days'
      ? `\n    days from ${from} to ${to} are otherwise`
      : `\n    ${field}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`,
  )
  return `${signs[change]} ${what} ${id}`.trimEnd() + said.join('')
}

const print = (line: string) => void process.stdout.write(`${line}\n`)
