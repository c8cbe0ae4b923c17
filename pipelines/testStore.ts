import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, test } from 'vitest'
import { type Db, openDb } from '../sql/db.ts'
import { migrate } from '../sql/migrate.ts'
import { copyMadeOnce } from './madeOnce.ts'

/** For tests: a store of its own in a temporary folder, and files to load into it. */
export function useStore() {
  const store = {
    dir: '',
    db: undefined as unknown as Db,
    /** Writes a file to load and gives its path. */
    async file(name: string, content: string | Buffer): Promise<string> {
      const file = path.join(store.dir, name)
      await writeFile(file, name.endsWith('.gz') ? gzipSync(content) : content)
      return file
    },
    async rows<Row>(query: string, query_params: Record<string, unknown> = {}): Promise<Row[]> {
      return (await store.db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
    },
    async value(query: string): Promise<unknown> {
      return (await store.rows<{ value: unknown }>(`SELECT (${query}) AS value`))[0]?.value
    },
    /** Tables that a load should have taken away. */
    async leftOvers(): Promise<string[]> {
      const query = `SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '^[a-z][a-z_]*_[0-9a-f]{16}$')`
      return (await store.rows<{ name: string }>(query)).map(({ name }) => name)
    },
  }
  beforeAll(async () => {
    store.dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-pipelines-'))
    const dataDir = path.join(store.dir, 'data')
    await copyMadeOnce('store', makeStore, dataDir)
    store.db = await openDb({ CLEARWAY_DATA: dataDir })
  })
  afterAll(async () => {
    await store.db?.close()
    await rm(store.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  return store
}

async function makeStore(dataDir: string): Promise<void> {
  const db = await openDb({ CLEARWAY_DATA: dataDir })
  await migrate(db)
  await db.insert({
    table: 'services',
    values: ['permits', 'counter'].map((id) => ({
      id,
      name: id,
      department: 'planning',
      closes: 'stop',
      version: 1,
    })),
    format: 'JSONEachRow',
  })
  await db.close()
}

const shared = path.resolve(import.meta.dirname, '../../shared/data')

/** The path of a real export beside the project; tests that need one are `withRealData`. */
export const realData = (name: string): string => path.join(shared, name)
export const withRealData = (title: string, run: () => Promise<void>): void =>
  existsSync(shared) ? test(title, run) : test.skip(`${title} (../shared/data is absent)`, run)
