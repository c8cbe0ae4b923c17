import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { makeCity } from '../../fixtures/city/make.ts'
import { ingest } from '../../pipelines/ingest.ts'
import { progressOn } from '../../pipelines/progress.ts'
import type { Db } from '../../sql/db.ts'
import type { Env } from '../env.ts'
import { configInForce, useConfig } from '../open.ts'
import { releaseSample } from '../releases/sample.ts'
import { serve } from './serve.ts'

const seed = 20_260_630

/** Beside the city's files: how far making and loading them has come. */
const stateSchema = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      stream: z.enum(['case_events', 'wait_times', 'outcomes']),
      source: z.string(),
      mapping: z.string(),
    }),
  ),
  loaded: z.boolean(),
})
type State = z.output<typeof stateSchema>

/** Like serve, but a store that holds no load yet is first filled with the sample city, and its last month is released. */
export const demo = (env: Env, { release }: { release: boolean }): Promise<void> =>
  serve(env, fillWhenEmpty, release ? releaseSample : undefined)

/**
 * Interrupted anywhere and called again it completes: the files are made whole, and each file counts once. A configuration of one's own
 * goes before that of the city.
 */
export async function fillWhenEmpty(db: Db): Promise<void> {
  const dir = join(db.dataDir, 'sample-city')
  const empty = await holdsNoLoad(db)
  const state = (await readState(dir)) ?? (empty ? await make(dir) : null)
  const config = configInForce(db.dataDir)
  if (config) await useConfig(db, config)
  if (!state || (state.loaded && !empty)) return
  for (const file of state.files) await loadOne(db, dir, file)
  await writeState(dir, { ...state, loaded: true })
}

async function holdsNoLoad(db: Db): Promise<boolean> {
  const result = await db.query({ query: 'SELECT load_id FROM loads LIMIT 1', format: 'JSONEachRow' })
  return (await result.json()).length === 0
}

async function make(dir: string): Promise<State> {
  const title = 'Making the sample city'
  const progress = progressOn(process.stderr, title)
  if (!process.stderr.isTTY) process.stderr.write(`${title}\n`)
  const city = await makeCity({ dir, seed, onProgress: ({ share }) => progress.at(share) })
  progress.done()
  const files = city.files.map(({ path, ...rest }) => ({ ...rest, name: basename(path) }))
  return writeState(dir, { files, loaded: false })
}

async function loadOne(db: Db, dir: string, { name, stream, source, mapping }: State['files'][number]) {
  const progress = progressOn(process.stderr, name)
  const [result] = await ingest(db, join(dir, name), { mapping, stream, source, onProgress: progress.load })
  progress.done()
  if (result) process.stderr.write(`${name}: ${result.read.toLocaleString('en')} rows\n`)
}

/** Null when no city was made here, or its files are gone. */
async function readState(dir: string): Promise<State | null> {
  try {
    const state = stateSchema.parse(JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')))
    return state.files.every(({ name }) => existsSync(join(dir, name))) ? state : null
  } catch {
    return null
  }
}

/** Written whole or not at all. */
async function writeState(dir: string, state: State): Promise<State> {
  const path = join(dir, 'state.json')
  await writeFile(`${path}.new`, JSON.stringify(state))
  await rename(`${path}.new`, path)
  return state
}
