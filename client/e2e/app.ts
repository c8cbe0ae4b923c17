import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sparticuz from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { ConfigInput } from '../../sql/config.ts'
import { copyCity } from './sampleCity.ts'
import { command, startServer } from './server.ts'

export type App = { url: string; dir: string; stop: () => Promise<void> }

/** The built app on a free port and a data folder of its own, with a small sample city in it, and sources that it watches. */
export async function startApp(
  options: { sources?: (dir: string) => Promise<ConfigInput['sources']> } = {},
): Promise<App> {
  const dir = await mkdtemp(join(tmpdir(), 'clearway-browser-'))
  await copyCity(dir)
  if (options.sources) {
    const config = await readFile(join(dir, 'sample-city', 'clearway.config.json'), 'utf8')
    const own = { ...JSON.parse(config), sources: await options.sources(dir) }
    await writeFile(join(dir, 'clearway.config.json'), JSON.stringify(own))
  }
  const { url, stop } = await startServer(dir, ['demo', '--no-release'])
  return {
    url,
    dir,
    stop: () => stop().then(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })),
  }
}

/** A key, for sending rows unless told otherwise, made by the command line beside the running app. */
export async function makeKey(app: App, rights: string[] = ['--role', 'ingest']): Promise<string> {
  const options = ['key', 'create', '--name', 'a-newcomer', ...rights, '--json', '--data', app.dir]
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...options])
  return (JSON.parse(stdout) as { key: string }).key
}

// Switches that make this Chromium small also make it fall over with several pages, or look away from what a test must see. Without a
// graphics card one is imitated, which takes longer than to draw without.
const unwanted =
  /^--(single-process|disable-web-security|allow-running-insecure-content|.*gpu.*|use-gl=.*|use-angle=.*|.*swiftshader)$/

/** The Chromium inside the npm package, unless CHROMIUM_PATH names another. */
export async function startBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH
  return chromium.launch({
    executablePath: own ?? (await sparticuz.executablePath()),
    args: own ? ['--no-sandbox'] : [...sparticuz.args.filter((arg) => !unwanted.test(arg)), '--disable-gpu'],
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
