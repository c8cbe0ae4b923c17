import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { Hono } from 'hono'
import { type Coding, PublicFiles } from './publicFiles.ts'

type Found = Awaited<ReturnType<PublicFiles['find']>>

const isFirstPage = /^releases\/[^/]+\/index\.html$/

/** The part of a file name that people may ask for; nothing that begins with a dot. */
const safeName = /^[\w][\w .,-]*$/

/**
 * The public folder over HTTP: files and nothing else. It is given a folder and holds no way to the store, so that nothing
 * that was not released can be asked for.
 */
export function publicSite(folder: string) {
  const files = new PublicFiles(folder)
  const page = (found: Found, status: number) => {
    const body = found && 'body' in found ? Buffer.from(found.body) : nothingYet
    return new Response(body, {
      status,
      headers: { ...headers(false), 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
    })
  }
  /** What stands in place of a withdrawn release, wherever below it somebody asks. */
  const withdrawn = async (path: string): Promise<Found> => {
    const [release] = /^releases\/[^/]+\//.exec(path) ?? []
    return release && (await files.find(`${release}withdrawn.txt`))
      ? files.find(`${release}index.html`)
      : null
  }
  return new Hono().get('*', async (c) => {
    const { pathname } = new URL(c.req.url)
    const base = c.req.routePath.replace(/\*$/, '')
    if (`${pathname}/` === base) return c.redirect(base, 308)
    const path = pathOf(pathname.slice(base.length))
    const found = path === null ? null : await files.find(path)
    // a release that was not withdrawn has these files: only for its first page it is looked up
    const gone = path && (!found || isFirstPage.test(path)) ? await withdrawn(path) : null
    if (gone) return page(gone, 410)
    if (path === null || found === null) return page(await files.find('404.html'), 404)
    const common = {
      ...headers(path.includes('embed/')),
      'Content-Type': found.type,
      'Cache-Control': `public, max-age=${path.startsWith('releases/') ? 3600 : 60}`,
    }
    const has = c.req.header('If-None-Match')
    if (!('body' in found)) {
      const about = { ...common, ETag: found.etag }
      if (has?.includes(found.etag)) return new Response(null, { status: 304, headers: about })
      const stream = c.req.method === 'HEAD' ? null : Readable.toWeb(createReadStream(found.path))
      return new Response(stream as ReadableStream | null, {
        headers: { ...about, 'Content-Length': String(found.bytes) },
      })
    }
    const { body, etag, coding } = await found.as(codingOf(c.req.header('Accept-Encoding')))
    const about = { ...common, ETag: etag, Vary: 'Accept-Encoding' }
    if (has?.includes(etag)) return new Response(null, { status: 304, headers: about })
    return new Response(body, {
      headers: coding === 'identity' ? about : { ...about, 'Content-Encoding': coding },
    })
  })
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

/** Embedded charts carry their style with them and may stand in frames everywhere; pages run no script at all. */
const headersFor = (style: string, framed: string): Record<string, string> => ({
  'Content-Security-Policy': `default-src 'none'; style-src ${style}; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors ${framed}`,
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
})
const [anywhere, here] = [headersFor("'unsafe-inline'", '*'), headersFor("'self'", "'self'")]
const headers = (embedded: boolean) => (embedded ? anywhere : here)

const nothingYet = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Nothing is published here yet</title></head><body><main><h1>Nothing is published here yet</h1>
<p>There is no page at this address. Releases appear here at the minute they are announced for.</p></main></body></html>`
