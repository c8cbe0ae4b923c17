import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { HTTPException } from 'hono/http-exception'
import { timeout } from 'hono/timeout'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'

/** What a question may hold. The longest addresses are links to feedback and to answers chosen by a hundred values. */
const most = { path: 8_192, parameters: 600, bodyBytes: 2 ** 20, depth: 32, values: 100_000 }
const seconds = { answer: 180, intake: 900 }

/** Bodies of rows and answers have limits of their own, where they are read. */
const ownLimit = /^\/(api\/v1\/ingest|feedback)\//

/** Refuses questions that are larger than any that makes sense, before anybody looks into them. */
export const rightSize = createMiddleware<AppEnv>(async (c, next) => {
  const { path } = c.req
  if (path.length > most.path)
    throw new ProblemError(414, {
      kind: 'too-long',
      detail: `The path has ${path.length} signs; it may have ${most.path}.`,
    })
  checkParameters(new URL(c.req.url).search)
  if (ownLimit.test(path)) return answeredIn(seconds.intake)(c, next)
  await answeredIn(seconds.answer)(
    c,
    () =>
      limited(c, async () => {
        await checkBody(c)
        await next()
      }) as Promise<void>,
  )
})

function checkParameters(search: string): void {
  let parameters = search === '' ? 0 : 1
  for (const sign of search) if (sign === '&') parameters++
  if (parameters > most.parameters)
    throw new ProblemError(422, {
      kind: 'too-many-parameters',
      title: 'Too many parameters',
      detail: `There are ${parameters} parameters; there may be ${most.parameters}. A list of values may have 100.`,
    })
  // written %5F too; it would change what every object is made of
  if (/[?&](_|%5f){2}proto/i.test(search)) throw unknown('__proto__')
}

const unknown = (field: string) =>
  new ProblemError(422, {
    kind: 'invalid-parameter',
    title: 'Invalid parameter',
    detail: `"${field}" is not a parameter here.`,
    errors: [{ field, message: 'is not a parameter here' }],
  })

const limited = bodyLimit({
  maxSize: most.bodyBytes,
  onError: () => {
    throw new ProblemError(413, {
      kind: 'too-large',
      detail: `The body is larger than ${most.bodyBytes / 2 ** 20} MB.`,
    })
  },
})

/** JSON that is deep, wide or named to change every object is no question of ours. What is no JSON is told by who reads it. */
async function checkBody(c: Context<AppEnv>): Promise<void> {
  if (!/\bjson\b/i.test(c.req.header('Content-Type') ?? '') || c.req.raw.body === null) return
  const text = await c.req.text()
  // whoever reads it next finds it as it came
  c.req.raw = new Request(c.req.raw, { body: text })
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return
  }
  let layer: unknown[] = [body]
  let values = 0
  for (let depth = 0; layer.length > 0; depth++) {
    values += layer.length
    if (depth > most.depth) throw wrongBody(`is nested deeper than ${most.depth} levels`)
    if (values > most.values) throw wrongBody(`holds more than ${most.values} values`)
    const held = layer.filter((value): value is object => typeof value === 'object' && value !== null)
    if (held.some((value) => Object.hasOwn(value, '__proto__'))) throw wrongBody('names a field "__proto__"')
    layer = held.flatMap((value) => Object.values(value))
  }
}

const wrongBody = (what: string) =>
  new ProblemError(422, { kind: 'invalid-body', title: 'Invalid body', detail: `The body ${what}.` })

/** An answer that takes longer helps nobody; one that has begun is sent to its end. */
const answeredIn = (limit: number) =>
  timeout(
    limit * 1000,
    () =>
      new HTTPException(503, {
        message: `The answer took longer than ${limit} seconds. Ask for less, or try again later.`,
      }),
  )
