import { join } from 'node:path'
import { Hono } from 'hono'
import type { Env } from '../env.ts'
import { secured } from '../guard/headers.ts'
import { close, listen, portOf, toldToStop } from '../listening.ts'
import { publicSite } from '../publicSite.ts'

export type PublicFlags = { host: string; path: string }

/** Serves the public folder and nothing else: this process never opens the store. */
export async function servePublic(env: Env, { host, path }: PublicFlags): Promise<void> {
  const app = new Hono().use(secured).route(path, publicSite(join(env.CLEARWAY_DATA, 'public')))
  const server = await listen(app.fetch, env.PORT, host)
  process.stdout.write(`The public pages are at http://${host}:${portOf(server)}${path}\n`)
  await toldToStop()
  await close(server)
}
