import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.csv': 'text/csv; charset=utf-8; header=present',
  '.json': 'application/json; charset=utf-8',
  '.jsonld': 'application/ld+json; charset=utf-8',
  '.parquet': 'application/vnd.apache.parquet',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.ics': 'text/calendar; charset=utf-8',
  '.atom': 'application/atom+xml; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.pem': 'application/x-pem-file',
  '.sig': 'application/octet-stream',
}
const typeOf = (path: string) =>
  path.endsWith('.csv-metadata.json') ? 'application/csvm+json' : types[extname(path)]
const isText = /^(text|application\/(json|csvm|ld|atom|xml)|image\/svg)/

const largest = 1024 * 1024
const roomForFiles = 64 * 1024 * 1024
/** How long it may take until a site that was switched is seen, in milliseconds. */
const noticedAfter = 200

export type Coding = 'br' | 'gzip' | 'identity'
/** A file in memory, in the codings it was asked for so far; each is made once, whoever asks. */
type Kept = { body: Uint8Array; type: string; etag: string; as: (coding: Coding) => Promise<Coded> }
type Coded = { body: Uint8Array<ArrayBuffer>; etag: string; coding: Coding }
/** A file too large to keep. */
type Large = { path: string; type: string; etag: string; bytes: number }

/** The files of a folder, those asked for lately kept in memory: what was published never changes under its name. */
export class PublicFiles {
  private readonly folder: string
  private kept = new Map<string, Kept>()
  private reading = new Map<string, Promise<Kept | Large | null>>()
  private room = roomForFiles
  private site = ''
  private lookedAt = Number.NEGATIVE_INFINITY
  private looking: Promise<string> = Promise.resolve('')

  /** `folder` is a link to the site of now, which is switched in one moment. */
  constructor(folder: string) {
    this.folder = folder
  }

  /** The file, or where a large one lies. Null: there is none. */
  async find(path: string): Promise<Kept | Large | null> {
    const site = await this.siteOfNow()
    const known = this.kept.get(path) ?? this.reading.get(path)
    if (known) return known
    const { reading } = this
    const read = this.read(site, path).finally(() => reading.delete(path))
    reading.set(path, read)
    return read
  }

  private async read(site: string, path: string): Promise<Kept | Large | null> {
    const type = typeOf(path)
    if (site === '' || type === undefined) return null
    const place = join(site, path)
    const about = await stat(place).catch(() => null)
    if (!about?.isFile()) return null
    if (about.size > largest) {
      const etag = `"${about.size.toString(36)}-${Math.round(about.mtimeMs).toString(36)}"`
      return { path: place, type, etag, bytes: about.size }
    }
    const body = await readFile(place).catch(() => null)
    if (body === null) return null
    const file = keep(body, type)
    if (site === this.site && this.room >= body.length) {
      this.room -= body.length
      this.kept.set(path, file)
    }
    return file
  }

  /** Empty while nothing is published. Who asks while it is looked up waits for the same answer. */
  private siteOfNow(): Promise<string> {
    const now = performance.now()
    if (now - this.lookedAt < noticedAfter) return this.looking
    this.lookedAt = now
    this.looking = realpath(this.folder)
      .catch(() => '')
      .then((site) => {
        if (site !== this.site) {
          this.site = site
          this.kept = new Map()
          this.reading = new Map()
          this.room = roomForFiles
        }
        return site
      })
    return this.looking
  }
}

function keep(body: Uint8Array<ArrayBuffer>, type: string): Kept {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const made = new Map<Coding, Promise<Coded>>()
  const as = (wanted: Coding): Promise<Coded> => {
    const coding = isText.test(type) ? wanted : 'identity'
    const known = made.get(coding) ?? code(body, etag, coding)
    made.set(coding, known)
    return known
  }
  return { body, type, etag, as }
}

async function code(body: Uint8Array<ArrayBuffer>, etag: string, coding: Coding): Promise<Coded> {
  if (coding === 'identity') return { body, etag, coding }
  const coded = await (coding === 'br'
    ? promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
    : promisify(gzip)(body, { level: 9 }))
  return { body: coded, etag: etag.replace(/"$/, `-${coding}"`), coding }
}
