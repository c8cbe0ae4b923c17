import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern of the address that answers: what stands in its place may open something, or name a case, and is written nowhere. */
export const routeOf = (c: Context): string =>
  matchedRoutes(c).findLast((matched) => matched.method !== 'ALL')?.path ?? 'unmatched'
