import { HtmlValidate } from 'html-validate'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePublished, makeSite } from '../../fixtures/published/make.ts'
import { serveFiles } from '../../fixtures/published/serve.ts'
import { getDocument } from '../../fixtures/readPdf.ts'
import { dataFiles } from '../../server/openData/dataFiles.ts'
import { siteFeeds } from '../../server/openData/siteFeeds.ts'
import { layouts } from '../../server/releases/layouts.ts'
import { declared } from '../../server/releases/measures.ts'
import type { File, Published } from '../../server/releases/published.ts'
import { withdrawnFiles } from '../../server/releases/withdrawn.ts'
import { configSchema } from '../../sql/config.ts'
import { startBrowser } from './app.ts'
import { rulesBroken } from './faults.ts'
import { readingGrade } from './readingGrade.ts'

type Pages = typeof import('../transparency/pages.tsx')
// The built pages: they are drawn by the server's half of Solid, which only the build makes.
const built = '../../dist/server/pages.js'
const { renderRelease, renderSite } = (await import(built)) as Pages

/** A made release in which every mark stands somewhere, with names that are no HTML. */
function release(): Published {
  const made = makePublished()
  const [permits, repairs] = made.services
  if (permits && repairs) {
    permits.name = 'Permits & "plans" <b>now</b>'
    repairs.comment = { day: '2026-07-09', by: 'Roads <i>office</i>', text: 'We fix lamps & roads. <script>' }
  }
  const months = made.tables.find(({ id }) => id === 'services_by_month')
  for (const [index, row] of (months?.rows ?? []).entries())
    for (const figure of Object.values(row.figures)) {
      if (figure.value === null) continue
      if (index % 5 === 0) Object.assign(figure, { marks: ['r'], was: 0.9 * figure.value })
      if (index % 5 === 1) figure.marks = ['p', 'u']
      if (index % 7 === 2) Object.assign(figure, { value: null, marks: ['c'], interval: null })
    }
  return made
}

const siteFiles = (published: Published) =>
  renderSite({
    ...makeSite(published),
    revisions: [
      {
        release: published.release.id,
        table: 'services_by_month',
        at: { service: 'building-permits', period: '2026-05' },
        measure: 'requests_received',
        before: { release: '2026-05', value: 120, marks: [] },
        now: { value: null, marks: ['c', 'r'] },
      },
    ],
    revision_size: [
      { measure: 'requests_received', label: 'Requests received', figures: 92, revised: 1, median: 0.04 },
    ],
  })

const pages: File[] = [...renderRelease(release()), ...siteFiles(release())]
const data = await dataFiles(release(), async () => new Uint8Array())
const withdrawn = withdrawnFiles(
  { ...release().release, id: '2026-05', title: 'Service performance, May & "June" 2026' },
  { since: '2026-07-20T08:30:00.000Z', reason: 'A district <b>was</b> counted twice.' },
  configSchema.parse({ jurisdiction: { name: 'Sample City', time_zone: 'Europe/London' } }),
)
const files: File[] = [...pages, ...data, ...withdrawn]
const html = files.flatMap(({ path, body }) => (path.endsWith('.html') ? { path, body: String(body) } : []))
/** Pages that are built alike are looked at once. */
const looked = html.map(({ path }) => path).filter((path) => !/(services|embed)\/street/.test(path))
const isEmbed = (path: string) => path.startsWith('embed/')

test('the release that is looked at has every table, and services of every kind', () => {
  const { tables, services } = release()
  expect(tables.map(({ id }) => id)).toEqual(layouts.map(({ id }) => id))
  const page = (path: string) => html.find((one) => one.path === path)?.body ?? ''
  for (const id of ['by-district', 'by-channel', 'outcomes'])
    expect(page('services/building-permits.html'), id).toContain(`<section class="section" id="${id}"`)
  expect(page('services/citizen-services.html')).toContain('methods.html#wait_in_time_rate')
  expect(page('satisfaction.html')).toContain('id="answers"')
  for (const { id, framework } of tables)
    expect(page('data.html'), id).toContain(framework ? framework.name : `data/${id}.csv`)
  expect(page('data.html')).toContain('<code>target_met</code>')
  for (const id of Object.keys(declared)) expect(page('methods.html'), id).toContain(` id="${id}"`)
  expect(looked).toHaveLength(html.length - 2)
  expect(html.filter(({ path }) => isEmbed(path))).toHaveLength(services.length)
})

test('every page is valid HTML', async () => {
  const validator = new HtmlValidate({
    root: true,
    extends: ['html-validate:recommended', 'html-validate:document'],
    rules: {
      // everything is of the same origin
      'require-sri': ['error', { target: 'crossorigin' }],
      'long-title': 'off',
    },
  })
  const found: string[] = []
  for (const { path, body } of html) {
    const { results } = await validator.validateString(body)
    for (const { messages } of results)
      found.push(...messages.map(({ ruleId, message, column }) => `${path}:${column} ${ruleId}: ${message}`))
  }
  expect(found).toEqual([])
})

test('names and comments are text, whatever they hold', () => {
  for (const { path, body } of html) {
    const text = body.replace(/ (?!type)[\w-]+="[^"]*"/g, '')
    expect(text, path).not.toMatch(/<b>now|<i>office|<script>|&amp;amp;|&amp;lt;/)
  }
  const page = html.find(({ path }) => path === 'services/building-permits.html')?.body
  expect(page).toContain('<h1>Permits &amp; "plans" &lt;b>now&lt;/b>:')
})

test('the same figures give the same bytes', () => {
  expect([...renderRelease(release()), ...siteFiles(release())]).toEqual(pages)
})

test('what is not told by the release reaches no page', () => {
  const planted = release()
  const secret = { value: 734_219, marks: ['c'], interval: [734_219, 734_219], was: 734_219 }
  Object.assign(planted, { exact: 'PLANTED' })
  Object.assign(planted.services[0] ?? {}, { note: 'PLANTED' })
  for (const table of planted.tables)
    for (const row of table.rows) {
      Object.assign(row, { note: 'PLANTED' })
      // a figure no table has a column for, and what was held beside a hidden one
      Object.assign(row.figures, { exact_requests: secret })
      for (const figure of Object.values(row.figures))
        if (figure.value === null)
          Object.assign(figure, { exact: 734_219, interval: [734_219, 734_219], was: 734_219 })
    }
  const told = renderRelease(planted).map(({ body }) => String(body))
  expect(told.join().match(/PLANTED|734,?219/g)).toBeNull()
})

test('every page weighs less than 100 kB with its style', () => {
  for (const { path, body } of html) {
    const [, sheet = ''] = /<link rel="stylesheet" href="(?:[./]*|\/public\/)(\w+\.css)"/.exec(body) ?? []
    const style = files.find((one) => one.path === sheet)
    expect([path, style === undefined]).toEqual([path, isEmbed(path)])
    expect(Buffer.byteLength(body) + Buffer.byteLength(style?.body ?? ''), path).toBeLessThan(100_000)
  }
})

test('every link within the public folder leads to a file', () => {
  // made when the release is signed and put in its place
  const others = [
    'manifest.json',
    'manifest.sig',
    ...siteFeeds(makeSite(release())).map(({ path }) => path),
    'releases/2026-06/index.html',
  ]
  const known = new Set([...files.map(({ path }) => path), ...others].map((path) => `/public/${path}`))
  const lost = html.flatMap(({ path, body }) =>
    [...body.matchAll(/ (?:href|src)="([^"]+)"/g)].flatMap(([, given = '']) => {
      const link = new URL(given, `http://localhost/public/${path}`)
      if (link.host !== 'localhost') return []
      const target = html.find((one) => `/public/${one.path}` === link.pathname)
      if (!known.has(link.pathname)) return [`${path}: ${given}`]
      return link.hash && !target?.body.includes(` id="${link.hash.slice(1)}"`) ? [`${path}: ${given}`] : []
    }),
  )
  expect(lost).toEqual([])
})

test('what search engines are told is JSON that names files that are there', () => {
  const folder = `${release().publication.address}releases/${release().release.id}/`
  const known = new Set(files.map(({ path }) => `${folder}${path}`))
  const told = html.flatMap(({ path, body }) =>
    [...body.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)].map(([, json = '']) => ({
      path,
      told: JSON.parse(json) as Told,
    })),
  )
  expect(told.map(({ path, told: { '@type': type } }) => `${path} ${type}`)).toEqual([
    'index.html Dataset',
    ...release().services.map(({ id }) => `services/${id}.html GovernmentService`),
    'data.html Dataset',
  ])
  for (const { told: one } of told) expect(known).toContain(one.url)
  const distribution = told.flatMap(({ told: one }) => one.distribution ?? [])
  expect(distribution).toHaveLength(2 * 4 * layouts.length)
  expect(distribution.map(({ contentUrl }) => contentUrl).filter((url) => !known.has(url))).toEqual([])
})

test('no page holds script that runs, nor style or handlers in its elements', () => {
  for (const { path, body } of html)
    expect(
      body
        .match(/<script(?! type="application\/ld\+json")|<style| style="| on\w+="/g)
        // what stands in frames of others brings its style along
        ?.filter((found) => !isEmbed(path) || found !== '<style') ?? [],
      path,
    ).toEqual([])
})

describe('in a browser', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serveFiles>>
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([startBrowser(), serveFiles(files)])
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  test('every page can be read, fits the screen and reads easily', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    const found: string[] = []
    for (const path of looked) {
      await page.goto(`${server.url}/public/${path}`)
      for (const width of [360, 1200]) {
        await page.setViewportSize({ width, height: 900 })
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (sideways > 0) found.push(`${path} at ${width} px: scrolls sideways by ${sideways} px`)
        const charts = await page.evaluate(
          () =>
            [...document.querySelectorAll('figure')].filter(
              (one) =>
                [...one.querySelectorAll('.chart')].filter((chart) => chart.clientHeight > 0).length > 1,
            ).length,
        )
        const squeezed = await page.evaluate(
          () =>
            [...document.querySelectorAll('dt, th')].filter(
              (one) => one.checkVisibility() && (one.textContent ?? '').length > 5 && one.clientWidth < 32,
            ).length,
        )
        if (squeezed > 0) found.push(`${path} at ${width} px: ${squeezed} labels are squeezed`)
        if (charts > 0) found.push(`${path} at ${width} px: a chart is drawn twice`)
      }
      const grade = readingGrade(await page.evaluate(runningText))
      if (grade >= 7) found.push(`${path}: reading grade ${grade.toFixed(1)}`)
    }
    await context.close()
    expect(found).toEqual([])
  })

  test('pages fill sheets of A4 with all they say, without what leads elsewhere', async () => {
    const page = await browser.newPage()
    for (const path of ['index.html', 'services/building-permits.html']) {
      await page.goto(`${server.url}/public/${path}`)
      const { told, navigation, address } = await page.evaluate(() => {
        const all = (selector: string) =>
          [...document.querySelectorAll(selector)].map((one) => one.textContent ?? '')
        return {
          told: all('h1, h2, h3, main .kpi, main th, main td'),
          navigation: all('nav, .skip, summary'),
          address: document.querySelector('link[rel=canonical]')?.getAttribute('href') ?? '',
        }
      })
      const paper = await getDocument({
        data: new Uint8Array(await page.pdf({ preferCSSPageSize: true })),
        verbosity: 0,
        useSystemFonts: false,
      }).promise
      let text = ''
      for (let number = 1; number <= paper.numPages; number++) {
        const sheet = await paper.getPage(number)
        const [, , width = 0, height = 0] = sheet.view
        expect([Math.round(width), Math.round(height)], path).toEqual([595, 842])
        const { items } = await sheet.getTextContent()
        text += items.map((item) => ('str' in item ? item.str : '')).join('')
      }
      const printed = plain(text)
      expect(told.length, path).toBeGreaterThan(40)
      expect(
        told.filter((one) => !printed.includes(plain(one))),
        path,
      ).toEqual([])
      expect(
        navigation.filter((one) => printed.includes(plain(one))),
        path,
      ).toEqual([])
      expect(printed, path).toContain(plain(address))
      await paper.destroy()
    }
    await page.close()
  })

  // The pages hold no script; axe needs some to look at them. Each theme and each width is seen on every page.
  test.each([
    ['light', 360],
    ['dark', 1200],
  ] as const)(
    'every page is accessible in the %s theme at %i px',
    async (colorScheme, width) => {
      const viewport = { width, height: 900 }
      const context = await browser.newContext({ colorScheme, viewport, bypassCSP: true })
      const page = await context.newPage()
      const found: string[] = []
      for (const path of looked) {
        await page.goto(`${server.url}/public/${path}`)
        // what is folded cannot be checked
        await page.evaluate(() => {
          for (const one of document.querySelectorAll('details')) one.open = true
        })
        found.push(...(await rulesBroken(page, { tags })).map((fault) => `${path}: ${fault}`))
      }
      await context.close()
      expect(found).toEqual([])
    },
    // sixteen pages looked at from all sides: long on a busy machine
    600_000,
  )
})

/** Signs without spaces, which a PDF does not hold. */
const plain = (text: string) => text.normalize('NFKC').replace(/[\s\u00ad]+/g, '')

type Told = { '@type': string; url: string; distribution?: { contentUrl: string }[] }

/** What people read in sentences, one after the other. */
const runningText = () =>
  [...document.querySelectorAll('main p, main li, main blockquote')]
    .filter((one) => !one.closest('.term, .source, .kpi, nav') && one.checkVisibility())
    .map((one) => (one.textContent ?? '').trim().replace(/([^.!?])$/, '$1.'))
    .join(' ')

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
