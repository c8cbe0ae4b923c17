import type { Revision, Site, SiteRelease } from '../../releases/published.ts'
import { gapOf, shorthand } from '../marks.ts'
import { type Markup, markup } from '../markup.ts'
import { permalink, publisherName } from '../notes.ts'
import { placeText } from '../revisionTable.ts'

/** Changes an entry names one by one; the rest stand on the page of corrections. */
const most = 100

/** `releases.atom`: every release as an entry, RFC 4287. An entry keeps its id for ever. */
export function releaseFeed(site: Site): string {
  const entries = site.releases.map(({ head, state, reason, tables }) => {
    const link = permalink(site.publication.address, head.id)
    const summary =
      state === 'withdrawn'
        ? `This release was withdrawn. ${reason}`
        : `${head.reason ? `${head.reason} ` : ''}${tables.map(({ title }) => title).join(', ')}.`
    const title = state === 'withdrawn' ? `Withdrawn: ${head.title}` : head.title
    return entry({
      id: link,
      link,
      title,
      at: head.published_at,
      body: markup`<summary>${summary}</summary>`,
    })
  })
  return feed(site, 'releases', `Releases of ${publisherName(site)}`, entries)
}

/** `revisions.atom`: what a release says otherwise than those before it, an entry for each of its tables. */
export function revisionFeed(site: Site): string {
  const { address } = site.publication
  const entries = site.releases.flatMap((release) => {
    const revised = site.revisions.filter((revision) => revision.release === release.head.id)
    return [...new Set(revised.map(({ table }) => table))].map((table) => {
      const changes = revised.filter((revision) => revision.table === table)
      const name = release.tables.find(({ id }) => id === table)?.title ?? table
      return entry({
        id: `${permalink(address, release.head.id)}#revised-${table}`,
        link: `${address}corrections.html`,
        title: `${release.head.title}: ${changes.length} ${changes.length === 1 ? 'figure' : 'figures'} revised in ${name}`,
        at: release.head.published_at,
        body: markup`<content type="html">${changeList(changes, release).text}</content>`,
      })
    })
  })
  return feed(site, 'revisions', `Revised figures of ${publisherName(site)}`, entries)
}

function changeList(changes: Revision[], { measures }: SiteRelease): Markup {
  const items = changes.slice(0, most).map(({ at, measure, before, now }) => {
    const label = measures.find(({ id }) => id === measure)?.label ?? measure
    return markup`<li>${label} (${placeText(at)}): ${shown(before)} in release ${before.release}, now ${shown(now)}.</li>`
  })
  const more = changes.length - items.length
  return markup`<ul>${items}</ul>${more > 0 ? markup`<p>And ${more} more.</p>` : null}`
}

const shown = ({ value, marks }: Revision['now']) =>
  value === null ? shorthand(gapOf({ marks })) : String(value)

function entry({
  id,
  link,
  title,
  at,
  body,
}: {
  id: string
  link: string
  title: string
  at: string
  body: Markup
}): Markup {
  return markup`
<entry><id>${id}</id><title>${title}</title><link rel="alternate" type="text/html" href="${link}"/><published>${at}</published><updated>${at}</updated>${body}</entry>`
}

function feed(site: Site, name: string, title: string, entries: Markup[]): string {
  const { address } = site.publication
  const self = `${address}${name}.atom`
  const updated = site.releases
    .map(({ head }) => head.published_at)
    .toSorted()
    .at(-1)
  return `${
    markup`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>${self}</id><title>${title}</title><updated>${updated ?? '1970-01-01T00:00:00.000Z'}</updated><link rel="self" type="application/atom+xml" href="${self}"/><link rel="alternate" type="text/html" href="${address}releases.html"/><author><name>${publisherName(site)}</name></author><rights>${site.publication.licence.title}</rights>${entries}
</feed>`.text
  }\n`
}
