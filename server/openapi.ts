import type { z } from '@hono/zod-openapi'
import { z as schema } from '@hono/zod-openapi'
import { problem as problemSchema } from './answers.ts'
import { version } from './version.ts'

/** Heads the description of the API. */
export const about = {
  openapi: '3.1.0',
  info: {
    title: 'Clearway',
    version,
    description:
      'Where people wait for public services, and why. Every figure is a Stat: it carries its n, its interval, its completeness and its definition. `from` is inclusive, `until` exclusive; both are days of the time zone that /api/v1/meta names. Every failure is problem JSON (RFC 9457).',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
}

const problemContent = { 'application/problem+json': { schema: problemSchema } }

/** One more thing that can go wrong on a route. */
export const problem = (description: string) => ({ description, content: problemContent })

/** What can go wrong on every route. */
export const problems = {
  400: { description: 'JSON, an address or a header that cannot be read', content: problemContent },
  401: { description: 'Nobody known asks: sign in, or send a key', content: problemContent },
  403: { description: 'Not for whoever asks, or sent by a page of another site', content: problemContent },
  404: { description: 'An id that is not known', content: problemContent },
  413: { description: 'A body that is too large', content: problemContent },
  414: { description: 'An address that is too long', content: problemContent },
  415: { description: 'A body of a type that is not read here', content: problemContent },
  422: { description: 'A parameter that is wrong, by name', content: problemContent },
  429: { description: 'Asked too often; try again after Retry-After seconds', content: problemContent },
  500: { description: 'A fault on our side', content: problemContent },
  503: { description: 'The store does not answer just now', content: problemContent },
} as const

export const json = <S extends z.ZodType>(answer: S, description: string) => ({
  description,
  content: { 'application/json': { schema: answer } },
})

const table = schema.string().openapi({ description: 'The same figures as a flat table, one row a figure.' })

export const unchanged = { description: 'It is as it was: If-None-Match names it' }

/** An answer that is also there as CSV (`?format=csv` or `Accept: text/csv`) and is kept by its ETag. */
export const figures = <S extends z.ZodType>(answer: S, description: string) => ({
  200: {
    description,
    headers: {
      ETag: { description: 'Changes with every load', schema: { type: 'string' as const } },
    },
    content: { 'application/json': { schema: answer }, 'text/csv': { schema: table } },
  },
  304: unchanged,
})
