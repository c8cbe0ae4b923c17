import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withLock } from '../../pipelines/lock.ts'
import type { Kpis, Loads } from '../api.ts'
import { type App, makeKey, openPage, startApp, startBrowser } from './app.ts'
import { rulesBroken } from './faults.ts'

/** What a newcomer reads and does on the Data page. */

let app: App
let browser: Browser
let key = ''

/** An address that gives rows once it is allowed to. */
let portalOpen = false
const portal = createServer((_request, response) => {
  response.writeHead(portalOpen ? 200 : 403, { 'content-type': 'text/csv' }).end(header + row('P1'))
})

const header = 'case_id,event_id,service,activity,lifecycle,time\n'
const row = (id: string, time = '2026-06-05T09:00:00Z') =>
  `${id},1,building-permits,Plan review,complete,${time}\n`

beforeAll(async () => {
  const sources = async (dir: string) => {
    await new Promise<void>((ready) => portal.listen(0, '127.0.0.1', ready))
    const url = `http://127.0.0.1:${(portal.address() as AddressInfo).port}/inspections.csv`
    await mkdir(join(dir, 'drop'))
    // Half of the rows do not fit: too many, so nothing of the file is shown.
    await writeFile(join(dir, 'drop', 'inspections.csv'), header + row('A1') + row('A2', 'yesterday'))
    return [
      {
        kind: 'folder' as const,
        name: 'inspections',
        path: 'drop',
        mapping: 'clearway',
        source: 'inspections',
      },
      {
        kind: 'http' as const,
        name: 'portal',
        url,
        mapping: 'clearway',
        source: 'portal',
        every_minutes: 600,
      },
    ]
  }
  ;[app, browser] = await Promise.all([startApp({ sources }), startBrowser()])
  key = await makeKey(app)
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
  portal.close()
})

async function push(source: string, body: string): Promise<string> {
  const response = await fetch(`${app.url}/api/v1/ingest/case_events?source=${source}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'text/csv' },
    body,
  })
  expect(response.status).toBe(202)
  return ((await response.json()) as { load_id: string }).load_id
}

const noViolations = async (page: Page) => expect(await rulesBroken(page)).toEqual([])

test('a newcomer sees what did not fit and why, opens the load, and takes the rejected rows along', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/data')
  await page.getByText(/rows were read: .* accepted \+ .* rejected \+ .* that were there already/).waitFor()
  await page.getByRole('button', { name: /^With rejected rows/ }).click()
  expect(new URL(page.url()).search).toBe('?show=rejected')
  await page
    .getByRole('table', { name: 'Loads, newest first' })
    .getByRole('link', { name: 'repairs-events.csv' })
    .click()
  await page.getByRole('heading', { level: 1, name: /^repairs-events.csv: .* rows did not fit$/ }).waitFor()

  const sums = await page
    .getByRole('listitem')
    .filter({ has: page.locator('strong') })
    .locator('strong')
    .allTextContents()
  const [read = 0, accepted = 0, rejected = 0, duplicates = 0] = sums.map((sum) =>
    Number(sum.replaceAll(',', '')),
  )
  expect(read).toBe(accepted + rejected + duplicates)
  expect(rejected).toBeGreaterThan(0)

  const why = page.getByRole('table', { name: 'Why they did not fit' }).getByRole('row')
  await why.nth(1).waitFor()
  const first = page
    .getByRole('table', { name: /^The rows, by line/ })
    .getByRole('row')
    .nth(1)
  expect(await first.getByRole('rowheader').textContent()).toMatch(/^[\d,]+$/)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the rejected rows (CSV)' }).click(),
  ])
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
  expect(lines[0]).toMatch(/rejected_line,rejected_because\r?$/)
  expect(lines.length).toBe(rejected + 1)
  const command = page.getByText(/^npm run clearway -- ingest rejected-/)
  expect(await command.textContent()).toContain(
    `${download.suggestedFilename()} --mapping clearway --source `,
  )
  expect(complaints).toEqual([])
  await close()
})

test('the command of the page brings mended rows in', async () => {
  const load = await push(
    'mended',
    header + Array.from({ length: 30 }, (_, at) => row(`M${at}`)).join('') + row('X', 'soon'),
  )
  const { page, close } = await openPage(browser, app)
  await page.goto(`/data?load=${load}`)
  await page.getByText('1 of 31 rows did not fit').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the rejected rows (CSV)' }).click(),
  ])
  const mended = (await readFile(await download.path(), 'utf8')).replace('soon', '2026-06-06T10:00:00Z')
  const again = await push('mended', mended)
  await page.goto(`/data?load=${again}`)
  await page.getByRole('heading', { level: 1, name: /every row fitted/ }).waitFor()
  await close()
})

test('a load is seen as it comes in, and stopping it asks first and undoes it', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/data')
  await page.getByText(/^Nothing is being loaded just now/).waitFor()
  let id = ''
  // It cannot publish before it is stopped.
  await withLock(join(app.dir, 'locks'), 'publish', async () => {
    id = await push('stopped', header + row('S1') + row('S2'))
    const load = page.getByRole('listitem').filter({ hasText: 'Rows sent by stopped' })
    await load.getByRole('progressbar').waitFor()
    await load.getByText('Step 3 of 3').waitFor()
    await load.getByText('2 rows').waitFor()
    await load.getByRole('button', { name: 'Cancel' }).click()
    const dialog = page.getByRole('dialog', { name: /^Stop loading/ })
    await noViolations(page)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await load.getByRole('button', { name: 'Cancel' }).press('Enter')
    await dialog.getByRole('button', { name: 'Stop and undo it' }).click()
    await load.getByRole('button', { name: 'Stopping …' }).waitFor()
  })
  const load = page.getByRole('listitem').filter({ hasText: 'Rows sent by stopped' })
  await load.getByText('Cancelled').waitFor()
  await load.getByRole('link', { name: 'What came of it' }).click()
  await page.getByRole('heading', { level: 1, name: 'Rows sent by stopped: cancelled' }).waitFor()
  await page.getByText('Nothing of it was kept. Load the file again').waitFor()
  expect(new URL(page.url()).search).toBe(`?load=${id}`)
  expect(complaints).toEqual([])
  await close()
})

test('a source in trouble says why and what to do, and that it is well again', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/data')
  const source = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: 'inspections', exact: true }) })
  await source.getByText('In trouble').waitFor()
  await source.getByText(/1 of 2 rows were rejected, more than the 5 % allowed/).waitFor()
  await source.getByText('The file is in the folder “failed”').waitFor()
  await page.getByRole('link', { name: /in trouble$/ }).waitFor()

  await writeFile(join(app.dir, 'drop', 'mended.csv'), header + row('A1') + row('A2'))
  await source.getByText('Ready').waitFor()
  await source.getByText('mended.csv').waitFor()

  await page.getByRole('button', { name: /^Failed or cancelled/ }).click()
  await page
    .getByRole('table', { name: 'Loads, newest first' })
    .getByRole('link', { name: 'inspections.csv' })
    .click()
  await page.getByRole('heading', { level: 1, name: 'inspections.csv: not loaded' }).waitFor()
  await page.getByText('mostly a wrong mapping, not wrong rows').waitFor()
  await page.getByRole('table', { name: 'Why they did not fit' }).getByText('time is not a time').waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a source that looks for data looks at once when it is told to', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.goto('/data')
  const heading = page.getByRole('heading', { name: 'portal', exact: true })
  const source = page.getByRole('listitem').filter({ has: heading })
  await source.getByText(/answered 403/).waitFor()
  await source.getByText('Check that the address answers').waitFor()
  portalOpen = true
  await source.getByRole('button', { name: 'Look now at portal' }).click()
  await source.getByText('It looks for data now.').waitFor()
  await source.getByText('Ready').waitFor()
  await source.getByRole('link', { name: 'What it brought' }).click()
  await page.getByRole('heading', { level: 1, name: /every row fitted/ }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a file is tried without storing anything, then loaded; without a key the page says how to get one', async () => {
  const { page, close } = await openPage(browser, app)
  await page.goto('/data#load-your-own')
  const rows = Array.from({ length: 40 }, (_, at) => row(`T${at}`)).join('')
  const file = {
    name: 'own.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(header + rows + row('T99', 'never')),
  }
  await page.getByLabel(/^Drop a CSV/).setInputFiles(file)
  const alert = page.getByRole('alert')
  await alert.getByText('You may not send this yet.').waitFor()
  await page.getByLabel('Key (needed to send data)').fill(key)
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'What loading own.csv would do' }).waitFor()
  await page.getByRole('table', { name: 'Why they did not fit' }).getByText('time is not a time').waitFor()
  await page.getByText('The first rows as they were understood').click()
  await noViolations(page)
  await page.getByRole('button', { name: 'Load it' }).click()
  await page.getByRole('link', { name: 'Follow the load' }).click()
  await page.getByRole('heading', { level: 1, name: /1 of 41 rows did not fit$/ }).waitFor()
  await close()
})

test('the days of a source are told in words and as a table, and gaps are named', async () => {
  const { page, close } = await openPage(browser, app)
  await page.route('**/api/v1/freshness', (route) => route.fulfill({ json: freshness }))
  await page.goto('/data')
  await page.getByRole('heading', { level: 1, name: 'permit-system is late' }).waitFor()
  const feed = page.getByRole('listitem').filter({ hasText: 'permit-system' })
  await feed.getByText('The last 2 days are about 80 % complete.').waitFor()
  const strip = feed.getByRole('img', {
    name: /2 with more still to come, 4 closed, a gap: 3 June to 4 June 2026|3 to 4 June 2026/,
  })
  await strip.waitFor()
  await feed.getByRole('button', { name: /^Show the details/ }).click()
  const day = feed.getByRole('table', { name: 'Rows per day' }).getByRole('row', { name: /^3 June 2026/ })
  expect(await day.textContent()).toContain('gap: no rows or far too few')
  await noViolations(page)
  await close()
})

test('older loads are a page further, and the counts are those of the whole ledger', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.route('**/api/v1/loads?*', async (route) => {
    const answer = (await (await route.fetch()).json()) as Loads
    const [first] = answer.loads
    if (!first) throw new Error('the sample city has loads')
    const loads = [
      { ...first, file_name: route.request().url().includes('before=77') ? 'older.csv' : 'newest.csv' },
    ]
    const next = route.request().url().includes('before=') ? null : 77
    await route.fulfill({ json: { loads, next, totals: { ...answer.totals, loads: 4321 } } })
  })
  await page.goto('/data')
  await page.getByRole('button', { name: 'All loads (4,321)' }).waitFor()
  const table = page.getByRole('table', { name: 'Loads, newest first' })
  await table.getByRole('link', { name: 'newest.csv' }).waitFor()
  await page.getByRole('button', { name: 'Older loads' }).click()
  await table.getByRole('link', { name: 'older.csv' }).waitFor()
  expect(new URL(page.url()).search).toBe('?before=77')
  await page.getByRole('button', { name: 'Newest loads' }).click()
  await table.getByRole('link', { name: 'newest.csv' }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('figures that may still change say what they miss', async () => {
  const { page, complaints, close } = await openPage(browser, app)
  await page.route('**/api/v1/kpis?*', async (route) => {
    const answer = (await (await route.fetch()).json()) as Kpis
    const feed = { source: 'permit-system', stream: 'case_events', services: ['building-permits'] }
    await route.fulfill({ json: { ...answer, missing: [{ ...feed, complete: 0.8 }] } })
  })
  for (const path of ['/', '/services/building-permits']) {
    await page.goto(path)
    await page
      .getByText('Provisional: the case events of Building permits are about 80% complete.')
      .first()
      .waitFor()
  }
  await page.getByRole('link', { name: 'See what is missing' }).click()
  await page.getByRole('heading', { name: 'Is the data fresh and complete?' }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

const days = Array.from({ length: 28 }, (_, at) => {
  const day = `2026-05-${String(at + 10).padStart(2, '0')}`
  const date = new Date(Date.UTC(2026, 4, 10 + at)).toISOString().slice(0, 10)
  const weekend = at % 7 === 0
  const state =
    at >= 26
      ? 'filling'
      : date === '2026-06-03' || date === '2026-06-04'
        ? 'gap'
        : weekend
          ? 'closed'
          : 'complete'
  const rows = { filling: 80 - (at - 26) * 30, gap: 0, closed: 0, complete: 95 + ((at * 37) % 23) }[state]
  return {
    day: day && date,
    rows,
    expected: state === 'closed' ? null : [88, 122],
    complete: state === 'filling' ? 0.8 - (at - 26) * 0.3 : state === 'complete' ? 1 : null,
    state,
  }
})
const feed = {
  source: 'permit-system',
  stream: 'case_events',
  services: ['building-permits'],
  rows: 24_310,
  first_time: '2024-07-01T08:00:00Z',
  last_time: '2026-06-06T15:00:00Z',
  loaded_at: '2026-06-06T16:10:00Z',
  last_load_id: 'abc',
  expected: { every_hours: 24, rows_per_day: null, basis: 'learned' },
  state: 'late',
  due_at: '2026-06-07T16:10:00Z',
  delay: { n: 2_210, median_hours: 5.2, p90_hours: 41, curve: [] },
  days,
  gaps: [{ from: '2026-06-03', until: '2026-06-05', days: 2, expected_rows: 210 }],
  says: 'Rows of permit-system were last delivered 40 hours ago; they were due 16 hours ago. The last 2 days are about 80 % complete. Nothing came from 3 to 4 June.',
}
const freshness = {
  as_of: '2026-06-08T08:00:00Z',
  feeds: [
    feed,
    {
      ...feed,
      source: 'queue-tickets',
      stream: 'wait_times',
      services: ['citizen-services'],
      state: 'fresh',
      gaps: [],
      days: days.map((each) => (each.state === 'gap' ? { ...each, state: 'complete', rows: 101 } : each)),
      says: 'Tickets were last delivered 3 hours ago, as expected.',
    },
  ],
}
