import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context.ts'
import { problemResponse } from '../errors.ts'
import type { Archive } from './archive.ts'
import { savedAs } from './delivery/bytes.ts'
import { checkLink } from './link.ts'

/** What links to reports need: the archive, and the key they were signed with. */
export type ReportLinks = { archive: Pick<Archive, 'open'>; key: Buffer }

/** Writes down that a report was fetched; what cannot be written down is not given. */
type NoteOpened = (c: Context<AppEnv>, sha256: string) => Promise<void>

/** Reports by signed, expiring links, as mails carry them. It holds no way to read the store. */
export const linkRoutes = ({ archive, key }: ReportLinks, noteOpened: NoteOpened, now = Date.now) =>
  new Hono<AppEnv>().get('/:token', async (c) => {
    for (const [name, value] of Object.entries(always)) c.header(name, value)
    const link = checkLink(key, c.req.param('token'))
    if (!link)
      return problemResponse(c, 404, {
        kind: 'link',
        title: 'No such link',
        detail: 'This link is not complete, or this server did not make it. Copy it whole from the message.',
      })
    if (link.until.getTime() <= now())
      return problemResponse(c, 410, {
        kind: 'link-expired',
        title: 'The link has expired',
        detail: `It could be used until ${link.until.toISOString()}. Ask the office that sent it for the report.`,
      })
    const report = await archive.open(link.sha256)
    if (!report)
      return problemResponse(c, 410, {
        kind: 'report-gone',
        title: 'The report is gone',
        detail: 'Its time in the archive is over. Ask the office that sent it for the report.',
      })
    await noteOpened(c, link.sha256)
    const headers = {
      'Content-Type': report.media_type,
      'Content-Length': String(report.bytes),
      'Content-Disposition': savedAs(report.name),
    }
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    return c.body(Readable.toWeb(createReadStream(report.path)) as ReadableStream, 200, headers)
  })

const always = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'X-Robots-Tag': 'noindex',
}
