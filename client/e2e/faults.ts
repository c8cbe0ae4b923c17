import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** Of all rules only these look at colours. */
const colours = ['color-contrast', 'link-in-text-block']

/** Both themes at both widths; all rules at each width, and once in each theme. */
const views = [
  { colorScheme: 'light', width: 360, rules: 'all' },
  { colorScheme: 'dark', width: 360, rules: 'colours' },
  { colorScheme: 'dark', width: 1200, rules: 'all' },
  { colorScheme: 'light', width: 1200, rules: 'colours' },
] as const

export type View = (typeof views)[number]

/**
 * Rules of accessibility that the page breaks, and whether it scrolls sideways, in both themes, on a phone and on a desk. The page is loaded
 * once and changes as it does for a reader who turns the device or the lights off. `prepare` brings the page into the state to be looked at.
 */
export async function faultsOf(page: Page, prepare?: (view: View) => Promise<void>): Promise<string[]> {
  const found: string[] = []
  for (const view of views) {
    const { colorScheme, width, rules } = view
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    await page.evaluate(drawn)
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
    await prepare?.(view)
    const where = `${page.url()} in the ${colorScheme} theme at ${width} px`
    found.push(...(await rulesBroken(page, rules)).map((fault) => `${where}: ${fault}`))
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (sideways > 0) found.push(`${where} scrolls sideways by ${sideways} px`)
  }
  return found
}

/** Rules of accessibility that the page breaks as it stands. */
export async function rulesBroken(
  page: Page,
  rules: 'all' | 'colours' | { tags: string[] } = 'all',
): Promise<string[]> {
  // there are no frames: what the page finds needs no second page to be put together; what keeps the rules needs no description
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode()
  if (rules === 'colours') axe.withRules(colours)
  else if (rules !== 'all') axe.withTags(rules.tags)
  const { violations } = await axe.analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

/** Sizes are watched and charts drawn within a frame; after the next one everything stands. */
const drawn = () =>
  new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))
