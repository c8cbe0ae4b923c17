import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The route that answers: the first that fits, as others that fit too, like the files of the dashboard, are not asked. */
export const routeThatAnswers = (c: Context) => matchedRoutes(c).find(({ method }) => method !== 'ALL')

/** Its pattern: what stands in its place may open something, or name a case, and is written nowhere. */
export const routeOf = (c: Context): string => routeThatAnswers(c)?.path ?? 'unmatched'
