import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()

/** Bytes that the files of the data folder take, each counted once however many names it has. */
async function used(): Promise<number> {
  const files = await readdir(store.db.dataDir, { recursive: true, withFileTypes: true })
  const sizes = new Map<number, number>()
  for (const file of files.filter((each) => each.isFile())) {
    const found = await stat(path.join(file.parentPath, file.name)).catch(() => undefined)
    if (found) sizes.set(found.ino, found.size)
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

test('after a load only what is kept takes space on the disk', async () => {
  const clearway = await loadMapping('clearway')
  const rows = Array.from(
    { length: 20_000 },
    (_, at) => `C${at},1,permits,Applied,2026-01-05T09:00:00Z,${randomBytes(140).toString('base64')}`,
  )
  const content = `case_id,event_id,service,activity,time,reason\n${rows.join('\n')}\n`
  // the second one is compared with what is held, which takes tables of its own
  for (const name of ['first.csv', 'second.csv']) {
    const file = await store.file(
      name,
      name === 'first.csv' ? content : content.replaceAll(',Applied,', ',Seen,'),
    )
    await load(store.db, { file, mapping: clearway, source: 'disk' })
  }
  const kept = Number(await store.value('SELECT sum(bytes_on_disk) FROM system.parts'))
  expect(kept).toBeGreaterThan(2 * 20_000 * 140)
  expect(await used()).toBeLessThan(kept * 1.05)
})
