import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MadeCity, writeCity } from '../../fixtures/truth/make.ts'
import { type App, openPage, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'
import { command, startServer } from './server.ts'

/** What a department head asks of the page, in a city whose truth is known: since a day, permits of one district lie at one stage. */

let app: App
let city: MadeCity
let browser: Browser
beforeAll(async () => {
  ;[{ app, city }, browser] = await Promise.all([startMadeCity(), startBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

/** Uses the page as somebody who counts the clicks. */
function counted(page: Page) {
  let clicks = 0
  return {
    click: (target: Locator) => {
      clicks++
      return target.click()
    },
    choose: (label: string, option: string) => {
      clicks++
      return page.getByLabel(label, { exact: true }).first().selectOption({ label: option })
    },
    clicks: () => clicks,
  }
}

const bottlenecks = (page: Page) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Bottlenecks' })
const firstFinding = (page: Page) => page.locator('li.finding').first()

test('somebody finds the worst stage of permits, says since when and what it costs, and names the district', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  const { truth } = city
  await page.goto('/')
  const user = counted(page)
  await user.click(bottlenecks(page))
  await user.choose('Service', 'Building permits')
  const finding = firstFinding(page)
  await finding
    .getByRole('heading', { name: `${truth.stage} in building permits: slower for one group` })
    .waitFor()
  const said = (await finding.locator('.finding-facts').textContent()) ?? ''
  expect(said).toContain('North')
  expect(said).toContain('Practically certain')
  const since = Date.parse(`${/About (\d+ \w+ \d{4})/.exec(said)?.[1]} UTC`)
  expect(Math.abs(since - Date.parse(truth.since ?? '')) / 86_400_000).toBeLessThanOrEqual(10)
  const cost = Number(/([\d,]+) person-hours/.exec(said)?.[1]?.replaceAll(',', ''))
  const real = city.extraHours('2024-08-01', '2024-09-01')
  expect(cost).toBeGreaterThan(0.75 * real)
  expect(cost).toBeLessThan(1.25 * real)

  await user.click(finding.getByRole('button', { name: /^Show the evidence/ }))
  await finding.getByText(/^North has the most: \d+% of the extra hours/).waitFor()
  const top = finding
    .getByRole('table', { name: /^Stays at Decision by district/ })
    .locator('tbody tr')
    .first()
  expect(await top.locator('th').textContent()).toBe('North')
  expect(user.clicks()).toBeLessThanOrEqual(5)
  expect(complaints).toEqual([])
  await close()
})

test('somebody compares the maps of two districts', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/')
  const user = counted(page)
  await user.click(bottlenecks(page))
  await user.choose('Compare the map with', 'Two districts')
  await user.choose('First map', 'North')
  await user.choose('Second map', 'South')
  await page.getByRole('group', { name: 'Process map: South' }).waitFor()
  expect(await page.getByRole('group', { name: /^Process map: / }).count()).toBe(2)
  const worst = page
    .getByRole('table', { name: /Ways in both maps, Building permits/ })
    .locator('tbody tr')
    .first()
  expect(await worst.textContent()).toContain('Decision')
  expect(user.clicks()).toBeLessThanOrEqual(5)
  expect(complaints).toEqual([])
  await close()
})

test('somebody finds the cases behind a finding', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/')
  const user = counted(page)
  await user.click(bottlenecks(page))
  await user.click(firstFinding(page).getByRole('link', { name: /^See the cases/ }))
  const table = page.getByRole('table', { name: /^Cases, / })
  const rows = table.locator('tbody tr')
  await rows.first().waitFor()
  expect(await rows.count()).toBeGreaterThan(5)
  const heads = await table.locator('thead th').allTextContents()
  expect(heads).toContain('Waited before Decision')
  const told = await rows.evaluateAll(
    (all, at) => all.map((row) => row.children[at]?.textContent),
    heads.indexOf('District'),
  )
  expect(new Set(told)).toEqual(new Set(['North']))
  // those who still stand there are among them, with their hours so far, and how that is counted is said
  await rows
    .filter({ hasText: / so far ?(still waiting|now worked on)/ })
    .first()
    .waitFor()
  await page.getByText('taken to stand where most cases of its district went next').waitFor()
  const { pathname, searchParams } = new URL(page.url())
  expect(pathname).toBe('/cases')
  expect(Object.fromEntries(searchParams)).toMatchObject({
    service: 'building-permits',
    stage: 'Decision',
    also: 'waiting',
    dimension: 'district',
    value: 'north',
  })
  await everyRowStoodThere(searchParams)
  expect(user.clicks()).toBeLessThanOrEqual(5)
  expect(complaints).toEqual([])
  await close()
})

/** Each case of the list left the stage in August 2024, or has not left it by its end. */
async function everyRowStoodThere(search: URLSearchParams): Promise<void> {
  const read = async (path: string) => (await fetch(`${app.url}/api/v1${path}`)).json()
  const august = 'from=2024-08-01&until=2024-09-01'
  const list = (await read(`/cases?${august}&limit=200&${search}`)) as {
    total_cases: number
    cases: { source: string; case_id: string; district: string; stage_state: string }[]
  }
  expect(list.cases).toHaveLength(list.total_cases)
  for (const { source, case_id, district, stage_state } of list.cases) {
    expect(district).toBe('north')
    const one = (await read(`/cases/${encodeURIComponent(source)}/${encodeURIComponent(case_id)}`)) as {
      visits: { stage: string; left_at: string }[]
    }
    const left = one.visits.some(
      ({ stage, left_at }) => stage === 'Decision' && left_at >= '2024-08-01' && left_at < '2024-09-01',
    )
    expect([case_id, left || stage_state !== 'left']).toEqual([case_id, true])
  }
}

test('the evidence has an address of its own, opens and closes by keyboard, and marks the change', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/bottlenecks')
  const button = firstFinding(page).getByRole('button', { name: /^Show the evidence/ })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('figure').filter({ hasText: 'How long cases stayed' }).waitFor()
  expect(new URL(page.url()).searchParams.get('finding')).toBe('segment.building-permits.Decision')
  await page.reload()
  const figure = page.getByRole('figure').filter({ hasText: 'How long cases stayed' })
  await figure.getByText('when it began', { exact: false }).first().waitFor()
  await figure.getByRole('button', { name: 'Show as table' }).click()
  const levels = await figure.locator('tbody tr td:last-child').allTextContents()
  expect(levels.indexOf('since the change')).toBeGreaterThan(50)
  await page.getByText('How we know').waitFor()
  await firstFinding(page)
    .getByRole('button', { name: /^Hide the evidence/ })
    .press('Enter')
  expect(new URL(page.url()).searchParams.get('finding')).toBe(null)
  expect(complaints).toEqual([])
  await close()
})

test('the picture of hours is walked through by arrow keys, and says what a cell counts', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/stages/Decision?service=building-permits')
  const grid = page.getByRole('grid', { name: 'Cases that left Decision' })
  await grid.locator('td[tabindex="0"]').focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await page.getByText(/^\w+day, 01:00 to 02:00: 0 left$/).waitFor()
  const counts = await grid.locator('tbody td').allTextContents()
  const all = counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0)
  const months = (await (
    await fetch(`${app.url}/api/v1/stages/Decision?service=building-permits&from=2024-08-01&until=2024-09-01`)
  ).json()) as { series: { from: string; n: number }[] }
  expect(all).toBe(months.series.at(-1)?.n)
  await close()
})

test('without a finding the page says so, and where people wait longest all the same', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/bottlenecks?from=2023-01-01&until=2023-02-01')
  await page
    .getByText(/^Nothing changed for good in January 2023/)
    .first()
    .waitFor()
  await page.getByText('The longest waits are:').waitFor()
  expect(
    await page
      .getByRole('table', { name: /Waits before each stage/ })
      .locator('tbody tr')
      .count(),
  ).toBeGreaterThan(5)
  await close()
})

test('the evidence breaks no rule, in both themes, on a phone and on a desk', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  for (const path of [
    '/bottlenecks?finding=segment.building-permits.Decision',
    '/stages/Decision?service=building-permits',
  ]) {
    await page.goto(path, { waitUntil: 'networkidle' })
    const shots = process.env.CLEARWAY_SHOTS
    const name = /\w+/.exec(path)?.[0]
    const found = await faultsOf(page, async ({ colorScheme, width }) => {
      if (shots)
        await page.screenshot({ path: `${shots}/${name}-${colorScheme}-${width}.png`, fullPage: true })
    })
    expect(found).toEqual([])
  }
  expect(complaints).toEqual([])
  await close()
}, 300_000)

/** The built app with a made city in it. */
async function startMadeCity(): Promise<{ app: App; city: MadeCity }> {
  const dir = await mkdtemp(join(tmpdir(), 'clearway-findings-'))
  const city = await writeCity(dir, { seed: 49, cause: 'segment', years: 2, size: 0.5 })
  const ingest = [
    command,
    'ingest',
    join(dir, 'events.csv'),
    '--mapping',
    'clearway',
    '--data',
    dir,
    '--json',
  ]
  await promisify(execFile)(process.execPath, ingest)
  const { url, stop } = await startServer(dir, ['serve'])
  return {
    app: { url, dir, stop: () => stop().then(() => rm(dir, { recursive: true, force: true })) },
    city,
  }
}
