import { useLocation, useNavigate } from '@solidjs/router'
import { createContext, createMemo, useContext } from 'solid-js'
import type { Filters } from '../sql/filters.ts'
import { filterKeys, readFilters, shownPeriod, writeFilters } from './address.ts'
import type { Meta } from './api.ts'

export const MetaContext = createContext<() => Meta | undefined>(() => undefined)

/** What is known of the jurisdiction; undefined until it has arrived. Pages with figures are only shown with it. */
export const useMeta = () => useContext(MetaContext)

/** The address bar is the state: reads and changes the filters in it. */
export function useFilters() {
  const location = useLocation()
  const navigate = useNavigate()
  const meta = useMeta()
  const read = createMemo(() => readFilters(location.search, meta()))
  const filters = () => read().filters
  const period = createMemo(() => shownPeriod(filters(), meta()?.held ?? null))

  const change = (wanted: Partial<Filters>) => {
    const kept = new URLSearchParams(location.search)
    for (const key of filterKeys) kept.delete(key)
    const search = [writeFilters({ ...filters(), ...wanted }), kept.toString()].filter(Boolean).join('&')
    navigate(`${location.pathname}${search ? `?${search}` : ''}`, { scroll: false, resolve: false })
  }

  /** An address of the API with the filters, the period written out, and what the caller adds or overrides. */
  const api = (path: string, extra: Partial<Filters> & { grain?: string } = {}) => {
    const { grain, ...overrides } = extra
    const search = new URLSearchParams(writeFilters({ ...filters(), ...period(), ...overrides }))
    if (grain) search.set('grain', grain)
    return `/api/v1${path}?${search}`
  }

  /** A page with the filters kept. */
  const page = (path: string, extra: Partial<Filters> = {}) => {
    const search = writeFilters({ ...filters(), ...extra })
    return search ? `${path}?${search}` : path
  }

  return { filters, period, problems: () => read().problems, change, api, page }
}

/** The same figures as CSV. */
export const csvOf = (address: string) => `${address}${address.includes('?') ? '&' : '?'}format=csv`
