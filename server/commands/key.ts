import { openAudit } from '../../sql/audit.ts'
import type { Db } from '../../sql/db.ts'
import { type ApiKey, createKey, listKeys, type Role, revokeKey, type Scope } from '../../sql/keys.ts'
import { surroundings } from '../../sql/reader.ts'
import { isOfAllRows, scopesOf } from '../access/roles.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { isDay } from '../words/days.ts'
import { byCommand } from './actor.ts'

export type CreateFlags = {
  name: string
  role: Role
  scope?: Scope[]
  department?: string[]
  service?: string[]
  district?: string[]
  expires?: string
  json?: boolean
}

/** Makes a key and prints it: the only time it is shown. */
export async function createKeyCommand(
  env: Env,
  { name, role, scope, department = [], service = [], district = [], expires, json = false }: CreateFlags,
) {
  if (name.trim() === '')
    throw new StartError('A key needs a name that says who uses it, like permit-system.')
  await withStore(env, async (db) => {
    const scopes = scope ?? scopesOf[role]
    const rows = { department, service, district }
    await checkRows(db, rows)
    const isLimited = Object.values(rows).some((ids) => ids.length > 0)
    if (isLimited && scopes.length > 0 && scopes.every(isOfAllRows))
      throw new StartError(
        `A key for some departments, services or districts may not ${scopes.join(', ')}, which is about all of them: leave the limits out, or give it another role.`,
      )
    const expires_at = expires === undefined ? null : endOf(expires)
    const { key, ...made } = await createKey(db, { name: name.trim(), role, scopes, rows, expires_at })
    const detail = { name: made.name, role, scopes, ...rows }
    await openAudit(db).note({ actor: byCommand('key create'), deed: 'key_create', object: made.id, detail })
    if (json) process.stdout.write(`${JSON.stringify({ ...made, key })}\n`)
    else {
      process.stdout.write(`${key}\n`)
      process.stderr.write(
        `Key ${made.id} for ${made.name} may ${[scopes.join(', ') || 'do nothing yet', ...limits(made)].join(', ')}. It is shown this once; keep it safe.\n`,
      )
    }
  })
}

/** Says which names are not known: a key for them would see nothing. */
export async function checkRows(db: Db, rows: Record<'department' | 'service' | 'district', string[]>) {
  const { names } = await surroundings(db)
  const known = { department: names.departments, service: names.services, district: names.districts }
  for (const [what, ids] of Object.entries(rows) as [keyof typeof known, string[]][])
    for (const wanted of ids)
      if (!known[what].some(({ id }) => id === wanted))
        throw new StartError(
          `There is no ${what} "${wanted}". Known: ${known[what].map(({ id }) => id).join(', ') || 'none yet; load data or declare it in clearway.config.json first'}.`,
        )
}

/** The end of a day in UTC, or a number of days from now. */
function endOf(expires: string): string {
  const days = /^(\d{1,4})d$/.exec(expires)?.[1]
  const end = days
    ? new Date(Date.now() + Number(days) * 86_400_000)
    : isDay(expires)
      ? new Date(`${expires}T23:59:59.999Z`)
      : undefined
  if (end && end.getTime() > Date.now()) return end.toISOString()
  throw new StartError(
    `--expires is "${expires}"; it must be a day to come like 2027-12-31, or a number of days like 90d.`,
  )
}

/** What a key is limited to, in words. */
const limits = ({ departments, services, districts, expires_at }: ApiKey): string[] => [
  ...(departments.length > 0 ? [`only of ${departments.join(' and ')}`] : []),
  ...(services.length > 0 ? [`only of the services ${services.join(' and ')}`] : []),
  ...(districts.length > 0 ? [`only of the districts ${districts.join(' and ')}`] : []),
  ...(expires_at ? [`until ${minute(expires_at)}`] : []),
]

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

async function withStore(env: Env, work: (db: Db) => Promise<void>) {
  const db = await openStore(env)
  try {
    await work(db)
  } finally {
    await db.close()
  }
}

const minute = (time: string) => time.slice(0, 16).replace('T', ' ')

function sentence(key: ApiKey): string {
  const { id, name, role, scopes, created_at, last_used_at, revoked_at } = key
  const parts = [
    `${id}  ${name}  ${role}`,
    scopes.join(' ') || 'no scopes',
    ...limits(key),
    `created ${minute(created_at)}`,
    last_used_at ? `last used ${minute(last_used_at)}` : 'never used',
    ...(revoked_at ? [`revoked ${minute(revoked_at)}`] : []),
  ]
  return parts.join('  ')
}
