import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useBuiltServer } from '../../server/testServer.ts'
import { addDays } from '../../server/words/days.ts'
import { formatPeriod } from '../../server/words/format.ts'
import { relativePeriod } from '../../sql/relativePeriod.ts'
import { openPage, startBrowser } from './app.ts'
import { faultsOf } from './faults.ts'

const town = useBuiltServer('reports-journey', {
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  districts: ['North', 'South'].map((name) => ({ id: name.toLowerCase(), name })),
  services: [
    {
      ...{ id: 'permits', name: 'Permits' },
      standards: [{ valid_from: '2000-01-01', value: 9, unit: 'days', target: 0.8 }],
    },
  ],
  expected: ['register', 'desk'].map((source) => ({ source, stream: 'case_events', every_hours: 24 })),
})
let browser: Browser
let address: string
let stop: () => Promise<void>
beforeAll(async () => {
  await load('register')
  const running = await town.start()
  address = running.address
  stop = () => running.kill('SIGTERM')
  browser = await startBrowser()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await stop?.()
})

/** Loads what a source has of the last hundred days: cases that take ten days, every third one five; the last ones end by now. */
async function load(source: string) {
  const file = join(town.dir, `${source}.csv`)
  const day = 86_400_000
  const begin = Date.now() - 100 * day
  const rows = Array.from({ length: 300 }, (_, at) => {
    const from = begin + (at * 90 * day) / 299
    const event = (activity: string, time: number, clock: string) =>
      `${source} ${at},permits,${at % 2 ? 'north' : 'south'},${activity},${new Date(Math.floor(time)).toISOString()},${clock}`
    return `${event('Asked', from, 'start')}\n${event('Granted', from + (at % 3 ? 10 : 5) * day, 'stop')}`
  })
  await writeFile(file, ['case_id,service,district,activity,time,clock', ...rows].join('\n'))
  const loaded = await town.command('ingest', file, '--mapping', 'clearway', '--source', source)
  expect([loaded.code, loaded.stderr]).toEqual([0, expect.anything()])
}

const press = (page: Page, name: RegExp) => page.getByRole('button', { name }).click()
/** Fills in the form for a PDF into a folder. */
async function scheduleIt(page: Page, name: string, folder: string) {
  await page.getByLabel('Name (if you like)').fill(name)
  await page.getByLabel('How').selectOption('Folder')
  await page.getByLabel('Folder', { exact: true }).fill(folder)
  await press(page, /^Schedule it$/)
  await page.getByText(`“${name}” is scheduled.`).waitFor()
}
const lastMonth = relativePeriod('last_month', new Date().toISOString().slice(0, 10))
const month = formatPeriod(lastMonth)
const history = (page: Page) => page.getByRole('region', { name: 'History' })

test('while a source is silent nothing is sent and the page says so; loading its rows sends the brief without anyone’s help', {
  // what is loaded and sent stays so: there is no second try
  retry: 0,
}, async () => {
  const { page, complaints, close } = await openPage(browser, { url: address })
  await page.goto('/reports')
  await page.getByRole('heading', { level: 1, name: 'No report is scheduled yet' }).waitFor()
  await scheduleIt(page, 'Town brief', 'town')
  await press(page, /^Run now \(Town brief\)/)
  await page.getByRole('heading', { level: 1, name: 'Town brief waits for data' }).waitFor()
  const why = 'Not sent because the case events of “desk” are silent'
  await page.getByRole('listitem').filter({ hasText: 'Town brief' }).getByText(why).waitFor()
  await history(page).getByText(why).waitFor()
  await load('desk')
  await history(page)
    .getByRole('row', { name: /Town brief.*Delivered/ })
    .waitFor({ timeout: 90_000 })
  await page.getByRole('heading', { level: 1, name: /^Next: Town brief/ }).waitFor()
  expect(await page.getByText(why).count()).toBe(0)
  expect(await readdir(join(town.data, 'reports', 'outgoing', 'town'))).toEqual([
    expect.stringMatching(/\.pdf$/),
  ])
  expect(complaints).toEqual([])
  await close()
})

test('a view is sent regularly: previewed, sent now, found in history, downloaded and verified', {
  // what is loaded and sent stays so: there is no second try
  retry: 0,
}, async () => {
  const { page, complaints, close } = await openPage(browser, { url: address })
  await page.goto('/bottlenecks?service=permits')
  await page.getByRole('link', { name: 'Send this regularly' }).click()
  const form = page.getByRole('region', { name: 'Schedule a report' })
  await form.getByText('It tells of Permits').waitFor()
  await page.waitForFunction(() => document.activeElement?.id === 'new')
  await form.getByRole('button', { name: /^Preview/ }).click()
  const link = form.getByRole('link', { name: /^Open the preview/ })
  await link.waitFor({ timeout: 90_000 })
  expect(await link.getAttribute('href')).toMatch(/^blob:/)
  const [preview] = await Promise.all([
    page.waitForEvent('download'),
    form.getByRole('link', { name: /^Save it/ }).click(),
  ])
  expect(preview.suggestedFilename()).toMatch(/\.pdf$/)
  expect((await readFile(await preview.path())).subarray(0, 5).toString()).toBe('%PDF-')
  await scheduleIt(page, 'Brief for the mayor', 'mayor')
  await press(page, /^Run now \(Brief for the mayor\)/)
  const row = history(page).getByRole('row', { name: /Brief for the mayor/ })
  await row.getByText('Delivered').waitFor({ timeout: 90_000 })
  expect(await row.textContent()).toContain(month)
  const [sent] = await Promise.all([
    page.waitForEvent('download'),
    row.getByRole('link', { name: /^Download/ }).click(),
  ])
  const file = await readFile(await sent.path())
  const folder = join(town.data, 'reports', 'outgoing', 'mayor')
  const [kept = ''] = (await readdir(folder)).filter((name) => name.endsWith('.pdf'))
  expect(file.equals(await readFile(join(folder, kept)))).toBe(true)
  const verify = async (buffer: Buffer) =>
    page.getByLabel('The file').setInputFiles({ name: 'brief.pdf', mimeType: 'application/pdf', buffer })
  await verify(file)
  await page.getByText('Ours, unchanged').waitFor()
  await page.getByText(`Department brief of ${month}, PDF, made on`).waitFor()
  file[file.length >> 1] = (file[file.length >> 1] ?? 0) ^ 1
  await verify(file)
  await page.getByText('Not known here.').waitFor()
  expect(await page.getByText('Ours, unchanged').count()).toBe(0)
  await press(page, /^End Brief for the mayor/)
  await press(page, /^End it/)
  await page.getByRole('heading', { level: 1, name: /^Next: Town brief/ }).waitFor()
  expect(await row.count()).toBe(1)
  expect(complaints).toEqual([])
  await close()
})

test('late cases are scheduled as the page shows them, for who may see one district', {
  // what is scheduled stays so: there is no second try
  retry: 0,
}, async () => {
  const { page, complaints, close } = await openPage(browser, { url: address })
  await page.goto(`/cases?service=permits&from=${lastMonth.from}&until=${addDays(lastMonth.until, -3)}`)
  await page.getByLabel('Which cases').selectOption('Late')
  await page.getByLabel('In which order').selectOption('Newest first')
  await page.getByRole('link', { name: 'Send this regularly' }).click()
  const form = page.getByRole('region', { name: 'Schedule a report' })
  await form.getByText('It tells of Permits, late cases, newest first:').waitFor()
  await form.getByText('does not come again: each report tells of the last whole month instead.').waitFor()
  await form.getByLabel('May see these districts').selectOption('North')
  expect(await faultsOf(page)).toEqual([])
  await form.getByLabel('PDF').uncheck()
  await form.getByLabel('NDJSON').check()
  await form.getByRole('button', { name: /^Preview/ }).click()
  const [preview] = await Promise.all([
    page.waitForEvent('download'),
    form.getByRole('link', { name: /^Save/ }).click({ timeout: 90_000 }),
  ])
  const idOf = ({ case_id }: { case_id: string }) => case_id
  const idsIn = (file: Buffer) =>
    file
      .toString()
      .trim()
      .split('\n')
      .map((line) => idOf(JSON.parse(line)))
  const ask = async (path: string) => (await fetch(`${address}/api/v1/${path}`)).json()
  const idsOf = async (choice: Record<string, string>): Promise<string[]> =>
    (
      await ask(`cases?${new URLSearchParams({ ...lastMonth, district: 'north', limit: '200', ...choice })}`)
    ).cases.map(idOf)
  const cases = await idsOf({ state: 'late', sort: 'started' })
  expect(cases.length).toBeGreaterThan(20)
  // whoever loses a choice on the way sends something else
  expect(await idsOf({ state: 'late' })).not.toEqual(cases)
  expect(await idsOf({ sort: 'started' })).not.toEqual(cases)
  expect(idsIn(await readFile(await preview.path()))).toEqual(cases)
  await scheduleIt(page, 'Late ones', 'late')
  const { schedules } = await ask('reports')
  expect(schedules.find(({ name }: { name: string }) => name === 'Late ones')).toMatchObject({
    ...{ report: 'case-list', period: 'last_month', filters: { service: ['permits'] } },
    options: { state: 'late', sort: 'started' },
    recipients: [{ audience: 'cases', scope: { department: [], district: ['north'] } }],
  })
  await press(page, /^Run now \(Late ones\)/)
  await history(page)
    .getByRole('row', { name: /Late ones.*Delivered/ })
    .waitFor({ timeout: 90_000 })
  const folder = join(town.data, 'reports', 'outgoing', 'late')
  const [sent = ''] = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'))
  expect(idsIn(await readFile(join(folder, sent)))).toEqual(cases)
  await page.goto('/cases?service=permits&stage=Granted&also=waiting')
  await page.getByRole('link', { name: 'Send this regularly' }).click()
  await form.getByText('It tells of Permits, stage Granted, also those still there:').waitFor()
  for (const [path, words] of [
    ['/satisfaction?service=permits', 'It tells of Permits, satisfaction:'],
    [
      '/fairness?service=permits&gap=time_to_outcome_median&against=best',
      /It tells of Permits, fairness, .+, compared with the best group:/,
    ],
  ] as const) {
    await page.goto(path)
    await page.getByRole('link', { name: 'Send this regularly' }).click()
    await form.getByText(words).waitFor()
    await form.getByText('One answer of the API as a table').waitFor()
  }
  await page.goto('/stages/Granted?service=permits')
  await page.getByRole('link', { name: 'Send this regularly' }).click()
  await form.getByText('It tells of Permits, stage Granted:').waitFor()
  await form.getByRole('button', { name: /^Preview/ }).click()
  await form.getByRole('link', { name: /^Open the preview/ }).waitFor({ timeout: 90_000 })
  expect(complaints).toEqual([])
  await close()
})
