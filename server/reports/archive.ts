import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { withLock } from '../../pipelines/lock.ts'
import { isCode, settleFolder, writeDurably } from '../durable.ts'
import type { ReportFile } from './content.ts'
import { counting, sha256Of, sizeOf } from './delivery/bytes.ts'
import { reportsDir } from './delivery/settings.ts'

const about = z.object({
  /** What a reader saves it as. */
  name: z.string(),
  media_type: z.string(),
  figures_sha256: z.string(),
  report: z.string(),
  from: z.string(),
  until: z.string(),
  as_of: z.string().nullable(),
  made_at: z.string(),
})
/** What a file in the archive tells of. */
export type AboutReport = z.output<typeof about>
export type ArchivedReport = ReportFile & AboutReport

const kept = about.extend({ bytes: z.number(), kept_at: z.string() })

type Forgetting = { days?: number; needed?: (sha256: string) => boolean; now?: number }

const dayMs = 86_400_000

/** Every report as it was sent, a file under its own SHA-256 with what it is beside it. The same content is there once. */
export function openArchive(dataDir: string) {
  const root = path.join(reportsDir(dataDir), 'archive')
  const folderOf = (sha256: string) => path.join(root, sha256.slice(0, 2))
  const placeOf = (sha256: string) => path.join(folderOf(sha256), sha256)
  const noteOf = (sha256: string) => `${placeOf(sha256)}.json`
  /** One empty file for each report, named by the checksums of its figures and of itself: `verify` knows only the first. */
  const figuresDir = (figures: string) => path.join(root, 'figures', figures.slice(0, 2))
  const figuresOf = (figures: string, sha256: string) =>
    path.join(figuresDir(figures), `${figures}.${sha256}`)
  const locked = <T>(work: () => Promise<T>): Promise<T> => withLock(root, 'archive', work)

  async function keep(file: string, given: AboutReport): Promise<ReportFile> {
    await mkdir(root, { recursive: true })
    const aside = path.join(root, `.${randomUUID()}.part`)
    try {
      const { sha256, bytes } = await copied(file, aside)
      await mkdir(folderOf(sha256), { recursive: true })
      await mkdir(figuresDir(given.figures_sha256), { recursive: true })
      await locked(async () => {
        await nameOnce(aside, placeOf(sha256))
        await writeFile(figuresOf(given.figures_sha256, sha256), '')
        const note = { ...about.parse(given), bytes, kept_at: new Date().toISOString() }
        // what has a note is whole
        await writeDurably(noteOf(sha256), JSON.stringify(note))
      })
      await settleFolder(root)
      const { name, media_type } = given
      return { path: placeOf(sha256), name, media_type, bytes, sha256 }
    } finally {
      await rm(aside, { force: true })
    }
  }

  /** Undefined when it is not in the archive, or not any more. */
  async function open(sha256: string): Promise<ArchivedReport | undefined> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined
    const note = await readNote(noteOf(sha256))
    if (!note || (await sizeOf(placeOf(sha256))) !== note.bytes) return undefined
    const { kept_at: _, ...rest } = note
    return { ...rest, path: placeOf(sha256), sha256 }
  }

  /** Reports whose file or whose figures have a checksum that begins like this; 8 hex digits or more. */
  async function find(prefix: string): Promise<ArchivedReport[]> {
    const wanted = prefix.toLowerCase()
    if (!/^[0-9a-f]{8,64}$/.test(wanted)) return []
    const files = (await namesIn(folderOf(wanted))).filter((name) => /^[0-9a-f]{64}$/.test(name))
    const figures = (await namesIn(figuresDir(wanted))).filter((name) => name.startsWith(wanted))
    const found = new Set([
      ...files.filter((name) => name.startsWith(wanted)),
      ...figures.map((name) => name.slice(65)),
    ])
    const reports = await Promise.all([...found].map(open))
    return reports.filter((report) => report !== undefined)
  }

  /** What a file is: `archived` when these very bytes were sent. `whole` is false when the archive's own copy is damaged. */
  async function verify(file: string) {
    const sha256 = await sha256Of(file)
    const archived = sha256 === undefined ? undefined : await open(sha256)
    const whole = archived !== undefined && (await sha256Of(archived.path)) === sha256
    return { sha256, archived, whole }
  }

  /**
   * Forgets what was last kept more than `days` ago, and gives the checksums of what is gone. What a run under way needs stays:
   * `needed` is asked again for each file just before.
   */
  async function forget({
    days = 400,
    needed = () => false,
    now = Date.now(),
  }: Forgetting = {}): Promise<string[]> {
    const gone: string[] = []
    for (const part of (await namesIn(root)).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      const names = await namesIn(path.join(root, part))
      for (const sha256 of new Set(names.map((name) => name.replace(/\.json$/, ''))))
        if (/^[0-9a-f]{64}$/.test(sha256) && (await isOver(sha256)) && (await forgetOne(sha256)))
          gone.push(sha256)
    }
    // left by a process that died while it copied
    for (const name of (await namesIn(root)).filter((each) => each.endsWith('.part')))
      if (await isOlder(path.join(root, name))) await rm(path.join(root, name), { force: true })
    return gone

    async function isOver(sha256: string): Promise<boolean> {
      const note = await readNote(noteOf(sha256))
      // one without a note was never given to anybody
      return note ? now - Date.parse(note.kept_at) > days * dayMs : isOlder(placeOf(sha256))
    }

    function forgetOne(sha256: string): Promise<boolean> {
      return locked(async () => {
        // it may have been kept again meanwhile
        if (needed(sha256) || !(await isOver(sha256))) return false
        await take(sha256)
        return true
      })
    }

    async function isOlder(file: string): Promise<boolean> {
      const age = await stat(file).then(
        ({ mtimeMs }) => now - mtimeMs,
        () => 0,
      )
      return age > dayMs
    }
  }

  /** The note goes last: what is left half is taken away the next time. */
  async function take(sha256: string): Promise<void> {
    const note = await readNote(noteOf(sha256))
    await rm(placeOf(sha256), { force: true })
    if (note) await rm(figuresOf(note.figures_sha256, sha256), { force: true })
    await rm(noteOf(sha256), { force: true })
  }

  /** Takes reports away for good, whoever still needs them. */
  const remove = (reports: readonly string[]): Promise<void> =>
    locked(async () => {
      for (const sha256 of reports) await take(sha256)
    })

  /** Every report that is kept. */
  async function list(): Promise<ArchivedReport[]> {
    const folders = (await namesIn(root)).filter((name) => /^[0-9a-f]{2}$/.test(name))
    const names = await Promise.all(folders.map((folder) => namesIn(path.join(root, folder))))
    const reports = await Promise.all(names.flat().map(open))
    return reports.filter((report) => report !== undefined)
  }

  return { keep, open, find, verify, forget, remove, list }
}
export type Archive = ReturnType<typeof openArchive>

/** Copies a file and is done when it is on disk. */
async function copied(from: string, to: string): Promise<{ sha256: string; bytes: number }> {
  const { through, sum } = counting()
  await pipeline(
    createReadStream(from),
    through,
    createWriteStream(to, { flags: 'wx', mode: 0o400, flush: true }),
  )
  return sum()
}

/** What is there already has this content, since it has this name; unless it was damaged, then it is mended. */
async function nameOnce(aside: string, place: string): Promise<void> {
  try {
    await link(aside, place)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    if ((await sha256Of(place)) === path.basename(place)) return
    await rm(place, { force: true })
    await link(aside, place)
  }
  await settleFolder(path.dirname(place))
}

async function readNote(file: string): Promise<z.output<typeof kept> | undefined> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error) => {
    if (isCode(error, 'ENOENT')) return []
    throw error
  })
