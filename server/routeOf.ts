import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The route that answers a request: the first that stands for it, before the one for whatever else there is. */
export const routeOf = (c: Context) => matchedRoutes(c).find(({ method }) => method !== 'ALL')
