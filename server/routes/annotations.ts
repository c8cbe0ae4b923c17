import { createRoute, z } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { annotationInput, DeclaredError } from '../../sql/annotations.ts'
import { annotation, annotationsAnswer } from '../answers.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { annotationsQuery, noQuery, routes } from '../valid.ts'

const notAllowed = {
  401: problem('A key that is not known here'),
  403: problem('Neither on the machine itself nor with a key that has the scope annotate'),
}

/** A key, or none on the machine itself. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]
const mostBytes = 16_384

const list = createRoute({
  method: 'get',
  tags: ['Annotations'],
  path: '/',
  summary: 'What was done and when: of some services and of all of them together',
  request: { query: annotationsQuery },
  responses: { 200: json(annotationsAnswer, 'The annotations, by day'), ...problems },
})

const add = createRoute({
  method: 'post',
  tags: ['Annotations'],
  path: '/',
  summary: 'Write down what was done',
  security: eitherWay,
  middleware: [
    bodyLimit({
      maxSize: mostBytes,
      onError: () => {
        throw new ProblemError(413, {
          kind: 'too-large',
          detail: `An annotation is one line; the body must not be larger than ${mostBytes} bytes.`,
        })
      },
    }),
  ] as const,
  request: {
    query: noQuery,
    body: { required: true, content: { 'application/json': { schema: annotationInput } } },
  },
  responses: { 201: json(annotation, 'The annotation'), ...problems, ...notAllowed },
})

const remove = createRoute({
  method: 'delete',
  tags: ['Annotations'],
  path: '/{id}',
  summary: 'Take an annotation away',
  security: eitherWay,
  request: {
    params: z.object({
      id: z.string().regex(/^[0-9a-f]{16}$/, { error: 'must be the id of an annotation' }),
    }),
    query: noQuery,
  },
  responses: {
    200: json(annotation, 'The annotation that is gone'),
    ...problems,
    ...notAllowed,
    409: problem('It is declared in the configuration'),
  },
})

/** Annotations do not move the data version, so nobody keeps them. */
export const annotationRoutes = routes()
  .openapi(list, async (c) => {
    const { service, from, until } = c.req.valid('query')
    const data = await c.var.data()
    const annotations = await data.listAnnotations(c.var.db, {
      service,
      ...(from && { from }),
      ...(until && { until }),
    })
    return c.json({ annotations }, 200, { 'Cache-Control': 'no-store' })
  })
  .openapi(add, async (c) => {
    const data = await c.var.data()
    return c.json(await data.addAnnotation(c.var.db, c.req.valid('json')), 201)
  })
  .openapi(remove, async (c) => {
    const data = await c.var.data()
    try {
      return c.json(await data.deleteAnnotation(c.var.db, c.req.valid('param').id), 200)
    } catch (error) {
      if (!(error instanceof DeclaredError)) throw error
      throw new ProblemError(409, { kind: 'declared', detail: error.message })
    }
  })
