import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, makeKey, openPage, startApp, startBrowser } from './app.ts'

let app: App
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), startBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

test('a reader opens, filters, compares, drills to a stage, reads it as a table, takes the CSV and goes back', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/')
  await page.getByText('These figures are invented.').waitFor()
  await page.getByText('June 2026 (last full month)').waitFor()
  const cards = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: /is measured$/ }) })
  await cards.first().waitFor()
  expect(await cards.count()).toBeLessThanOrEqual(7)
  await page.getByRole('heading', { level: 1, name: /June 2026/ }).waitFor()

  await page.getByLabel('Service', { exact: true }).selectOption({ label: 'Building permits' })
  await page.getByRole('button', { name: 'Remove service Building permits' }).waitFor()
  await page.getByLabel('Compare with').selectOption({ label: 'Same period last year' })
  await page.getByText('June 2026 against June 2025.').waitFor()
  expect(new URL(page.url()).search).toBe('?service=building-permits&compare=year')

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Bottlenecks' }).click()
  const stages = page.getByRole('table', { name: /Waits before each stage/ })
  await stages.getByRole('link', { name: 'Plan review' }).click()
  await page.waitForURL('**/stages/**')
  const heading = page.getByRole('heading', { level: 1, name: /before plan review/ })
  await heading.waitFor()
  expect(new URL(page.url()).pathname).toBe('/stages/Plan%20review')
  expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true)

  const figure = page.getByRole('figure').filter({ hasText: 'over time' })
  await figure.getByRole('button', { name: 'Show as table' }).click()
  const table = figure.getByRole('table', { name: /Wait before Plan review/ })
  const june = table.getByRole('row', { name: /^June 2026/ })
  expect(await june.getByRole('cell').nth(1).textContent()).toMatch(/^[\d.,]+ (hours|days)$/)

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    figure.getByRole('link', { name: 'Download CSV' }).click(),
  ])
  const csv = await readFile(await download.path(), 'utf8')
  expect(csv.split(/\r?\n/)[0]).toMatch(/value|median/)
  expect(csv).toContain('2026-06-01')

  await page.goBack()
  await page.getByRole('heading', { name: 'All stages' }).waitFor()
  await page.goBack()
  await page.getByText('June 2026 against June 2025.').waitFor()
  await page.goBack()
  await page.getByText('June 2026 against May 2026.').waitFor()
  expect(new URL(page.url()).search).toBe('?service=building-permits')
  expect(complaints).toEqual([])
  await close()
})

test('the same bottleneck is reached from its sentence and from the process map', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/bottlenecks?map=building-permits')
  await page.getByRole('link', { name: /^Plan review: [\d,]+ cases/ }).click()
  await page.getByText('One stage of Building permits').waitFor()
  expect(new URL(page.url()).search).toBe('?service=building-permits')
  expect(complaints).toEqual([])
  await close()
})

test('a reader asks who is served otherwise, changes the figure, and reads after which day satisfaction drops', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/fairness?from=2025-07-01&until=2026-07-01')
  const districts = page.getByRole('figure').filter({ hasText: /^District: / })
  await districts.getByRole('button', { name: 'Show as table' }).click()
  const table = districts.getByRole('table', { name: /Gaps by district/ })
  await table.getByRole('row', { name: /North/ }).waitFor()
  await page.getByLabel('Compare', { exact: true }).selectOption({ label: 'Satisfied' })
  await page.waitForURL('**gap=satisfied_share')
  await page.getByLabel('With', { exact: true }).selectOption({ label: 'the best group' })
  await table.getByRole('columnheader', { name: 'Best group' }).waitFor()

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Satisfaction' }).click()
  await page.getByText('Not everyone is heard.').waitFor()
  const curve = page.getByRole('figure').filter({ hasText: 'by exact days of wait' })
  await curve.getByRole('button', { name: 'Show as table' }).click()
  await curve.getByRole('columnheader', { name: 'Days of wait' }).waitFor()
  await page.getByRole('figure').filter({ hasText: 'Share who agree' }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('the stages can be sorted, and the head says how', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/bottlenecks')
  const head = page.getByRole('columnheader', { name: 'Cases' }).first()
  await head.getByRole('button').click()
  expect(await head.getAttribute('aria-sort')).toBe('descending')
  await head.getByRole('button').click()
  expect(await head.getAttribute('aria-sort')).toBe('ascending')
  const cells = await page
    .getByRole('table', { name: /Waits before/ })
    .locator('tbody tr td:nth-child(3)')
    .allInnerTexts()
  const counts = cells.map((text) => Number(text.replaceAll(',', '')))
  expect(counts).toEqual([...counts].sort((a, b) => a - b))
  await close()
})

test('nonsense in the address is told and the usual period is shown', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/?service=moon&from=2026-02-30&compare=never')
  await page.getByText('There is no service “moon” here').waitFor()
  await page.getByText('June 2026 (last full month)').waitFor()
  await page.getByRole('heading', { level: 1, name: /June 2026/ }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('typed days change the period, and Clear all brings the usual one back', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/')
  await page.getByRole('button', { name: 'Dates and more filters' }).click()
  await page.getByLabel('First day').fill('2026-05-04')
  await page.getByText('4 May to 30 June 2026', { exact: true }).waitFor()
  expect(new URL(page.url()).search).toBe('?from=2026-05-04&until=2026-07-01')
  await page.getByRole('button', { name: 'Clear all' }).click()
  await page.getByText('June 2026 (last full month)').waitFor()
  expect(new URL(page.url()).search).toBe('')
  await close()
})

test('a keyboard is enough: skip link, theme, and the theme is remembered', async () => {
  const { page, complaints, close } = await openPage(browser, app, { colorScheme: 'light' })
  await page.goto('/glossary')
  await page.getByRole('heading', { name: 'Closed on time', exact: true }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await background()
  await page.getByLabel('Theme').selectOption('dark')
  expect(await background()).not.toBe(light)
  await page.reload()
  expect(await page.getByLabel('Theme').inputValue()).toBe('dark')
  expect(await background()).not.toBe(light)
  expect(complaints).toEqual([])
  await close()
})

test('a figure that fails says what, with the request id, and comes back on a second try', async () => {
  const { page, close } = await openPage(browser, app)
  const problem = { type: 'about:blank', title: 'Busy', status: 422, detail: 'Not now.', request_id: 'r-17' }
  await page.route('**/api/v1/kpis?*', (route) =>
    route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  )
  await page.goto('/')
  const alert = page.getByRole('alert')
  await alert.getByText('Not now.').waitFor()
  await alert.getByText('Request r-17').waitFor()
  await page.getByRole('table', { name: 'Services, June 2026' }).waitFor()
  await page.unroute('**/api/v1/kpis?*')
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { level: 3, name: 'Requests received' }).waitFor()
  expect(await alert.count()).toBe(0)
  await close()
})

test('who sees one department puts it beside all of them, and sees nothing else of the others', async () => {
  const key = await makeKey(app, ['--role', 'viewer', '--department', 'planning'])
  const headers = { extraHTTPHeaders: { Authorization: `Bearer ${key}` } }
  const { page, complaints, close } = await openPage(browser, app, headers)
  await page.goto('/')
  await page.getByRole('button', { name: 'Compare with all departments' }).click()
  const table = page.getByRole('table', { name: /beside all departments/ })
  const row = table.getByRole('row', { name: /^Requests received/ })
  await row.waitFor()
  const [mine, all] = (await row.getByRole('cell').allTextContents()).slice(-2)
  const count = (text = '') => Number(text.replace(/[^\d]/g, ''))
  expect(count(mine)).toBeGreaterThan(0)
  expect(count(all)).toBeGreaterThan(count(mine))
  expect(await page.getByText('Street repairs').count()).toBe(0)
  expect(complaints).toEqual([])
  await close()
  const whole = await openPage(browser, app)
  await whole.page.goto('/')
  await whole.page.getByRole('heading', { name: 'What changed' }).waitFor()
  expect(await whole.page.getByRole('button', { name: 'Compare with all departments' }).count()).toBe(0)
  await whole.close()
})
