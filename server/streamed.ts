import type { Context } from 'hono'
import type { AppEnv } from './context.ts'
import { routeOf } from './routeOf.ts'

/**
 * An answer that can grow long, sent as it comes from the store, at the pace of its reader. When the reader goes away, `stop` ends the
 * queries of the store. A failure before the first piece is answered as a problem; after it the connection is cut off, so that
 * no part of an answer looks like all of it.
 */
export async function streamed(
  c: Context<AppEnv>,
  headers: Record<string, string>,
  text: (stop: AbortSignal) => AsyncGenerator<string>,
): Promise<Response> {
  const stop = new AbortController()
  const { signal } = c.req.raw
  signal.addEventListener('abort', () => stop.abort(), { once: true })
  if (signal.aborted) stop.abort()
  const pieces = text(stop.signal)
  let first: IteratorResult<string> | undefined
  try {
    first = await pieces.next()
  } catch (error) {
    const gone = stop.signal.aborted
    stop.abort()
    // nobody is there any more to be told
    if (gone) return new Response(null, { status: 499 })
    throw error
  }
  const end = () => {
    stop.abort()
    void pieces.return(undefined).catch(() => {})
  }
  const sent = { 'Cache-Control': 'no-store', ...headers }
  if (c.req.method === 'HEAD') {
    end()
    return c.body(null, 200, sent)
  }
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(out) {
        try {
          const { value, done } = first ?? (await pieces.next())
          first = undefined
          if (!done) return out.enqueue(encoder.encode(value))
          end()
          out.close()
        } catch (error) {
          if (stop.signal.aborted) return
          const { requestId, log } = c.var
          log.error({ err: error, request_id: requestId, route: routeOf(c) }, 'an answer was cut off')
          end()
          // what is told here may reach the reader
          out.error(new Error('The answer was cut off.'))
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
  return c.body(body, 200, sent)
}
