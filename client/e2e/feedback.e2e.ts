import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Intake } from '../../pipelines/sources/intake.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { createApp } from '../../server/app.ts'
import { linkKeys, sealLink } from '../../server/feedback/link.ts'
import { openPage, startBrowser } from './app.ts'
import { rulesBroken } from './faults.ts'

const store = useStore()
const app = { url: '' }
let browser: Browser
let intake: Intake
let server: Server
let link = ''
beforeAll(async () => {
  const keys = await linkKeys(store.db.dataDir, undefined)
  ;[intake, browser] = await Promise.all([Intake.open(store.db), startBrowser()])
  const { fetch } = createApp({ db: store.db, intake, feedback: { keys } })
  server = createAdaptorServer({ fetch }) as Server
  app.url = `http://127.0.0.1:${await listening(server)}`
  const about = { service: 'permits', source: 'desk', case_id: 'C1', slip: '', channel: 'counter' }
  link = `/feedback/${sealLink(keys, { ...about, expires: 4_000_000_000 })}`
})
afterAll(async () => {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
  await intake?.close()
})

const listening = (on: Server): Promise<number> =>
  new Promise((resolve) => on.listen(0, '127.0.0.1', () => resolve((on.address() as AddressInfo).port)))

const faults = async (page: Page) => (await rulesBroken(page)).map((fault) => `${page.url()}: ${fault}`)

test.each([
  ['light', 320],
  ['dark', 1200],
] as const)(
  'the form, its mistakes and its ends are accessible in the %s theme at %i px',
  async (colorScheme, width) => {
    const viewport = { width, height: 800 }
    const { page, complaints, close } = await openPage(browser, app, { colorScheme, viewport })
    await page.goto(link)
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(15, 20, 25)',
    )
    expect(await faults(page)).toEqual([])
    await page.getByLabel('What should we know?').fill('Too slow.')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect.poll(() => page.title()).toMatch(/^Error:/)
    expect(await page.getByLabel('What should we know?').inputValue()).toBe('Too slow.')
    expect(await faults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
    await page.goto(`${link}x?lang=es`)
    expect(await page.getByRole('heading').textContent()).toBe('Este enlace no funciona')
    expect(await faults(page)).toEqual([])
    // the browser says that pages with mistakes are not found or not accepted; nothing else
    expect(complaints.filter((text) => !/status of (404|422)/.test(text))).toEqual([])
    await close()
  },
)

test('without JavaScript and with the keyboard alone an answer is given, once', async () => {
  const { page, close } = await openPage(browser, app, { javaScriptEnabled: false })
  await page.goto(link)
  await page.keyboard.press('Tab')
  // the first question comes first; the arrows choose
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  expect(await page.getByLabel('Satisfied', { exact: true }).isChecked()).toBe(true)
  for (let presses = 0; presses < 8; presses++) await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  expect(await page.getByLabel('0', { exact: true }).isChecked()).toBe(true)
  await page.keyboard.press('Tab')
  await page.keyboard.type('Three visits for one stamp.')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(await page.context().cookies()).toEqual([])
  await page.goto(link)
  await page.getByRole('heading', { name: 'You have answered already' }).waitFor()
  await close()
})

test('a site that was not named cannot show the form in a frame', async () => {
  const html = `<!doctype html><title>Elsewhere</title><iframe src="${app.url}${link}"></iframe>`
  const site = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html))
  const port = await listening(site)
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto(`http://127.0.0.1:${port}`, { waitUntil: 'networkidle' })
  expect(complaints.join()).toMatch(/frame-ancestors|X-Frame-Options/)
  await close()
  site.close()
})
