import type { JSX } from 'solid-js'
import { renderToString } from 'solid-js/web'
import type { File, Published, Site } from '../../server/releases/published.ts'
import style from './pages.css?inline'
import { Data } from './release/Data.tsx'
import { Districts } from './release/Districts.tsx'
import { Methods } from './release/Methods.tsx'
import { Missing } from './release/Missing.tsx'
import { Overview } from './release/Overview.tsx'
import { Privacy } from './release/Privacy.tsx'
import { Satisfaction } from './release/Satisfaction.tsx'
import { Service } from './release/Service.tsx'
import { openRelease } from './release.ts'
import { Calendar } from './site/Calendar.tsx'
import { Corrections } from './site/Corrections.tsx'
import { NotFound } from './site/NotFound.tsx'
import { Releases } from './site/Releases.tsx'

/** The pages of a release: plain HTML with their style, the same bytes from the same figures. */
export function renderRelease(published: Published): File[] {
  const release = openRelease(published)
  return [
    { path: 'style.css', body: style },
    page('index.html', () => <Overview release={release} />),
    ...published.services.map((service) =>
      page(`services/${service.id}.html`, () => <Service release={release} service={service} />),
    ),
    page('districts.html', () => <Districts release={release} />),
    page('satisfaction.html', () => <Satisfaction release={release} />),
    page('missing.html', () => <Missing release={release} />),
    page('methods.html', () => <Methods release={release} />),
    page('privacy.html', () => <Privacy release={release} />),
    page('data.html', () => <Data release={release} />),
  ]
}

/** The pages above single releases. Their style is their own: releases keep the one they came with. */
export function renderSite(site: Site): File[] {
  return [
    { path: 'site.css', body: style },
    page('releases.html', () => <Releases site={site} />),
    page('calendar.html', () => <Calendar site={site} />),
    page('corrections.html', () => <Corrections site={site} />),
    page('404.html', () => <NotFound site={site} />),
  ]
}

const page = (path: string, content: () => JSX.Element): File => ({
  path,
  body: `<!doctype html>\n${renderToString(content)}\n`,
})
