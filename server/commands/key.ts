import { openAudit } from '../../sql/audit.ts'
import { type ApiKey, createKey, listKeys, type Role, revokeKey, type Scope } from '../../sql/keys.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { byCommand } from './actor.ts'

export type CreateFlags = { name: string; role: Role; scope?: Scope[]; json?: boolean }

/** Roles whose keys may send data unless scopes say otherwise. */
const senders: readonly Role[] = ['ingest', 'data_steward', 'administrator']

const usualScopes = (role: Role): Scope[] => {
  if (senders.includes(role)) return ['ingest:*']
  return role === 'publisher' ? ['publish'] : []
}

/** Makes a key and prints it: the only time it is shown. */
export async function createKeyCommand(env: Env, { name, role, scope, json = false }: CreateFlags) {
  if (name.trim() === '')
    throw new StartError('A key needs a name that says who uses it, like permit-system.')
  await withStore(env, async (db) => {
    const scopes = scope ?? usualScopes(role)
    const { key, ...made } = await createKey(db, { name: name.trim(), role, scopes })
    const detail = { name: made.name, role, scopes }
    await openAudit(db).note({ actor: byCommand('key create'), deed: 'key_create', object: made.id, detail })
    if (json) process.stdout.write(`${JSON.stringify({ ...made, key })}\n`)
    else {
      process.stdout.write(`${key}\n`)
      process.stderr.write(
        `Key ${made.id} for ${made.name} may ${scopes.join(', ') || 'do nothing yet'}. It is shown this once; keep it safe.\n`,
      )
    }
  })
}

/** Prints all keys, without their secrets. */
export async function listKeysCommand(env: Env, { json = false }: { json?: boolean }) {
  await withStore(env, async (db) => {
    const keys = await listKeys(db)
    await openAudit(db).note({ actor: byCommand('key list'), deed: 'key_list' })
    if (json) process.stdout.write(`${JSON.stringify({ keys })}\n`)
    else if (keys.length === 0)
      process.stdout.write('There is no key yet. Make one: clearway key create --name NAME --role ingest\n')
    else for (const key of keys) process.stdout.write(`${sentence(key)}\n`)
  })
}

/** Ends a key. */
export async function revokeKeyCommand(env: Env, id: string, { json = false }: { json?: boolean }) {
  await withStore(env, async (db) => {
    const key = await revokeKey(db, id)
    const detail = { name: key.name, role: key.role }
    await openAudit(db).note({ actor: byCommand('key revoke'), deed: 'key_revoke', object: id, detail })
    process.stdout.write(json ? `${JSON.stringify(key)}\n` : `${sentence(key)}\n`)
  })
}

async function withStore(env: Env, work: (db: Awaited<ReturnType<typeof openStore>>) => Promise<void>) {
  const db = await openStore(env)
  try {
    await work(db)
  } finally {
    await db.close()
  }
}

const minute = (time: string) => time.slice(0, 16).replace('T', ' ')

function sentence({ id, name, role, scopes, created_at, last_used_at, revoked_at }: ApiKey): string {
  const parts = [
    `${id}  ${name}  ${role}`,
    scopes.join(' ') || 'no scopes',
    `created ${minute(created_at)}`,
    last_used_at ? `last used ${minute(last_used_at)}` : 'never used',
    ...(revoked_at ? [`revoked ${minute(revoked_at)}`] : []),
  ]
  return parts.join('  ')
}
