import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDb } from '../../sql/db.ts'
import { createKey } from '../../sql/keys.ts'
import { migrate } from '../../sql/migrate.ts'
import { useBuiltServer } from '../testServer.ts'
import { build } from './build.ts'
import { faultsOf, pathsIn } from './manifest.ts'
import { publicPem, releaseKey } from './signing.ts'
import { testDesk } from './testDesk.ts'
import { approve, check, publish, schedule } from './workflow.ts'

/** The built command, killed while it publishes. */

const server = useBuiltServer('publish', { jurisdiction: { name: 'Test City', time_zone: 'Europe/London' } })

test('release publish ended by kill -9 leaves the old site or the new one, whole, and the next one publishes', {
  timeout: 180_000,
}, async () => {
  const db = await openDb({ CLEARWAY_DATA: server.data })
  try {
    await migrate(db)
    const office = testDesk(() => db)
    office.now = new Date()
    office.calendar = []
    const desk = office.desk()
    const [ada, bob] = [await person('Planning'), await person('Statistics')]
    async function person(name: string) {
      return createKey(db, { name, role: 'publisher', scopes: ['publish'] })
    }
    const ready = async (asked: Parameters<typeof build>[1]) => {
      const { id } = await build(desk, { ...asked, at: 'now' }, ada)
      await check(desk, id, ada)
      await approve(desk, id, bob)
      await schedule(desk, id, bob)
      return id
    }
    const old = await ready({ month: '2024-05' })
    await publish(desk, old, bob)
    office.seed = 2
    const id = await ready({ correct: old, reason: 'Late cases' })
    const args = ['release', 'publish', id, '--key', bob.key]

    const folder = join(server.data, 'public')
    const files = await pathsIn(folder)
    const pem = publicPem(await releaseKey(server.data, undefined))
    /** Which release is public; every file of the site must say the same. */
    const shown = async () => {
      const now = (await readFile(join(folder, 'index.html'), 'utf8')).includes(`, ${id}<`) ? id : old
      expect(await faultsOf(join(folder, 'releases', now), pem)).toEqual([])
      expect((await readFile(join(folder, 'releases.html'), 'utf8')).includes(id)).toBe(now === id)
      if (now === old) expect(await pathsIn(folder)).toEqual(files)
      return now
    }

    const ends: (NodeJS.Signals | null)[] = []
    // when its first folder is there, and when all of it is written
    for (const sign of [/^\d+$/, /\.made-from$/]) {
      const child = server.launch(...args)
      const ended = new Promise((resolve) => child.on('close', resolve))
      const watcher: FSWatcher = watch(join(server.data, 'sites'), (_event, name) => {
        if (sign.test(name ?? '')) child.kill('SIGKILL')
      })
      await ended
      ends.push(child.signalCode)
      watcher.close()
      await shown()
    }
    // at least one of them died in the middle of it
    expect(ends).toContain('SIGKILL')
    if ((await shown()) === old) expect(await server.command(...args)).toMatchObject({ code: 0, stderr: '' })
    expect(await shown()).toBe(id)
  } finally {
    await db.close()
  }
})
