import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { hashFile } from '../check.ts'
import { note } from './failed.ts'

const mostKept = 20

/** Where answers land, and where those are kept that did not load. */
export class HttpFolder {
  readonly path: string
  readonly #fetched: string
  readonly #failed: string

  constructor(folder: string) {
    this.path = folder
    this.#fetched = path.join(folder, 'fetched')
    this.#failed = path.join(folder, 'failed')
  }

  /** What a process that died had fetched is asked for again, so it goes. */
  async open(): Promise<void> {
    await rm(this.#fetched, { recursive: true, force: true })
    for (const folder of [this.#fetched, this.#failed]) await mkdir(folder, { recursive: true, mode: 0o700 })
  }

  readonly fetched = (name: string): string => path.join(this.#fetched, name)

  /**
   * Keeps a file that did not load, with the reason beside it. What is kept of the same bytes, or is `replaced` by them, goes; of others
   * the newest stay.
   */
  async keep(file: string, reason: string, replaced: string | undefined): Promise<void> {
    await this.forget(replaced)
    const [{ size }, sha] = [await stat(file), await hashFile(file)]
    const kept: { name: string; since: number }[] = []
    for (const name of await readdir(this.#failed)) {
      if (name.endsWith(note)) continue
      const earlier = await stat(path.join(this.#failed, name))
      const isSame = earlier.size === size && (await hashFile(path.join(this.#failed, name))) === sha
      if (isSame) await this.#remove(name)
      else kept.push({ name, since: earlier.mtimeMs })
    }
    kept.sort((a, b) => b.since - a.since)
    for (const { name } of kept.slice(mostKept - 1)) await this.#remove(name)
    const target = path.join(this.#failed, path.basename(file))
    await writeFile(target + note, `${reason}\n`, { mode: 0o600 })
    await rename(file, target)
  }

  /** Removes kept files whose rows are in a later answer: those whose names begin so. */
  async forget(start: string | undefined): Promise<void> {
    if (start === undefined) return
    for (const name of await readdir(this.#failed)) if (name.startsWith(start)) await this.#remove(name)
  }

  async #remove(name: string): Promise<void> {
    for (const each of [name, name + note]) await rm(path.join(this.#failed, each), { force: true })
  }
}
