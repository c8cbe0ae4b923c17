import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openPage, startApp, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'

/** From a number to the cases behind it, and what was done and when. */

let app: App
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), startBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

const stageOfPermits = '/stages/Plan%20review?service=building-permits'
/** How many charts of the page are over time: those whose table goes by months, weeks or days. */
async function chartsOverTime(page: Page): Promise<number> {
  await page.waitForLoadState('networkidle')
  const closed = page.getByRole('figure').getByRole('button', { name: 'Show as table' })
  while ((await closed.count()) > 0) await closed.first().click()
  const time = page.getByRole('columnheader', { name: /^(Month|Week|Day|Time)$/ })
  return page.getByRole('figure').filter({ has: time }).count()
}
const rowsOf = (page: Page) => page.getByRole('table', { name: /^Cases, / }).locator('tbody tr')

test('a reader goes from a stage to its cases, puts them in order, takes them along and opens one', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto(stageOfPermits)
  const link = page.getByRole('link', { name: /^See the cases behind these [\d,]+ visits$/ })
  const visits = /[\d,]+/.exec((await link.textContent()) ?? '')?.[0] ?? ''
  await link.click()
  const heading = page.getByRole('heading', { level: 1, name: /left Plan review in June 2026/ })
  const words = (await heading.textContent()) ?? ''
  // as many visits as the stage told of, whether cases came back to it or not
  expect(words).toMatch(new RegExp(`(^${visits} case|in ${visits} visits$)`))
  await rowsOf(page).first().waitFor()

  await page.getByLabel('In which order').selectOption({ label: 'Longest in all first' })
  await page.waitForURL(/sort=age/)
  await page.getByLabel('Which cases').selectOption({ label: 'Late' })
  await page.getByRole('heading', { level: 1, name: /late cases? left Plan review/ }).waitFor()
  await page
    .getByText(/^Late by /)
    .first()
    .waitFor()
  expect(await page.getByText(/^(In time|Not late yet)$/).count()).toBe(0)

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download all as CSV' }).click(),
  ])
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
  const late = /^[\d,]+/.exec((await page.getByRole('heading', { level: 1 }).textContent()) ?? '')?.[0]
  expect((lines.length - 1).toLocaleString('en-GB')).toBe(late)

  const first = rowsOf(page).first().getByRole('link')
  const id = (await first.textContent()) ?? ''
  await first.click()
  await page.getByRole('heading', { level: 1, name: `Case ${id}` }).waitFor()
  await page.getByText(/of waiting.*The longest wait/).waitFor()
  await page.getByRole('table', { name: 'The visits of the case to its stages' }).waitFor()
  await page.getByRole('link', { name: 'All cases behind the number' }).click()
  await page.getByRole('heading', { level: 1, name: /late cases? left Plan review/ }).waitFor()
  await page.getByRole('button', { name: 'Remove Stage: Plan review' }).click()
  await page.getByRole('heading', { level: 1, name: /were under way in June 2026/ }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('pages of cases follow one another, and another question starts with the first one', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/cases?from=2025-07-01&until=2026-07-01&sort=started')
  await page.getByText(/^1 to 100 of /).waitFor()
  const ids = () => rowsOf(page).locator('a').allTextContents()
  const first = await ids()
  await page.getByRole('button', { name: 'The next 100' }).click()
  await page.getByText(/^101 to 200 of /).waitFor()
  const second = await ids()
  expect(second.filter((id) => first.includes(id))).toEqual([])
  await page.getByRole('button', { name: 'The 100 before' }).click()
  await page.getByText(/^1 to 100 of /).waitFor()
  expect(await ids()).toEqual(first)
  await page.getByRole('button', { name: 'The next 100' }).click()
  await page.getByLabel('Which cases').selectOption({ label: 'Closed' })
  await page.getByText(/^1 to 100 of /).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('who may not see cases is told why and what would help', async () => {
  const response = await fetch(`${app.url}/api/v1/cases`, { headers: { 'X-Forwarded-For': '10.0.0.7' } })
  expect(response.status).toBe(403)
  const { detail } = (await response.json()) as { detail: string }
  expect(detail).toContain('This is not for everybody')
  expect(detail).toContain('--scope cases')
  const { page, close } = await openPage(browser, app, {
    extraHTTPHeaders: { 'X-Forwarded-For': '10.0.0.7' },
  })
  await page.goto('/cases')
  await page
    .getByRole('alert')
    .getByText(/This is not for everybody/)
    .waitFor()
  await close()
})

test('a note is written and deleted with the keyboard alone and stands on every chart of the service', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/services/building-permits')
  const day = page.getByLabel('Day it began')
  await day.fill('2026-05-12')
  await page.getByRole('textbox', { name: /^What was done/ }).fill('<b>Two</b> more reviewers & "a new form"')
  await page.getByRole('textbox', { name: /^What was done/ }).press('Enter')
  await page.getByRole('status').getByText('Noted. It stands on the charts now.').waitFor()
  const words = page.getByText('<b>Two</b> more reviewers & "a new form"')
  const charts = page.getByRole('figure').filter({ hasText: 'What was done' })
  await charts.first().waitFor()
  const everyChart = await chartsOverTime(page)
  expect(everyChart).toBeGreaterThanOrEqual(6)
  expect(await charts.count()).toBe(everyChart)
  // below each of them, and in the list of notes
  expect(await words.filter({ visible: true }).count()).toBe(everyChart + 1)
  expect(await charts.first().getByRole('listitem').filter({ hasText: '12 May 2026' }).count()).toBe(1)

  await page.goto(stageOfPermits)
  await charts.first().waitFor()
  const chartsOfStage = await chartsOverTime(page)
  expect(chartsOfStage).toBeGreaterThanOrEqual(4)
  expect(await charts.filter({ hasText: '12 May 2026' }).count()).toBe(chartsOfStage)
  await page.goto('/services/citizen-services')
  await page.getByText('Nothing has been noted yet.').waitFor()

  await page.goto('/services/building-permits')
  const remove = page.getByRole('button', { name: 'Delete the note of 12 May 2026' })
  await remove.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await remove.press('Enter')
  await page.getByRole('button', { name: 'Delete it' }).press('Enter')
  await page.getByText('Nothing has been noted yet.').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await expect.poll(focused).toBe('What was done, and when')
  await expect.poll(() => charts.count()).toBe(0)
  expect(complaints).toEqual([])
  await close()
})

test('cases and notes are accessible and do not scroll sideways, in both themes, on a phone and on a desk', async () => {
  const noted = await fetch(`${app.url}/api/v1/annotations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      service: 'building-permits',
      day: '2026-03-02',
      until: '2026-04-01',
      text: 'Second desk',
      author: 'planning',
    }),
  })
  const { page, complaints, close } = await openPage(browser, app)
  const check = async (path: string) => {
    await page.goto(path, { waitUntil: 'networkidle' })
    const shots = process.env.CLEARWAY_SHOTS
    const name = path.includes('case=') ? 'case' : path.slice(1).replace(/\W+/g, '-').slice(0, 40)
    const found = await faultsOf(page, async ({ colorScheme, width }) => {
      if (shots)
        await page.screenshot({ path: `${shots}/${name}-${colorScheme}-${width}.png`, fullPage: true })
    })
    expect(found).toEqual([])
  }
  await check('/cases?service=building-permits&stage=Plan+review&state=all')
  const href = (await rowsOf(page).first().getByRole('link').getAttribute('href')) ?? ''
  await check(href)
  await check('/cases?service=building-permits&state=open')
  await check('/services/building-permits')
  const { id } = (await noted.json()) as { id: string }
  await fetch(`${app.url}/api/v1/annotations/${id}`, { method: 'DELETE' })
  expect(complaints).toEqual([])
  await close()
}, 300_000)
