import { createMiddleware } from 'hono/factory'

/** Pages of ours: their own files and nothing else, no script or style inside the page. */
const page =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Answers that are no pages: should a browser take one for a page all the same, it does nothing. */
const noPage =
  "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox allow-downloads"

const unlessSaid = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
}

/** Two years, as lists of such hosts ask for. */
const httpsOnly = 'max-age=63072000'

/**
 * Puts the headers on every answer, also on errors, after everything else: what a part of the server has said itself stays. A browser is told to
 * keep to https only where it came by https, so that a city without a certificate is not locked out.
 */
export const secured = createMiddleware(async (c, next) => {
  await next()
  const { headers } = c.res
  for (const [name, value] of Object.entries(unlessSaid)) if (!headers.has(name)) headers.set(name, value)
  if (!headers.has('Content-Security-Policy')) {
    const isPage = headers.get('Content-Type')?.startsWith('text/html') ?? false
    headers.set('Content-Security-Policy', isPage ? page : noPage)
  }
  // told a second time for browsers that do not read the first
  if (!mayBeFramed.test(headers.get('Content-Security-Policy') ?? '')) headers.set('X-Frame-Options', 'DENY')
  if (cameByHttps(c.req.url, c.req.header('X-Forwarded-Proto')))
    headers.set('Strict-Transport-Security', httpsOnly)
})

const mayBeFramed = /frame-ancestors (?!'none')/

/** A proxy says how the browser came. Who writes this by hand deceives only himself. */
const cameByHttps = (url: string, forwarded: string | undefined) =>
  url.startsWith('https:') || forwarded?.split(',').at(-1)?.trim() === 'https'
