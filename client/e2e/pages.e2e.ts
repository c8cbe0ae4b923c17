import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openPage, startApp, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'

let app: App
let browser: Browser
let pages: string[] = []
beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), startBrowser()])
  const answer = (await (await fetch(`${app.url}/api/v1/loads`)).json()) as { loads: { load_id: string }[] }
  pages = [
    '/',
    '/services',
    '/services/building-permits',
    '/services/citizen-services',
    '/bottlenecks',
    '/stages/Plan%20review?service=building-permits',
    '/satisfaction',
    '/fairness',
    '/data',
    `/data?load=${answer.loads.at(-1)?.load_id}`,
    '/releases',
    '/reports',
    '/glossary',
    '/status',
    '/?service=moon',
  ]
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

test('every page is accessible, does not scroll sideways and breaks no rule, in both themes, on a phone and on a desk', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  for (const path of pages) {
    await page.goto(path, { waitUntil: 'networkidle' })
    // Tables stand open too: what is hidden cannot be checked.
    const closed = page.getByRole('button', { name: 'Show as table' })
    const found = await faultsOf(page, async () => {
      while ((await closed.count()) > 0) await closed.first().click()
    })
    expect(found).toEqual([])
  }
  expect(complaints).toEqual([])
  await close()
  // Fifteen pages, each looked at from all sides: minutes on a busy machine.
}, 300_000)

test('a fault of one theme or of one width alone would be found', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/glossary', { waitUntil: 'networkidle' })
  await page.evaluate(() => {
    const faults = new CSSStyleSheet()
    faults.insertRule('@media (prefers-color-scheme: dark) { main p { color: #333 !important } }')
    faults.insertRule('@media (width < 500px) { main { min-width: 500px } }')
    document.adoptedStyleSheets = [faults]
  })
  const found = await faultsOf(page)
  const short = found.map((fault) => fault.replace(/^\S+ /, '').replace(/: <.*| by \d+ px/s, ''))
  expect(short).toEqual([
    'in the light theme at 360 px scrolls sideways',
    'in the dark theme at 360 px: color-contrast',
    'in the dark theme at 360 px scrolls sideways',
    'in the dark theme at 1200 px: color-contrast',
  ])
  await close()
})
