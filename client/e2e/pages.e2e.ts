import AxeBuilder from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, openPage, startApp, startBrowser } from './app.ts'

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
    '/glossary',
    '/?service=moon',
  ]
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([360, 1200])(
    'every page is accessible, does not scroll sideways and breaks no rule at %i px',
    async (width) => {
      const { page, complaints, close } = await openPage(browser, app, {
        colorScheme,
        viewport: { width, height: 900 },
      })
      for (const path of pages) {
        await page.goto(path, { waitUntil: 'networkidle' })
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
        // Tables stand open too: what is hidden cannot be checked.
        const closed = page.getByRole('button', { name: 'Show as table' })
        while ((await closed.count()) > 0) await closed.first().click()
        const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
        const found = violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html}`)
        expect(found).toEqual([])
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect(sideways, `${path} scrolls sideways by ${sideways} px`).toBeLessThanOrEqual(0)
      }
      expect(complaints).toEqual([])
      await close()
    },
    // Thirteen pages, each looked at from all sides: minutes on a busy machine.
    300_000,
  )
})
