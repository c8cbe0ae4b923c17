import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, openPage, startApp, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'
import { command } from './server.ts'

let app: App
let browser: Browser
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [command, ...args, '--data', app.dir])
const asAuditor = async () => {
  const made = await run(
    'key',
    'create',
    '--name',
    'court',
    '--role',
    'auditor',
    '--scope',
    'audit',
    '--json',
  )
  const { key } = JSON.parse(made.stdout) as { key: string }
  return { extraHTTPHeaders: { Authorization: `Bearer ${key}` } }
}

beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), startBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

test('an auditor reads who opened a case in plain words, finds it, takes all along, and nobody else may', {
  // what was done once is written down for ever
  retry: 0,
}, async () => {
  const { cases } = (await (
    await fetch(`${app.url}/api/v1/cases?service=building-permits&limit=1`)
  ).json()) as {
    cases: { source: string; case_id: string }[]
  }
  const id = cases[0]?.case_id ?? ''
  await fetch(
    `${app.url}/api/v1/cases/${encodeURIComponent(cases[0]?.source ?? '')}/${encodeURIComponent(id)}`,
    {
      headers: { 'X-Purpose': 'complaint' },
    },
  )
  const stranger = await openPage(browser, app)
  await stranger.page.goto('/audit')
  await stranger.page.getByRole('alert').getByText('This address needs a key').waitFor()
  await stranger.close()

  const { page, complaints, close } = await openPage(browser, app, await asAuditor())
  await page.goto('/audit')
  await page.getByRole('heading', { level: 1, name: /^The chain is whole, \d+ entries$/ }).waitFor()
  const opened = page.getByText(`opened case ${id} of Building permits for: complaint`)
  await opened.waitFor()
  await page.getByText('The command key create made the key court').waitFor()
  await page.getByLabel('What was done').selectOption({ label: 'Opened a case' })
  await page.getByRole('button', { name: 'Search' }).click()
  await page.waitForURL(/deed=case_view/)
  await opened.waitFor()
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
  await page.getByLabel('Words').fill('nobody did this')
  await page.getByLabel('Words').press('Enter')
  await page.getByText('Nothing fits what you look for.').waitFor()
  await page.getByRole('button', { name: 'Show everything' }).click()
  // a download of the browser would leave out the header with the key
  const href = (await page.getByRole('link', { name: 'Download all as CSV' }).getAttribute('href')) ?? ''
  expect(await (await page.request.get(href)).text()).toContain(`,case_view,${id},`)
  await page.reload()
  await page.getByText('The key court took entries of the audit along as CSV').waitFor()
  const found = await faultsOf(page, async ({ colorScheme, width }) => {
    const shots = process.env.CLEARWAY_SHOTS
    if (shots) await page.screenshot({ path: `${shots}/audit-${colorScheme}-${width}.png`, fullPage: true })
  })
  expect(found).toEqual([])
  expect(complaints).toEqual([])
  await close()

  const verified = await run('audit', 'verify', '--json')
  expect(JSON.parse(verified.stdout)).toMatchObject({ whole: true, faults: [] })
})
