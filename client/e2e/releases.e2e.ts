import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useBuiltServer } from '../../server/testServer.ts'
import { openPage, startBrowser } from './app.ts'

const server = useBuiltServer('release-journey', {
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  publication: { calendar: [{ month: '2026-06', at: '2026-07-15T09:30' }] },
  districts: ['north', 'island'].map((id) => ({ id, name: id })),
  services: [
    {
      id: 'permits',
      name: 'Permits',
      standards: [{ valid_from: '2026-01-01', value: 20, unit: 'days', target: 0.8 }],
    },
  ],
})
let browser: Browser
let address: string
let stop: () => Promise<void>
const keys: string[] = []

beforeAll(async () => {
  const file = join(server.dir, 'permits.csv')
  await writeFile(file, eventsOf(900))
  const loaded = await server.command('ingest', file, '--mapping', 'clearway')
  expect([loaded.code, loaded.stderr]).toEqual([0, expect.anything()])
  for (const name of ['planning', 'statistics']) {
    const made = await server.command('key', 'create', '--name', name, '--role', 'publisher', '--json')
    keys.push((JSON.parse(made.stdout) as { key: string }).key)
  }
  const running = await server.start()
  address = running.address
  stop = () => running.kill('SIGTERM')
  browser = await startBrowser()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await stop?.()
})

/** Cases that begin through three months and end after ten days; three of them on the island. */
function eventsOf(cases: number): string {
  const begin = Date.parse('2026-04-01T00:00:00Z')
  const rows = Array.from({ length: cases }, (_, at) => {
    const from = begin + (at * 91 * 86_400_000) / cases
    const time = (moment: number) => new Date(Math.round(moment)).toISOString()
    const start = `C${at},permits,${at % 300 === 7 ? 'island' : 'north'}`
    return `${start},Asked,${time(from)},start\n${start},Granted,${time(from + 10 * 86_400_000)},stop`
  })
  return ['case_id,service,district,activity,time,clock', ...rows].join('\n')
}

test('two persons bring June to the public on the page of releases, one alone cannot, and everybody can read it without JavaScript', {
  // what is public stays public: there is no second try
  retry: 0,
}, async () => {
  const { page, complaints, close } = await openPage(browser, { url: address })
  await page.goto('/releases')
  await page.getByRole('heading', { level: 1, name: 'Nothing is public yet' }).waitFor()
  const as = (key = '') => page.getByLabel('Your key').fill(key)
  const press = (name: RegExp) => page.getByRole('button', { name }).click()
  await as(keys[0])
  await page.getByLabel(/^Month/).fill('2026-06')
  await press(/^Build the draft/)
  await page.getByText('Waits for somebody who looks through it.').waitFor({ timeout: 90_000 })
  await press(/^I looked through it/)
  await page.getByText('Waits for a second person').waitFor({ timeout: 90_000 })
  await press(/^I answer for it/)
  await page.getByText('cannot approve it too').waitFor()
  await as(keys[1])
  await press(/^I answer for it/)
  await page.getByText('Waits to be scheduled.').waitFor()
  await press(/^Schedule it/)
  await page.getByRole('heading', { level: 1, name: 'June 2026 is public' }).waitFor({ timeout: 60_000 })
  await close()
  const reader = await openPage(browser, { url: address }, { javaScriptEnabled: false })
  await reader.page.goto('/public/')
  await reader.page.getByRole('heading', { level: 1 }).waitFor()
  await reader.page.getByRole('link', { name: 'Permits' }).first().click()
  expect(await reader.page.getByRole('heading', { level: 1 }).textContent()).toMatch(
    /^Permits: \d+% closed on time/,
  )
  expect(await reader.page.getByText('Hidden [c]').count()).toBeGreaterThan(0)
  await reader.close()
  expect([...complaints, ...reader.complaints]).toEqual(
    // the one that was refused
    [expect.stringContaining('409')],
  )
})
