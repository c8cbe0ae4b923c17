import { For, Show } from 'solid-js'
import type { Site, SiteRelease } from '../../../server/releases/published.ts'
import { formatBytes, formatCount } from '../../../server/words/format.ts'
import { Table } from '../../components/Table.tsx'
import { Page, sitePath } from '../Page.tsx'
import { formatMinute } from '../words.ts'
import { placeOf } from './place.ts'

const stateWords = {
  published: 'Published',
  corrected: 'Replaced by a correction',
  withdrawn: 'Withdrawn',
} as const

/** Every release there ever was, each at an address that never changes. */
export function Releases(props: { site: Site }) {
  const zone = () => props.site.jurisdiction.time_zone
  const newest = () => props.site.releases.find(({ state }) => state === 'published')
  const title = () =>
    newest() ? `All releases: the newest is ${newest()?.head.title}` : 'There is no release yet'
  const folder = ({ head }: SiteRelease) => `${sitePath(props.site)}releases/${head.id}/index.html`
  return (
    <Page
      place={placeOf(props.site, 'releases.html')}
      title={title()}
      description={`All releases of service figures of ${props.site.jurisdiction.name}. Each stays at its address for ever.`}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">
          A release is a set of figures for one month. Once it is out, it never changes. You can link to it
          and come back to it in years.
        </p>
      </div>
      <Table
        id="releases"
        caption="All releases, the newest first"
        heads={[
          { label: 'Release' },
          { label: 'Published' },
          { label: 'State' },
          { label: 'Files', number: true },
        ]}
        rows={props.site.releases}
        cell={(release, column) => {
          const { head, state, reason, files } = release
          if (column === 0)
            return (
              <Show when={state !== 'withdrawn'} fallback={`${head.title} (${head.id})`}>
                <a href={folder(release)}>
                  {head.title} ({head.id})
                </a>
              </Show>
            )
          if (column === 1)
            return <time datetime={head.published_at}>{formatMinute(head.published_at, zone())}</time>
          if (column === 2)
            return (
              <>
                {stateWords[state]}
                <For each={[head.reason, reason].filter(Boolean)}>
                  {(why) => <span class="muted">{why}</span>}
                </For>
              </>
            )
          const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
          return files.length === 0 ? '–' : `${formatCount(files.length)} (${formatBytes(bytes)})`
        }}
      />
      <p>
        <a href={`${sitePath(props.site)}releases.atom`}>Feed of releases (Atom)</a>
      </p>
    </Page>
  )
}
