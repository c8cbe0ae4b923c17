import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { type FileHandle, lstat, open, readdir, readlink, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { isCode, settleFolder } from '../durable.ts'
import { counting, telling } from '../reports/delivery/bytes.ts'
import { type Head, headName, isInner, type Manifest, manifestName } from './head.ts'

type Header = Parameters<Pack['entry']>[0]

/** A backup that is being written. It is there whole under its name once it was ended, or not at all. */
export class Packing {
  readonly #tar = pack()
  readonly #out: string
  readonly #onBytes: (bytes: number) => void
  readonly #counted = counting()
  readonly #written: Promise<void>
  readonly #files: Manifest['files'] = []
  readonly #links: Manifest['links'] = []
  /** The first name of each file that has several. */
  readonly #named = new Map<string, string>()

  private constructor(out: string, onBytes: (bytes: number) => void) {
    this.#out = out
    this.#onBytes = onBytes
    const file = createWriteStream(`${out}.part`, { mode: 0o600, flush: true })
    this.#written = pipeline(this.#tar, this.#counted.through, file)
    // told by the next step, or by the end
    this.#written.catch(() => {})
  }

  /** `onBytes` is told of the bytes of files as they go by. */
  static async start(out: string, head: Head, onBytes: (bytes: number) => void): Promise<Packing> {
    const packing = new Packing(out, onBytes)
    await packing.#text(headName, head)
    return packing
  }

  /** All of a folder below `as`, by name; `skip` leaves out what it is true of. What goes away meanwhile is left out. */
  async folder(from: string, as: string, skip: (name: string) => boolean = () => false): Promise<void> {
    const names = await readdir(from).catch(gone)
    for (const name of (names ?? []).sort()) {
      const inner = as === '' ? name : `${as}/${name}`
      if (!skip(inner)) await this.#entry(path.join(from, name), inner, skip)
    }
  }

  async #entry(from: string, as: string, skip: (name: string) => boolean): Promise<void> {
    const about = await lstat(from).catch(gone)
    if (!about) return
    const { mode, mtime } = about
    if (about.isSymbolicLink()) {
      const to = await readlink(from)
      // a link out of the folder would lead nowhere on another machine: a file is taken itself, a folder stays away
      if (!isInner(to)) {
        if ((await stat(from).catch(gone))?.isFile()) await this.file(from, as)
        return
      }
      await this.#write({ name: as, type: 'symlink', linkname: to, mtime })
      this.#links.push({ path: as, to })
    } else if (about.isDirectory()) {
      await this.#write({ name: as, type: 'directory', mode: mode & 0o777, mtime })
      await this.folder(from, as, skip)
    } else if (about.isFile()) await this.file(from, as)
  }

  /** One file, as long as it is when it is opened: what only grows is taken as it stood then. */
  async file(from: string, as: string): Promise<void> {
    const handle = await open(from, 'r').catch(gone)
    if (!handle) return
    try {
      const { size, mode, mtime, ino, dev, nlink } = await handle.stat()
      const first = nlink > 1 ? this.#named.get(`${dev}:${ino}`) : undefined
      if (first !== undefined) {
        await this.#write({ name: as, type: 'link', linkname: first, mtime })
        this.#links.push({ path: as, to: first })
        return
      }
      if (nlink > 1) this.#named.set(`${dev}:${ino}`, as)
      await this.#stream(handle, { name: as, size, mode: mode & 0o777, mtime })
    } finally {
      await handle.close()
    }
  }

  /** Ends the backup with the list of all that is in it. Gives the size and the checksum of the whole file. */
  async end(): Promise<{ bytes: number; sha256: string }> {
    const manifest: Manifest = { files: this.#files, links: this.#links }
    await this.#text(manifestName, manifest)
    this.#tar.finalize()
    await this.#written
    await rename(`${this.#out}.part`, this.#out)
    await settleFolder(path.dirname(this.#out))
    return this.#counted.sum()
  }

  /** Leaves nothing of it. */
  async abort(): Promise<void> {
    this.#tar.destroy()
    await this.#written.catch(() => {})
    await rm(`${this.#out}.part`, { force: true })
  }

  async #text(as: string, content: object): Promise<void> {
    const body = `${JSON.stringify(content, null, 1)}\n`
    await this.#write({ name: as, mode: 0o600 }, body)
    const sha256 = createHash('sha256').update(body).digest('hex')
    this.#files.push({ path: as, bytes: Buffer.byteLength(body), sha256 })
  }

  async #stream(handle: FileHandle, head: Header & { size: number }): Promise<void> {
    const { through, sum } = counting()
    if (head.size === 0) {
      await this.#write(head, '')
      through.end()
    } else {
      const read = handle.createReadStream({ end: head.size - 1, autoClose: false, highWaterMark: 1 << 20 })
      await this.#unlessCut(pipeline(read, telling(this.#onBytes), through, this.#tar.entry(head)))
    }
    this.#files.push({ path: head.name, ...sum() })
  }

  #write(head: Header, body = ''): Promise<void> {
    return this.#unlessCut(
      new Promise((resolve, reject) => {
        this.#tar.entry(head, body, (error) => (error ? reject(error) : resolve()))
      }),
    )
  }

  /** Where the file cannot be written any more, a step ends with the reason. */
  #unlessCut<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, this.#written.then(() => step)])
  }
}

function gone(error: unknown): undefined {
  if (!isCode(error, 'ENOENT')) throw error
}
