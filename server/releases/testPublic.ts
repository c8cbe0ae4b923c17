import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noteSteps } from '../../sql/releaseLog.ts'
import { build } from './build.ts'
import type { Desk } from './desk.ts'
import { siteOf } from './siteOf.ts'

/** For tests: builds a release of the figures as they are now and makes it public. */
export async function makePublic(desk: Desk, asked: Parameters<typeof build>[1]): Promise<string> {
  const { id } = await build(desk, { at: 'now', ...asked }, { id: 'a', name: 'Builder' })
  await noteSteps(
    desk.db,
    (['checked', 'approved', 'scheduled', 'published'] as const).map((step) => ({
      step,
      release: id,
      at: desk.now().toISOString(),
      key_id: '',
      key_name: '',
      reason: '',
      manifest: '',
    })),
  )
  return id
}

/** For tests: every public file by its path, of these releases and of the site. */
export async function publicFolder(desk: Desk, releases: readonly string[]): Promise<Map<string, Buffer>> {
  const folder = new Map<string, Buffer>()
  for (const id of releases) {
    const root = join(desk.db.dataDir, 'releases', id)
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name)
        folder.set(`releases/${id}/${path.slice(root.length + 1)}`, await readFile(path))
      }
  }
  const { site } = await siteOf(desk)
  for (const { path, body } of await (await desk.makers()).siteFiles(site))
    folder.set(path, Buffer.from(body))
  return folder
}
