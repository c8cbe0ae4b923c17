import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { Hono } from 'hono'

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
const isText = /^(text|application\/(json|csvm|ld|atom|xml)|image\/svg)/

/** The part of a file name that people may ask for; nothing that begins with a dot. */
const safeName = /^[\w][\w .,-]*$/
const largest = 1024 * 1024
const roomForFiles = 64 * 1024 * 1024
/** How long it may take until a site that was switched is seen, in milliseconds. */
const noticedAfter = 200

type Kept = { body: Uint8Array; type: string; etag: string; coded: Map<Coding, Uint8Array> }
type Coding = 'br' | 'gzip' | 'identity'

/**
 * The public folder over HTTP: files and nothing else. It is given a folder and holds no way to the store, so that nothing
 * that was not released can be asked for. `folder` is a link to the site of now, which is switched in one moment.
 */
export function publicSite(folder: string) {
  const files = new Files(folder)
  return new Hono().get('*', async (c) => {
    const { pathname } = new URL(c.req.url)
    const base = c.req.routePath.replace(/\*$/, '')
    if (`${pathname}/` === base) return c.redirect(base, 308)
    const path = pathOf(pathname.slice(base.length))
    const found = path === null ? null : await files.find(path)
    const embedded = path?.includes('embed/') ?? false
    for (const [name, value] of Object.entries(headers(embedded))) c.header(name, value)
    if (found === null) {
      c.header('Cache-Control', 'no-store')
      const page = await files.find('404.html')
      return c.html(page && 'body' in page ? Buffer.from(page.body).toString() : nothingYet, 404)
    }
    c.header('Content-Type', found.type)
    c.header('Cache-Control', `public, max-age=${path?.startsWith('releases/') ? 3600 : 60}`)
    c.header('ETag', found.etag)
    if (!('body' in found)) {
      if (c.req.header('If-None-Match') === found.etag) return c.body(null, 304)
      c.header('Content-Length', String(found.bytes))
      if (c.req.method === 'HEAD') return c.body(null)
      return c.body(Readable.toWeb(createReadStream(found.path)) as ReadableStream)
    }
    c.header('Vary', 'Accept-Encoding')
    const coding = isText.test(found.type) ? codingOf(c.req.header('Accept-Encoding')) : 'identity'
    const etag = coding === 'identity' ? found.etag : found.etag.replace(/"$/, `-${coding}"`)
    c.header('ETag', etag)
    if (c.req.header('If-None-Match')?.includes(etag)) return c.body(null, 304)
    if (coding !== 'identity') c.header('Content-Encoding', coding)
    return c.body((await codedAs(found, coding)) as Uint8Array<ArrayBuffer>)
  })
}

/** The files of a folder, those asked for lately kept in memory: what was published never changes under its name. */
class Files {
  private readonly folder: string
  private readonly kept = new Map<string, Kept>()
  private room = roomForFiles
  private site = ''
  private lookedAt = Number.NEGATIVE_INFINITY
  private looking: Promise<string> = Promise.resolve('')

  constructor(folder: string) {
    this.folder = folder
  }

  /** The file, or where a large one lies. Null: there is none. */
  async find(
    path: string,
  ): Promise<Kept | { path: string; type: string; etag: string; bytes: number } | null> {
    const site = await this.siteOfNow()
    const kept = this.kept.get(path)
    if (kept) return kept
    const place = join(site, path)
    const type = path.endsWith('.csv-metadata.json') ? 'application/csvm+json' : types[extname(path)]
    const about = type === undefined || site === '' ? null : await stat(place).catch(() => null)
    if (type === undefined || !about?.isFile()) return null
    if (about.size > largest)
      return {
        path: place,
        type,
        etag: `"${about.size.toString(36)}-${Math.round(about.mtimeMs).toString(36)}"`,
        bytes: about.size,
      }
    const body = await readFile(place).catch(() => null)
    if (body === null) return null
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const file: Kept = { body, type, etag, coded: new Map() }
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
          this.kept.clear()
          this.room = roomForFiles
        }
        return site
      })
    return this.looking
  }
}

/** The file that a path stands for; null when it is none that may be asked for. */
function pathOf(asked: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(asked)
  } catch {
    return null
  }
  const names = path.split('/')
  if (names.at(-1) === '') names[names.length - 1] = 'index.html'
  return names.every((name) => safeName.test(name)) ? names.join('/') : null
}

const codingOf = (accepted = ''): Coding =>
  /\bbr\b(?!;q=0(\.0*)?\b)/.test(accepted)
    ? 'br'
    : /\bgzip\b(?!;q=0(\.0*)?\b)/.test(accepted)
      ? 'gzip'
      : 'identity'

async function codedAs(file: Kept, coding: Coding): Promise<Uint8Array> {
  if (coding === 'identity') return file.body
  const known = file.coded.get(coding)
  if (known) return known
  const made = await (coding === 'br'
    ? promisify(brotliCompress)(file.body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
    : promisify(gzip)(file.body, { level: 9 }))
  file.coded.set(coding, made)
  return made
}

/** Embedded charts may stand in frames everywhere; pages run no script at all. */
const headers = (embedded: boolean): Record<string, string> => ({
  'Content-Security-Policy': `default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors ${embedded ? '*' : "'self'"}`,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'Strict-Transport-Security': 'max-age=31536000',
})

const nothingYet = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Nothing is published here yet</title></head><body><main><h1>Nothing is published here yet</h1>
<p>There is no page at this address. Releases appear here at the minute they are announced for.</p></main></body></html>`
