import type { Site } from '../../releases/published.ts'
import { markup } from '../markup.ts'
import { permalink } from '../notes.ts'

/** `sitemap.xml`: the pages of today, and each earlier release at its own address. */
export function sitemap(site: Site): string {
  const { address } = site.publication
  const [newest, ...earlier] = site.releases.filter(({ state }) => state !== 'withdrawn')
  const at = newest?.head.published_at
  const pages = (newest?.files ?? [])
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.html') && !path.startsWith('embed/') && path !== 'index.html')
    .toSorted()
  const places = [
    { url: address, at },
    ...[...pages, 'releases.html', 'calendar.html', 'corrections.html'].map((path) => ({
      url: `${address}${path}`,
      at,
    })),
    ...earlier.map(({ head }) => ({ url: permalink(address, head.id), at: head.published_at })),
  ]
  const urls = places.map(
    ({ url, at }) => markup`
<url><loc>${url}</loc>${at ? markup`<lastmod>${at}</lastmod>` : null}</url>`,
  )
  return `${
    markup`<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls}
</urlset>`.text
  }\n`
}

export const robots = (site: Site) =>
  `User-agent: *\nAllow: /\n\nSitemap: ${site.publication.address}sitemap.xml\n`
