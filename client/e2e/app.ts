import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import sparticuz from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { makeCity } from '../../fixtures/city/make.ts'
import type { ConfigInput } from '../../sql/config.ts'

export type App = { url: string; dir: string; stop: () => Promise<void> }

const command = join(import.meta.dirname, '../../dist/server/clearway.js')

/** The built app on a fresh data folder and a free port, with a small sample city in it, and sources that it watches. */
export async function startApp(
  options: { scale?: number; sources?: (dir: string) => Promise<ConfigInput['sources']> } = {},
): Promise<App> {
  const { scale = 0.1, sources } = options
  const dir = await mkdtemp(join(tmpdir(), 'clearway-browser-'))
  const city = join(dir, 'sample-city')
  await mkdir(city, { recursive: true })
  const { files, config } = await makeCity({ dir: city, seed: 7, scale })
  if (sources) {
    const own = { ...config, sources: await sources(dir) }
    await writeFile(join(dir, 'clearway.config.json'), JSON.stringify(own))
  }
  // A city that is made but not yet loaded: the demo goes on from there.
  const state = {
    files: files.map(({ path, ...rest }) => ({ ...rest, name: basename(path) })),
    loaded: false,
  }
  await writeFile(join(city, 'state.json'), JSON.stringify(state))
  const server = spawn(process.execPath, [command, 'demo', '--no-release', '--port', '0', '--data', dir], {
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = async () => {
    await ended(server)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    return { url: await address(server), dir, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A key for sending rows, made by the command line beside the running app. */
export async function makeKey(app: App): Promise<string> {
  const options = ['key', 'create', '--name', 'a-newcomer', '--role', 'ingest', '--json', '--data', app.dir]
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...options])
  return (JSON.parse(stdout) as { key: string }).key
}

/** The address the server prints once it answers. */
function address(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk.toString()
      const found = /http:\/\/localhost:\d+/.exec(said)
      if (found) resolve(found[0])
    }
    server.stdout?.on('data', listen)
    server.stderr?.on('data', listen)
    server.once('exit', (code) =>
      reject(new Error(`The app ended with ${code} before it answered:\n${said}`)),
    )
  })
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    server.once('exit', () => resolve())
    server.kill('SIGTERM')
  })
}

// Switches that make this Chromium small also make it fall over with several pages, or look away from what a test must see.
const unwanted = new Set(['--single-process', '--disable-web-security', '--allow-running-insecure-content'])

/** The Chromium inside the npm package, unless CHROMIUM_PATH names another. */
export async function startBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH
  return chromium.launch({
    executablePath: own ?? (await sparticuz.executablePath()),
    args: own ? ['--no-sandbox'] : sparticuz.args.filter((arg) => !unwanted.has(arg)),
    headless: true,
  })
}

/** A page in a context of its own, with everything the browser complained about (violations of the CSP too). */
export async function openPage(
  browser: Browser,
  app: Pick<App, 'url'>,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[]; close: () => Promise<void> }> {
  const context = await browser.newContext({
    baseURL: app.url,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const close = async () => {
    // an answer that is still being changed on its way to the page is nobody's fault once the page is closed
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await context.close()
  }
  return { page, complaints, close }
}
