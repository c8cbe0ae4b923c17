import type { Filters } from '../sql/filters.ts'
import { segments } from './address.ts'

/** What narrows the cases of the page down besides the filters; it stands in the address beside them. */
export const caseKeys = ['stage', 'also', 'from_stage', 'dimension', 'value', 'state', 'sort'] as const
export type CaseSearch = { [key in (typeof caseKeys)[number]]?: string }

type Page = (path: string, extra?: Partial<Filters>) => string

/** The page with the cases behind a number. `page` is the one of useFilters. */
export function casesPath(page: Page, choice: CaseSearch, extra: Partial<Filters> = {}): string {
  const search = new URLSearchParams()
  for (const key of caseKeys) {
    const value = choice[key]
    if (value !== undefined && (value !== '' || key === 'value')) search.set(key, value)
  }
  const path = page('/cases', extra)
  const more = search.toString()
  return more ? `${path}${path.includes('?') ? '&' : '?'}${more}` : path
}

/** What a report takes of it: a group that there is a filter for becomes that filter. */
export function reportPart({ dimension, value, ...rest }: CaseSearch) {
  const filter = segments.find((segment) => segment === dimension)
  if (filter && value) return { filters: { [filter]: [value] }, options: rest }
  return { options: dimension ? { ...rest, dimension, value: value ?? '' } : rest }
}
