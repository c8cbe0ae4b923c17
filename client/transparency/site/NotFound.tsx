import type { Site } from '../../../server/releases/published.ts'
import { Page, sitePath } from '../Page.tsx'
import { placeOf } from './place.ts'

/** Stands where there is no page. */
export function NotFound(props: { site: Site }) {
  return (
    <Page
      place={placeOf(props.site, '404.html')}
      title="This page is not here"
      description="There is no page at this address."
    >
      <div class="page-head">
        <h1>This page is not here</h1>
        <p class="lede">The address may be wrong, or the service has another name now.</p>
      </div>
      <ul>
        <li>
          <a href={`${sitePath(props.site)}index.html`}>The newest figures</a>
        </li>
        <li>
          <a href={`${sitePath(props.site)}releases.html`}>All releases, also old ones</a>
        </li>
      </ul>
    </Page>
  )
}
