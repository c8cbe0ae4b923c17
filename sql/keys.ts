import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import type { Part } from './rowScope.ts'
import { rowsOf } from './rowsOf.ts'

export const roles = [
  'viewer',
  'analyst',
  'case_worker',
  'publisher',
  'data_steward',
  'administrator',
  'auditor',
  'ingest',
] as const
export type Role = (typeof roles)[number]

/**
 * What somebody may do: read figures; send rows of every stream, or of one; read the ledger of loads; read rows that did not fit; read single
 * cases; read comments; write down what was done; take part in releases; make, schedule and read reports; read the audit; give and take access.
 */
export const scopes = [
  'figures',
  'ingest:*',
  'ingest:case_events',
  'ingest:wait_times',
  'ingest:outcomes',
  'loads',
  'rejected',
  'cases',
  'comments',
  'annotate',
  'publish',
  'reports',
  'audit',
  'administer',
] as const
export type Scope = (typeof scopes)[number]

/** A key without its secret. Times are ISO 8601 in UTC. */
export type ApiKey = {
  id: string
  name: string
  role: string
  scopes: string[]
  /** The rows it may see: of these departments, services and districts. Empty lists limit nothing. */
  departments: string[]
  services: string[]
  districts: string[]
  created_at: string
  /** From then on it opens nothing; null: it lasts until it is revoked. */
  expires_at: string | null
  last_used_at: string | null
  revoked_at: string | null
}

type StoredKey = ApiKey & { hash: string }

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')
const insertSettings = { async_insert: 0, date_time_input_format: 'best_effort' } as const

const columns =
  'id, name, role, scopes, departments, services, districts, hash, created_at, expires_at, revoked_at'

/** A key without when it was last used: it is asked for by every request. */
async function storedKey(db: Db, id: string): Promise<StoredKey | undefined> {
  const query = `SELECT ${columns}, NULL AS last_used_at FROM api_keys FINAL WHERE id = {id: String}`
  return (await rowsOf<StoredKey>(db, query, { id }))[0]
}

const stored = (db: Db, id = ''): Promise<StoredKey[]> =>
  rowsOf(
    db,
    `SELECT ${columns}, nullIf(uses.used_at, toDateTime64(0, 3, 'UTC')) AS last_used_at
     FROM api_keys AS keys FINAL LEFT JOIN (SELECT id, max(used_at) AS used_at FROM api_key_uses WHERE {id: String} = '' OR id = {id: String} GROUP BY id) AS uses USING (id)
     WHERE {id: String} = '' OR id = {id: String} ORDER BY created_at, id`,
    { id },
  )

const write = (db: Db, { last_used_at: _, ...key }: StoredKey, version: number): Promise<unknown> =>
  db.insert({
    table: 'api_keys',
    values: [{ ...key, version }],
    format: 'JSONEachRow',
    clickhouse_settings: insertSettings,
  })

const shown = ({ hash: _, ...key }: StoredKey): ApiKey => key

/** Makes a key. `key` is told here and never again: only its SHA-256 is stored (it is 256 random bits, so that needs no salt). */
export async function createKey(
  db: Db,
  {
    name,
    role,
    scopes,
    rows = {},
    expires_at = null,
  }: {
    name: string
    role: Role
    scopes: readonly Scope[]
    rows?: Partial<Part>
    expires_at?: string | null
  },
): Promise<ApiKey & { key: string }> {
  const id = randomBytes(6).toString('hex')
  const key = `cw_${id}_${randomBytes(32).toString('base64url')}`
  const made: StoredKey = {
    ...{ id, name, role, scopes: [...scopes], hash: hashOf(key) },
    departments: [...(rows.department ?? [])],
    services: [...(rows.service ?? [])],
    districts: [...(rows.district ?? [])],
    ...{ created_at: new Date().toISOString(), expires_at, last_used_at: null, revoked_at: null },
  }
  await write(db, made, Date.now())
  return { ...shown(made), key }
}

/** All keys, the oldest first, revoked ones too. */
export const listKeys = async (db: Db): Promise<ApiKey[]> => (await stored(db)).map(shown)

/** From now on the key opens nothing. Repeatable. Throws UnknownIdError. */
export async function revokeKey(db: Db, id: string): Promise<ApiKey> {
  const [key] = id === '' ? [] : await stored(db, id)
  if (!key) throw new UnknownIdError(`There is no key "${id}". clearway key list shows them.`)
  if (key.revoked_at !== null) return shown(key)
  const revoked = { ...key, revoked_at: new Date().toISOString() }
  await write(db, revoked, Date.now() + 1)
  return shown(revoked)
}

/** Moves on with every key that is made or revoked. */
export async function keysVersion(db: Db): Promise<string> {
  const query = 'SELECT toString((max(version), count())) AS version FROM api_keys'
  return (await rowsOf<{ version: string }>(db, query))[0]?.version ?? ''
}

/** Whether a key opens anything now. */
export const isOpen = ({ revoked_at, expires_at }: ApiKey, now = Date.now()): boolean =>
  revoked_at === null && (expires_at === null || Date.parse(expires_at) > now)

/** The id in a key; undefined where it is not written as one. */
export const idIn = (token: string): string | undefined => /^cw_([0-9a-f]{12})_[\w-]{43}$/.exec(token)?.[1]

/** The key behind a bearer token, unless it is unknown, revoked or expired. */
export async function findKey(db: Db, token: string): Promise<ApiKey | undefined> {
  const id = idIn(token)
  if (id === undefined) return undefined
  const key = await storedKey(db, id)
  if (!key || !isOpen(key)) return undefined
  return timingSafeEqual(Buffer.from(key.hash, 'hex'), Buffer.from(hashOf(token), 'hex'))
    ? shown(key)
    : undefined
}

/** Notes when keys were used. */
export async function noteUses(db: Db, uses: readonly { id: string; at: Date }[]): Promise<void> {
  await db.insert({
    table: 'api_key_uses',
    values: uses.map(({ id, at }) => ({ id, used_at: at.toISOString() })),
    format: 'JSONEachRow',
    clickhouse_settings: insertSettings,
  })
}

/** The load that a sender's Idempotency-Key stands for: the given one, unless it was used for another one before. */
export async function claimRequestKey(
  db: Db,
  keyId: string,
  requestKey: string,
  loadId: string,
): Promise<string> {
  const request_key = hashOf(requestKey)
  const claimed = async (): Promise<string | undefined> => {
    const result = await db.query({
      query: `SELECT argMin(load_id, (at, load_id)) AS first FROM idempotency_keys
              WHERE key_id = {keyId: String} AND request_key = {request_key: String} HAVING count() > 0`,
      query_params: { keyId, request_key },
      format: 'JSONEachRow',
    })
    return (await result.json<{ first: string }>())[0]?.first
  }
  const earlier = await claimed()
  if (earlier !== undefined) return earlier
  await db.insert({
    table: 'idempotency_keys',
    values: [{ key_id: keyId, request_key, load_id: loadId, at: new Date().toISOString() }],
    format: 'JSONEachRow',
    clickhouse_settings: insertSettings,
  })
  return (await claimed()) ?? loadId
}

/** Whether a key may send rows of a stream. */
export const mayIngest = (key: ApiKey, stream: string): boolean =>
  key.scopes.includes('ingest:*') || key.scopes.includes(`ingest:${stream}`)
