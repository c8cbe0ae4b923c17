import { createRoute, z } from '@hono/zod-openapi'
import type { Db } from '../../sql/db.ts'
import { migrations } from '../../sql/migrate.ts'
import type { Data } from '../data.ts'
import { json } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const alive = z.object({ status: z.literal('ok') }).openapi('Alive')
const ready = z
  .object({
    /** `ready` when the store answers and is migrated; a store without data is ready and says so. */
    status: z.enum(['ready', 'not_ready']),
    missing: z.array(z.enum(['store', 'migrations', 'data'])),
    parts: z.array(
      z.object({ part: z.enum(['store', 'migrations', 'data']), ok: z.boolean(), detail: z.string() }),
    ),
  })
  .openapi('Ready')
type Part = z.output<typeof ready>['parts'][number]

const healthz = createRoute({
  method: 'get',
  tags: ['Running it'],
  path: '/healthz',
  summary: 'Alive: the process answers',
  request: { query: noQuery },
  responses: { 200: json(alive, 'Alive') },
})

const readyz = createRoute({
  method: 'get',
  tags: ['Running it'],
  path: '/readyz',
  summary: 'Ready: the store answers, is migrated, and what it holds',
  request: { query: noQuery },
  responses: { 200: json(ready, 'Ready'), 503: json(ready, 'Not ready, and why') },
})

export const healthRoutes = routes()
  .openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200, { 'Cache-Control': 'no-store' }))
  .openapi(readyz, async (c) => {
    const parts = await readiness(c.var.store, c.var.data)
    const missing = parts.filter(({ ok }) => !ok).map(({ part }) => part)
    const isReady = !missing.some((part) => part !== 'data')
    const answer = { status: isReady ? ('ready' as const) : ('not_ready' as const), missing, parts }
    return c.json(answer, isReady ? 200 : 503, { 'Cache-Control': 'no-store' })
  })

/** Looks at each part only when the one before it is there. */
async function readiness(db: Db, data: () => Promise<Data>): Promise<Part[]> {
  const unknown = (part: Part['part'], before: string): Part => ({
    part,
    ok: false,
    detail: `not known without ${before}`,
  })
  const store = await storePart(db)
  if (!store.ok) return [store, unknown('migrations', 'the store'), unknown('data', 'the store')]
  const schema = await migrationsPart(db)
  if (!schema.ok) return [store, schema, unknown('data', 'the migrations')]
  return [store, schema, await dataPart(db, data)]
}

const patience = 2000

async function storePart(db: Db): Promise<Part> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, patience, false).unref())
  const ok = await Promise.race([db.ping(), late]).catch(() => false)
  return {
    part: 'store',
    ok,
    detail: ok ? `${db.kind}, ${db.version}` : 'the database engine does not answer',
  }
}

async function migrationsPart(db: Db): Promise<Part> {
  const missing = await unfinishedMigrations(db).catch(() => migrations.map(({ name }) => name))
  return {
    part: 'migrations',
    ok: missing.length === 0,
    detail: missing.length === 0 ? `${migrations.length} done` : `not run yet: ${missing.join(', ')}`,
  }
}

async function unfinishedMigrations(db: Db): Promise<string[]> {
  const result = await db.query({ query: 'SELECT name FROM migrations FINAL', format: 'JSONEachRow' })
  const done = new Set((await result.json<{ name: string }>()).map(({ name }) => name))
  return migrations.map(({ name }) => name).filter((name) => !done.has(name))
}

async function dataPart(db: Db, data: () => Promise<Data>): Promise<Part> {
  const meta = await (await data()).readMeta(db).catch(() => null)
  if (!meta) return { part: 'data', ok: false, detail: 'what is held cannot be read just now' }
  if (!meta.held) return { part: 'data', ok: false, detail: 'nothing loaded yet: run clearway ingest' }
  return { part: 'data', ok: true, detail: `held from ${meta.held.from} until ${meta.held.until}` }
}
