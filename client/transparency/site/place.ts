import type { Site } from '../../../server/releases/published.ts'
import type { Place } from '../Page.tsx'

/** Where a page above releases stands. */
export const placeOf = ({ jurisdiction, publication }: Site, path: string): Place => ({
  jurisdiction,
  publication,
  release: null,
  path,
})
