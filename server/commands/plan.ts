import { type PlannedChange, type PlannedField, planOf } from '../../sql/plan.ts'
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
  return [`${signs[change]} ${what} ${id}`.trimEnd(), ...fields.flatMap(fieldLines)].join('\n    ')
}

function fieldLines({ field, from, to }: PlannedField): string[] {
  if (field === 'days') return [`days from ${from} to ${to} are otherwise`]
  if (!Array.isArray(from) || !Array.isArray(to)) return [`${field}: ${said(from)} -> ${said(to)}`]
  // of a list what goes and what comes
  const [before, after] = [from.map(said), to.map(said)]
  const changed = [
    ...before.filter((one) => !after.includes(one)).map((one) => `  - ${one}`),
    ...after.filter((one) => !before.includes(one)).map((one) => `  + ${one}`),
  ]
  return [changed.length > 0 ? `${field}:` : `${field}: in another order`, ...changed]
}

/** Lists that hold nothing limit nothing: they are left out. */
const said = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    Array.isArray(part) && part.length === 0 ? undefined : part,
  ) ?? '[]'

const print = (line: string) => void process.stdout.write(`${line}\n`)
