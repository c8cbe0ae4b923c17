import type { Paper } from './document.ts'

/** What reports for people are drawn with, loaded when the first one is made. */
export async function papers(): Promise<Paper> {
  const [{ pdf }, { html }, { text }, { chartSvg }] = await Promise.all([
    import('./paper/pdf.ts'),
    import('./paper/html.ts'),
    import('./paper/text.ts'),
    import('./paper/chartSvg.ts'),
  ])
  return { pdf, html, text, chartSvg }
}
