import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { close as closeServer, listen, portOf } from '../../server/listening.ts'
import { type Account, startProvider, type TestProvider } from '../../server/signIn/testProvider.ts'
import type { ConfigInput } from '../../sql/config.ts'
import { openPage, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'
import { command, startServer } from './server.ts'

/** People sign in at a real OpenID provider in a real browser, and what can go wrong with it. */

/** The app without any data: who may see none needs none. */
let app: { url: string; dir: string; stop: () => Promise<void> }
let browser: Browser
let provider: TestProvider

const people = (): Record<string, Account> => ({
  ada: { name: 'Ada Lovelace', groups: ['planning-heads'] },
  ben: { name: 'Ben', groups: ['chess'] },
})

/** What the app goes by from now on. */
async function configure(dir: string, session: NonNullable<ConfigInput['access']>['session'] = {}) {
  const config: ConfigInput = {
    jurisdiction: { name: 'Sample City', time_zone: 'UTC' },
    departments: [{ id: 'planning', name: 'Planning' }],
    access: {
      groups: [
        { group: 'planning-heads', role: 'viewer', department: ['planning'] },
        { group: 'stewards', role: 'data_steward' },
        { group: 'desk', role: 'case_worker' },
        { group: 'analysts', role: 'analyst' },
      ],
      session,
    },
  }
  // whole or not at all: the app may be reading it
  await writeFile(join(dir, 'new.json'), JSON.stringify(config))
  await rename(join(dir, 'new.json'), join(dir, 'clearway.config.json'))
}

beforeAll(async () => {
  // the provider has to know where Clearway is before it is there
  const place = await listen(() => new Response(), 0)
  const port = portOf(place)
  await closeServer(place)
  provider = await startProvider(`http://localhost:${port}`, people())
  const env = {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: 'clearway',
    OIDC_CLIENT_SECRET: 'a secret that only the two know',
    OIDC_NAME: 'City account',
  }
  const dir = await mkdtemp(join(tmpdir(), 'clearway-sign-in-'))
  await configure(dir)
  const [server, started] = await Promise.all([startServer(dir, ['serve'], { port, env }), startBrowser()])
  app = { ...server, dir }
  browser = started
})
beforeEach(async () => {
  provider.forge = undefined
  provider.away = false
  Object.assign(provider.accounts, people())
  await configure(app.dir)
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
  await provider?.stop()
  await rm(app.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

/** What is wrong with a page on a phone and on a desk, in both themes. `CLEARWAY_SHOTS` names a folder for pictures. */
const faults = (page: Page, name: string, prepare?: (width: number) => Promise<void>) =>
  faultsOf(page, async ({ colorScheme, width }) => {
    await prepare?.(width)
    const shots = process.env.CLEARWAY_SHOTS
    if (shots) await page.screenshot({ path: `${shots}/sign-in-${name}-${colorScheme}-${width}.png` })
  })

/** From the page that lists whom one can sign in with, to where one wanted to go. */
async function signIn(page: Page, account: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with City account' }).click()
  await page.getByLabel('Account').fill(account)
  await page.getByRole('button', { name: 'Continue' }).click()
}
const menu = (page: Page) => page.locator('summary', { hasText: 'Ada Lovelace' })
const choice = (page: Page) => page.getByRole('heading', { level: 1, name: 'Sign in', exact: true })
const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

/** A browser of its own in which Ada is signed in. */
async function signedIn() {
  const opened = await openPage(browser, app)
  await opened.page.goto('/glossary')
  await signIn(opened.page, 'ada')
  await menu(opened.page).waitFor()
  return opened
}
const sessionOf = async (context: BrowserContext) =>
  (await context.cookies()).find(({ name }) => name === 'clearway-session')

test('who opens a page signs in, comes back to that page, sees as what, and signs out everywhere', async () => {
  const { page, close } = await openPage(browser, app)
  const wanted = '/services?compare=year'
  await page.goto(wanted)
  await choice(page).waitFor()
  expect(await faults(page, 'choice')).toEqual([])
  await signIn(page, 'ada')
  await page.waitForURL(`${app.url}${wanted}`)
  await menu(page).click()
  await page.getByText('Viewer sees figures').waitFor()
  const opened = await faults(page, 'menu', async (width) => {
    const phone = page.getByRole('button', { name: 'Menu' })
    if (width < 768 && (await phone.getAttribute('aria-expanded')) === 'false') await phone.click()
    await page.getByText('Viewer sees figures').waitFor()
  })
  expect(opened).toEqual([])
  expect(await sessionOf(page.context())).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })

  await page.getByRole('button', { name: 'Sign out' }).click()
  // the provider asks, and comes back
  await page.getByRole('button', { name: 'Yes, sign me out' }).click()
  await title(page, 'You are signed out')
  expect(await sessionOf(page.context())).toBeUndefined()
  await page.goto(wanted)
  await choice(page).waitFor()
  await page.getByRole('link', { name: 'Sign in with City account' }).click()
  await page.getByLabel('Account').waitFor()
  await close()
})

test('whose groups mean nothing here is told so, and can come as somebody else', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/')
  await signIn(page, 'ben')
  await title(page, 'Your account has no rights here')
  expect(await faults(page, 'no-rights')).toEqual([])
  expect(await sessionOf(page.context())).toBeUndefined()
  await page.getByRole('link', { name: 'Use another account' }).click()
  await page.getByRole('button', { name: 'Yes, sign me out' }).click()
  await title(page, 'You are signed out')
  await close()
})

test('a session that has expired, or was ended by somebody else, leads to the sign-in and back', async () => {
  const { page, close } = await signedIn()
  await configure(app.dir, { hours: 0.000_1 })
  await page.getByRole('link', { name: 'Data', exact: true }).click()
  await page.getByText('Your session has ended.').waitFor()
  await configure(app.dir)
  await page.getByRole('link', { name: 'Sign in with City account' }).click()
  await page.waitForURL(/\/data$/)
  await menu(page).waitFor()

  await promisify(execFile)(process.execPath, [command, 'sign-in', 'end', 'oidc:ada', '--data', app.dir])
  await expect
    .poll(async () => {
      await page.goto('/fairness', { waitUntil: 'networkidle' })
      return page.getByText('Your session has ended.').count()
    })
    .toBe(1)
  await close()
})

test('a cookie that was changed opens nothing', async () => {
  const { page, close } = await signedIn()
  const cookie = await sessionOf(page.context())
  const value = cookie?.value ?? ''
  const last = value.at(-6) === 'A' ? 'B' : 'A'
  const changed = value.slice(0, -6) + last + value.slice(-5)
  await page.context().addCookies([{ name: 'clearway-session', value: changed, url: app.url }])
  await page.goto('/services')
  await choice(page).waitFor()
  await page.context().addCookies([{ name: 'clearway-session', value, url: app.url }])
  await page.goto('/services')
  await menu(page).waitFor()
  await close()
})

test('an ID token for another client signs nobody in', async () => {
  provider.forge = (claims) => provider.sign({ ...claims, aud: 'another' })
  const { page, close } = await openPage(browser, app)
  await page.goto('/')
  await signIn(page, 'ada')
  await title(page, 'You are not signed in')
  expect(await sessionOf(page.context())).toBeUndefined()
  await close()
})

test('the way back from the provider is gone once', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/')
  await choice(page).waitFor()
  await page.getByRole('link', { name: 'Sign in with City account' }).click()
  await page.getByLabel('Account').fill('ada')
  const pending = (await page.context().cookies()).filter(({ name }) => name === 'clearway-pending')
  expect(pending).toHaveLength(1)
  const back = page.waitForRequest(/\/sign-in\/oidc\/done/)
  await page.getByRole('button', { name: 'Continue' }).click()
  await menu(page).waitFor()
  const replayed = (await back).url()
  await page.context().clearCookies({ name: 'clearway-session' })
  await page.context().addCookies(pending)
  await page.goto(replayed)
  await title(page, 'This sign-in is over')
  expect(await sessionOf(page.context())).toBeUndefined()
  await close()
})

test('a change of groups counts while somebody is signed in', async () => {
  const { page, close } = await signedIn()
  await menu(page).click()
  await page.getByText('Viewer sees figures').waitFor()
  provider.accounts.ada = { name: 'Ada Lovelace', groups: ['stewards'] }
  await configure(app.dir, { check_minutes: 0.000_1 })
  await page.goto('/glossary')
  await menu(page).click()
  await page.getByText('Data steward looks after').waitFor()
  await close()
})

test('who has a report show single cases is asked once what for', async () => {
  provider.accounts.ada = { name: 'Ada Lovelace', groups: ['desk', 'analysts'] }
  const { page, close } = await signedIn()
  await page.goto('/reports?report=case-list')
  const first = page.getByText('shows single cases, which can lead to people')
  await first.waitFor()
  expect(await faults(page, 'purpose')).toEqual([])
  const schedule = page.getByRole('button', { name: 'Schedule it' })
  expect(await schedule.isDisabled()).toBe(true)
  await page.getByLabel('I open them for').selectOption('Complaint')
  await page.getByRole('button', { name: 'Say so' }).click()
  await first.waitFor({ state: 'detached' })
  expect(await schedule.isEnabled()).toBe(true)
  // what was said holds for the tab
  await page.reload()
  await schedule.waitFor()
  expect([await first.count(), await schedule.isEnabled()]).toEqual([0, true])
  await page.evaluate(() => sessionStorage.clear())
  await page.reload()
  await first.waitFor()
  await close()
})

test('while the provider is down nobody signs in, and is told so', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/')
  await choice(page).waitFor()
  await page.getByRole('link', { name: 'Sign in with City account' }).click()
  await page.getByLabel('Account').fill('ada')
  // it sends them back, and is gone when we ask who it was
  provider.away = true
  await page.getByRole('button', { name: 'Continue' }).click()
  await title(page, 'Sign-in is not possible just now')
  provider.away = false
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Sign in with City account' }).click()
  await menu(page).waitFor()
  await close()
})

test('a link from the command line signs the administrator of the machine in, once', async () => {
  const port = new URL(app.url).port
  const options = ['sign-in', 'link', '--port', port, '--data', app.dir]
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...options])
  const { page, close } = await openPage(browser, app)
  await page.goto(stdout.trim())
  const summary = page.locator('summary', { hasText: 'Administrator of this machine' })
  await summary.click()
  await page.getByText('Administrator gives and takes access').waitFor()
  await page.getByText('Case worker sees single cases').waitFor()
  await page.context().clearCookies()
  await page.goto(stdout.trim())
  await title(page, 'This link opens nothing any more')
  await close()
})
