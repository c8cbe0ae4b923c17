import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import type { AppEnv } from './context.ts'

const pages =
  /^\/(services(\/[^/]+)?|bottlenecks|stages(\/[^/]+)?|cases|satisfaction|fairness|data|reports|releases|audit|glossary)?\/?$/

/** The built dashboard: hashed files are kept for ever, the page itself is asked for each time. */
export function dashboard(folder: string) {
  const index = join(folder, 'index.html')
  const files = serveStatic<AppEnv>({ root: folder, precompressed: true })
  return new Hono<AppEnv>().get('*', async (c, next) => {
    const { path } = c.req
    if (/^\/(api|public|docs)(\/|$)/.test(path) || !existsSync(index)) return next()
    const wantsPage = c.req.header('Accept')?.includes('text/html') ?? false
    if (pages.test(path) || (wantsPage && !/\.\w+$/.test(path))) {
      c.header('Cache-Control', 'no-cache')
      return c.html(await readFile(index, 'utf8'), pages.test(path) ? 200 : 404)
    }
    const forever = path.startsWith('/assets/')
    c.header('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache')
    return files(c, next)
  })
}
