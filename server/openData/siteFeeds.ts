import type { File, Site } from '../releases/published.ts'
import { releaseFeed, revisionFeed } from './catalogue/atom.ts'
import { calendar } from './catalogue/calendar.ts'
import { catalogue } from './catalogue/dataset.ts'
import { dcatAp } from './catalogue/dcatAp.ts'
import { dcatUs } from './catalogue/dcatUs.ts'
import { robots, sitemap } from './catalogue/sitemap.ts'

/** The files of the site that programs read: catalogues, the calendar, feeds, and what search engines ask for. */
export function siteFeeds(site: Site): File[] {
  const known = catalogue(site)
  return [
    { path: 'data.json', body: json(dcatUs(known)) },
    { path: 'catalog.jsonld', body: json(dcatAp(known)) },
    { path: 'releases.ics', body: calendar(site) },
    { path: 'releases.atom', body: releaseFeed(site) },
    { path: 'revisions.atom', body: revisionFeed(site) },
    { path: 'sitemap.xml', body: sitemap(site) },
    { path: 'robots.txt', body: robots(site) },
  ]
}

const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`
