import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { isAlive } from '../sql/alive.ts'
import { pathsOf, readAddress } from '../sql/engine/files.ts'
import { withLock } from './lock.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run of the tests for data folders that are made once. */
    madeOnce: string
  }
}

/** Around all tests of a run: a place for what is made once. */
export default async function keepPlace({ provide }: TestProject): Promise<() => Promise<void>> {
  const place = await mkdtemp(path.join(tmpdir(), 'clearway-once-'))
  provide('madeOnce', place)
  return () => rm(place, { recursive: true, force: true })
}

/**
 * For tests: copies a data folder that is made once in a run, by the first who asks; others wait for that. A true copy, since the engine
 * changes some files where they lie, and with a key of its own.
 */
export async function copyMadeOnce(
  name: string,
  make: (dataDir: string) => Promise<void>,
  to: string,
): Promise<void> {
  const place = inject('madeOnce')
  const made = path.join(place, name)
  if (!existsSync(made))
    await withLock(place, name, async () => {
      if (existsSync(made)) return
      const draft = `${made}.draft`
      await rm(draft, { recursive: true, force: true })
      await mkdir(draft)
      await make(draft)
      await engineEnded(draft)
      await rm(pathsOf(draft).key, { force: true })
      await rename(draft, made)
    })
  await cp(made, to, { recursive: true })
}

/** The engine ends a moment after the last who used it. */
async function engineEnded(dataDir: string): Promise<void> {
  const address = readAddress(pathsOf(dataDir))
  while (address && isAlive(address.pid)) await wait(20)
}
