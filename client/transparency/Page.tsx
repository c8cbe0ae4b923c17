import { For, type JSX, Show } from 'solid-js'
import type { Published, ReleaseHead } from '../../server/releases/published.ts'
import { formatPeriod } from '../../server/words/format.ts'
import { formatMinute } from './words.ts'

/** Where a page stands and what belongs to it. */
export type Place = {
  jurisdiction: Published['jurisdiction']
  publication: Published['publication']
  /** Of a page of a release. */
  release: ReleaseHead | null
  /** The path of the page in its folder. */
  path: string
}

/** The path under which the public folder is reached, like `/public/`. */
export const sitePath = ({ publication }: Pick<Place, 'publication'>) => new URL(publication.address).pathname

/** The way from a page to the folder its release stands in; pages above releases are reached by the path of the site. */
export const rootOf = (place: Place) =>
  place.release ? '../'.repeat(place.path.split('/').length - 1) : sitePath(place)

/** The lasting address of a page: that of its release, which never changes. */
export const addressOf = ({ publication, release, path }: Place) =>
  `${publication.address}${release ? `releases/${release.id}/` : ''}${path}`

const releaseLinks = [
  { path: 'index.html', label: 'Overview' },
  { path: 'districts.html', label: 'Districts' },
  { path: 'satisfaction.html', label: 'Satisfaction' },
  { path: 'missing.html', label: 'What is missing' },
  { path: 'methods.html', label: 'Methods' },
  { path: 'data.html', label: 'Data' },
]
const siteLinks = [
  { path: 'releases.html', label: 'Releases' },
  { path: 'calendar.html', label: 'Calendar' },
  { path: 'corrections.html', label: 'Corrections' },
]

/** A public page: plain HTML that needs no script. */
export function Page(props: {
  place: Place
  title: string
  description: string
  /** schema.org descriptions of what stands on the page. */
  structured?: object[]
  children: JSX.Element
}) {
  const root = () => rootOf(props.place)
  const site = () => sitePath(props.place)
  const release = () => props.place.release
  const name = () => props.place.jurisdiction.name
  const current = (path: string) => (props.place.path === path ? 'page' : undefined)
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${props.title} - ${name()}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content={props.description} />
        <meta name="color-scheme" content="light dark" />
        <meta property="og:title" content={props.title} />
        <meta property="og:description" content={props.description} />
        <meta property="og:type" content="website" />
        <meta property="og:url" content={addressOf(props.place)} />
        <meta property="og:site_name" content={`${name()}: service performance`} />
        <link rel="canonical" href={addressOf(props.place)} />
        <link rel="stylesheet" href={release() ? `${root()}style.css` : `${site()}site.css`} />
        <link rel="icon" href="data:," />
        <link rel="alternate" type="application/atom+xml" title="Releases" href={`${site()}releases.atom`} />
        <For each={props.structured ?? []}>
          {(one) => <script type="application/ld+json" innerHTML={json(one)} />}
        </For>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header>
          <div class="top">
            <div class="wrap">
              <a class="brand" href={`${root()}index.html`}>
                <span>
                  {name()}
                  <small>How public services are doing</small>
                </span>
              </a>
              <nav class="nav" aria-label="Pages">
                <ul>
                  <For each={releaseLinks}>
                    {({ path, label }) => (
                      <li>
                        <a href={`${root()}${path}`} aria-current={release() ? current(path) : undefined}>
                          {label}
                        </a>
                      </li>
                    )}
                  </For>
                  <For each={siteLinks}>
                    {({ path, label }) => (
                      <li>
                        <a href={`${site()}${path}`} aria-current={release() ? undefined : current(path)}>
                          {label}
                        </a>
                      </li>
                    )}
                  </For>
                </ul>
              </nav>
            </div>
          </div>
          <Show when={props.place.jurisdiction.sample}>
            <div class="banner">
              <div class="wrap">
                <p>
                  <strong>Made-up figures.</strong> This is a sample city. No real people stand behind these
                  numbers.
                </p>
              </div>
            </div>
          </Show>
        </header>
        <main class="wrap" id="main">
          <Show when={release()}>
            {(head) => <Edition head={head()} site={site()} place={props.place} />}
          </Show>
          {props.children}
        </main>
        <footer class="foot">
          <div class="wrap">
            <Publisher place={props.place} />
            <ul>
              <li>
                <a href={`${root()}privacy.html`}>Privacy</a>
              </li>
              <li>
                <a href={props.place.publication.licence.url} rel="license">
                  {props.place.publication.licence.title}
                </a>
              </li>
            </ul>
            <p class="print-only">{addressOf(props.place)}</p>
          </div>
        </footer>
      </body>
    </html>
  )
}

/** Which release this is: stands on each of its pages, also on paper. */
function Edition(props: { head: ReleaseHead; site: string; place: Place }) {
  const zone = () => props.place.jurisdiction.time_zone
  return (
    <p class="edition">
      Figures for <strong>{formatPeriod(props.head.period)}</strong>, published{' '}
      <time datetime={props.head.published_at}>{formatMinute(props.head.published_at, zone())}</time>.{' '}
      <Show when={props.head.corrects}>
        {(old) => (
          <>
            This release corrects <a href={`${props.site}releases/${old()}/index.html`}>release {old()}</a>.{' '}
            {props.head.reason}{' '}
          </>
        )}
      </Show>
      <a href={`${props.site}index.html`}>See the newest figures</a>
    </p>
  )
}

function Publisher(props: { place: Place }) {
  const publisher = () => props.place.publication.publisher
  const name = () => publisher().name ?? props.place.jurisdiction.name
  return (
    <p>
      Published by{' '}
      <Show when={publisher().url} fallback={name()}>
        {(url) => <a href={url()}>{name()}</a>}
      </Show>
      .{' '}
      <Show when={publisher().email}>
        {(email) => (
          <>
            Questions? Write to <a href={`mailto:${email()}`}>{publisher().contact ?? email()}</a>.
          </>
        )}
      </Show>
    </p>
  )
}

/** JSON that cannot end the element it stands in. */
const json = (value: object) => JSON.stringify(value).replaceAll('<', '\\u003c')
