import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openPage, startApp, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'

let app: App
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), startBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

test('the slider is worked by keyboard and leaves every activity on the map', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/bottlenecks?map=building-permits', { waitUntil: 'networkidle' })
  const boxes = page.locator('#process-map .map-node')
  const ways = page.locator('#process-map svg path[marker-end]')
  const slider = page.getByRole('slider', { name: 'Moves shown' })
  await slider.press('End')
  const [activities, all] = [await boxes.count(), await ways.count()]
  await slider.press('Home')
  expect(await slider.getAttribute('aria-valuetext')).toBe('30% of all moves')
  expect(await ways.count()).toBeLessThan(all)
  expect(await boxes.count()).toBe(activities)
  await page.getByRole('checkbox', { name: 'Mark the happy path' }).check()
  await page.getByText(/the most frequent way\. [\d,]+ of [\d,]+ closed cases \(\d+%\) took it/).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('the maps of two districts are compared within five clicks, and the address keeps the comparison', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/bottlenecks?map=building-permits', { waitUntil: 'networkidle' })
  await page.getByLabel('Compare the map with').selectOption({ label: 'Two districts' })
  await page.getByLabel('First map').selectOption('north')
  await page.getByLabel('Second map').selectOption('south')
  const maps = page.getByRole('group', { name: /^Process map: / })
  await page.getByRole('group', { name: 'Process map: South' }).waitFor()
  expect(await maps.count()).toBe(2)
  const table = page.getByRole('table', { name: /Ways in both maps/ })
  expect(await table.locator('tbody tr').count()).toBeGreaterThan(3)
  const placesOf = (index: number) =>
    maps
      .nth(index)
      .locator('.map-node rect.box')
      .evaluateAll((boxes) => boxes.map((box) => `${box.getAttribute('x')} ${box.getAttribute('y')}`))
  expect(await placesOf(0)).toEqual(await placesOf(1))
  const { searchParams } = new URL(page.url())
  expect(['map_vs', 'map_a', 'map_b'].map((name) => searchParams.get(name))).toEqual([
    'district',
    'north',
    'south',
  ])
  await page.getByLabel('Compare the map with').selectOption({ label: 'The period before' })
  await page.getByRole('group', { name: 'Process map: May 2026' }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('the ways of the cases and what was done again are told in words and as tables', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/bottlenecks?map=building-permits', { waitUntil: 'networkidle' })
  const ways = page.getByRole('table', { name: /Ways through Building permits/ })
  await ways.getByText('Happy path').waitFor()
  await page.getByText(/[\d,]+ cases? came back to Plan review; that cost [\d,.]+ days\./).waitFor()
  await close()
})

test('two maps stand side by side or one above the other and break no rule in either theme', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/bottlenecks?map=building-permits&map_vs=year', { waitUntil: 'networkidle' })
  await page.getByRole('checkbox', { name: 'Mark the happy path' }).check()
  const found = await faultsOf(page, async ({ width }) => {
    await page.getByText('Happy path:').nth(1).waitFor()
    const tops = await page
      .locator('.map-pair > *')
      .evaluateAll((sides) => sides.map((side) => side.getBoundingClientRect().top))
    expect(tops[0] === tops[1]).toBe(width === 1200)
  })
  expect(found).toEqual([])
  await close()
}, 300_000)
