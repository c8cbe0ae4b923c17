import type { Place } from '../Page.tsx'
import type { Release } from '../release.ts'

/** Where a page of a release stands. */
export const placeOf = ({ jurisdiction, publication, release }: Release, path: string): Place => ({
  jurisdiction,
  publication,
  release,
  path,
})
