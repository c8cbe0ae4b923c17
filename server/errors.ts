import { STATUS_CODES } from 'node:http'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { DbError } from '../sql/db.ts'
import { UnknownIdError } from '../sql/errors.ts'
import type { problem } from './answers.ts'
import type { AppEnv } from './context.ts'
import { NoTurnError } from './guard/noTurnError.ts'
import { ReleaseError } from './releases/releaseError.ts'
import { NotNowError, ReportError } from './reports/reportError.ts'
import { routeOf } from './routeOf.ts'

type Problem = z.output<typeof problem>
type Details = { kind: string; title?: string; detail: string; errors?: Problem['errors'] }

/** A refusal with its answer: thrown where it is found, answered by onError. */
export class ProblemError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly details: Details,
    readonly headers: Record<string, string> = {},
  ) {
    super(details.detail)
  }
}

/** Answers with RFC 9457 problem JSON. */
export function problemResponse(c: Context<AppEnv>, status: ContentfulStatusCode, details: Details) {
  const body: Problem = {
    type: `urn:clearway:problem:${details.kind}`,
    title: details.title ?? STATUS_CODES[status] ?? 'Error',
    status,
    detail: details.detail,
    ...(details.errors ? { errors: details.errors } : {}),
    request_id: c.get('requestId') ?? '',
  }
  // what was asked is told again: nothing of it looks like a tag to whoever takes it for a page
  return c.body(JSON.stringify(body).replaceAll('<', '\\u003c'), status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  })
}

/** Every failure ends here: what the caller can mend is said, our own faults keep their details in the log. */
export function onError(error: Error, c: Context<AppEnv>) {
  // nobody is there any more to be told
  if (c.req.raw.signal.aborted) return c.body(null, goneAway)
  if (error instanceof ProblemError) {
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value)
    return problemResponse(c, error.status, error.details)
  }
  if (error instanceof UnknownIdError)
    return problemResponse(c, 404, { kind: 'unknown-id', title: 'Unknown id', detail: error.message })
  if (error instanceof ReleaseError || error.name === 'ExposedCellError')
    return problemResponse(c, 409, { kind: 'step', detail: error.message })
  if (error instanceof NotNowError) {
    c.header('Retry-After', '30')
    return problemResponse(c, 503, { kind: 'not-now', title: 'Not just now', detail: error.message })
  }
  if (error instanceof ReportError)
    return problemResponse(c, 422, {
      kind: 'report',
      title: 'The report cannot be made',
      detail: error.message,
    })
  if (error instanceof HTTPException && error.status < 500)
    return problemResponse(c, error.status as ContentfulStatusCode, {
      kind: 'request',
      detail: error.message,
    })
  if (error instanceof NoTurnError) {
    c.header('Retry-After', '15')
    const detail = `${error.message} Try again in a quarter of a minute, or ask for less at once.`
    return problemResponse(c, 503, { kind: 'too-much', title: 'Too much at once', detail })
  }
  if (error instanceof HTTPException && error.status === 503) {
    c.header('Retry-After', '30')
    return problemResponse(c, 503, { kind: 'too-slow', title: 'Too much at once', detail: error.message })
  }
  if (isEngineCode(error, ...damage)) c.get('status')?.suspect()
  c.get('log')?.error({ err: error, request_id: c.get('requestId'), route: routeOf(c) }, 'request failed')
  if (error instanceof DbError || isConnectionError(error)) {
    c.header('Retry-After', '2')
    return problemResponse(c, 503, {
      kind: 'store-unavailable',
      title: 'The store does not answer',
      detail:
        'The database engine does not answer just now; it is being started again. Try again in a few seconds.',
    })
  }
  if (isEngineCode(error, ...tooMuch)) {
    c.header('Retry-After', '10')
    return problemResponse(c, 503, {
      kind: 'too-much',
      title: 'Too much at once',
      detail:
        'The answer took more time or memory than allowed. Choose a shorter period or one service, or try again later.',
    })
  }
  return problemResponse(c, 500, {
    kind: 'internal',
    detail: 'Something went wrong on our side. Nothing was changed. Give the request id when you report it.',
  })
}

/** No route matched: either the path is unknown, or it exists for another method. */
export function notFound(c: Context<AppEnv>, allowed: string[]) {
  if (allowed.length > 0 && !allowed.includes(c.req.method)) {
    c.header('Allow', allowed.join(', '))
    const detail = `${c.req.method} is not possible here; this address answers ${allowed.join(' and ')}.`
    return problemResponse(c, 405, { kind: 'method-not-allowed', detail })
  }
  const detail = `There is nothing at ${c.req.path.slice(0, 200)}. The description of the API is at /docs.`
  return problemResponse(c, 404, { kind: 'not-found', detail })
}

/** Time, memory, queries at once, rows, bytes, rows or bytes: more of them than allowed. */
const tooMuch = ['159', '241', '202', '158', '307', '396']

/** Checksums that do not fit, files of a part that are missing, cut or cannot be read. */
const damage = ['40', '33', '226', '228', '246', '271', '432']

const goneAway = 499 as ContentfulStatusCode

const isEngineCode = (error: Error, ...codes: string[]) =>
  'code' in error && codes.includes(String(error.code))

const isConnectionError = (error: Error) =>
  isEngineCode(error, 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'ENGINE_GONE')
