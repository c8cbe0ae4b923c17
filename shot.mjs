import chromium from '@sparticuz/chromium'
import { chromium as pw } from 'playwright-core'
const base = 'http://localhost:8399'
const [,, out, ...paths] = process.argv
for (const [theme, width] of [['light',360],['dark',1200],['light',1200],['dark',360]]) for (const p of paths) {
  const b = await pw.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: true })
  const page = await b.newPage({ viewport: { width, height: 900 }, colorScheme: theme })
  await page.goto(base + p, { waitUntil: 'load' })
  await page.waitForTimeout(p.startsWith('/public') ? 100 : 2500)
  await page.screenshot({ path: `${out}/${p.replace(/\W+/g,'_')}-${theme}-${width}.png`, fullPage: true })
  await b.close()
}
