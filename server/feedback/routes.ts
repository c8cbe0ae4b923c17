import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AnswerRow } from '../../pipelines/sources/answerBox.ts'
import { SpoolFullError } from '../../pipelines/sources/spool.ts'
import type { Db } from '../../sql/db.ts'
import { addressOf } from '../bearer.ts'
import type { AppEnv } from '../context.ts'
import { answerId, type Link, type LinkKeys, openLink } from './link.ts'
import { type End, endPage, formPage, styleHash } from './page.ts'
import { judge, readTyped } from './questions.ts'
import { RateLimit } from './rateLimit.ts'
import { chooseLanguage, type Language } from './texts/languages.ts'

export type FeedbackOptions = {
  keys: LinkKeys
  /** Origins whose pages may show the form in a frame. */
  embed?: readonly string[]
  limit?: RateLimit
}

/** How a visit ended, for the metrics. */
export type Result = 'shown' | 'accepted' | 'incomplete' | Exclude<End, 'thanks'>

const statuses = {
  thanks: 200,
  answered: 409,
  unknown: 404,
  expired: 410,
  too_large: 413,
  not_a_form: 415,
  too_often: 429,
  later: 503,
} as const satisfies Record<End, ContentfulStatusCode>

/** 4,000 signs of four bytes, each written %F0, and the other answers. */
const mostBytes = 64 * 1024
const namesAge = 60_000

/**
 * The feedback form: one page that works without JavaScript and sets no cookie. The link alone says what it is about, so an
 * answer needs neither a session nor a login; what is accepted is on disk before the thanks are said.
 */
export function feedbackRoutes(
  { keys, embed = [], limit = new RateLimit() }: FeedbackOptions,
  count: (result: Result) => void,
) {
  const serviceNames = new ServiceNames()
  const pages = new Map<string, string>()
  const languageOf = (c: Context<AppEnv>): Language =>
    chooseLanguage(c.req.query('lang'), c.req.header('Accept-Language'))

  const end = (c: Context<AppEnv>, what: End, headers: Record<string, string> = {}) => {
    count(what === 'thanks' ? 'accepted' : what)
    const language = languageOf(c)
    const known = pages.get(`${language} ${what}`)
    const text = known ?? String(endPage(language, what))
    if (known === undefined) pages.set(`${language} ${what}`, text)
    return c.html(text, statuses[what], headers)
  }

  /** Whom the link is for, or how the visit ends. */
  const visit = async (c: Context<AppEnv>): Promise<{ link: Link; id: string; service: string } | End> => {
    const link = openLink(keys, c.req.param('token') ?? '')
    if (!link) return 'unknown'
    if (link.expires * 1000 <= Date.now()) return 'expired'
    const id = answerId(keys, link)
    if (c.var.intake?.answers.has(id)) return 'answered'
    const service = (await serviceNames.of(c.var.store)).get(link.service)
    // a service that was given up asks no longer
    return service === undefined ? 'expired' : { link, id, service }
  }

  // a body whose length is known is refused, or read at once; any other is counted while it comes
  const isAnnounced = (c: Context<AppEnv>): boolean =>
    c.req.header('Content-Length') !== undefined && c.req.header('Transfer-Encoding') === undefined
  const announced: MiddlewareHandler<AppEnv> = async (c, next) => {
    if (Number(c.req.header('Content-Length')) > mostBytes) return end(c, 'too_large')
    await next()
  }
  const counted: MiddlewareHandler<AppEnv> = bodyLimit({
    maxSize: mostBytes,
    onError: (c) => end(c as Context<AppEnv>, 'too_large'),
  })

  const app = new Hono<AppEnv>()
  app.onError((error, c) => {
    const isFull = error instanceof SpoolFullError
    // the address is as good as the answer: it is not written to the log
    if (!isFull) c.var.log.error({ err: error, request_id: c.var.requestId }, 'an answer was not kept')
    return end(c, 'later', { 'Retry-After': '5' })
  })
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: [`'${styleHash}'`],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: embed.length > 0 ? [...embed] : ["'none'"],
      },
      xFrameOptions: embed.length === 0 && 'DENY',
      strictTransportSecurity: 'max-age=15552000',
      referrerPolicy: 'no-referrer',
    }),
  )
  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store')
    c.header('X-Robots-Tag', 'noindex')
    c.header('Vary', 'Accept-Language')
    await next()
  })

  app.get('/:token', async (c) => {
    const found = await visit(c)
    if (typeof found === 'string') return end(c, found)
    count('shown')
    const language = languageOf(c)
    c.header('Content-Language', language)
    return c.html(formPage({ language, service: found.service }))
  })

  app.post(
    '/:token',
    async (c, next) => {
      const seconds = limit.take(addressOf(c) ?? '')
      if (seconds > 0) return end(c, 'too_often', { 'Retry-After': String(seconds) })
      const type = (c.req.header('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase()
      if (type !== 'application/x-www-form-urlencoded') return end(c, 'not_a_form')
      await next()
    },
    (c, next) => (isAnnounced(c) ? announced(c, next) : counted(c, next)),
    async (c) => {
      const found = await visit(c)
      if (typeof found === 'string') return end(c, found)
      const box = c.var.intake?.answers
      if (!box) return end(c, 'later')
      const typed = readTyped(new URLSearchParams(await c.req.text()))
      const judged = judge(typed)
      const language = languageOf(c)
      if ('mistakes' in judged) {
        count('incomplete')
        return c.html(formPage({ language, service: found.service, typed, mistakes: judged.mistakes }), 422)
      }
      const verdict = await box.put(rowOf(found.link, found.id, judged.answer, language))
      return end(c, verdict === 'accepted' ? 'thanks' : 'answered')
    },
  )
  return app
}

/** The answer as a row of `outcomes`. It corrects the row that was written when the link was made. */
function rowOf(link: Link, id: string, answer: Omit<AnswerRow, 'outcome_id'>, language: string): AnswerRow {
  const { service, source, case_id, channel } = link
  const now = new Date().toISOString()
  const spoken: Record<string, string> = 'comment' in answer ? { language } : {}
  return {
    outcome_id: id,
    source,
    service,
    case_id,
    channel,
    at: now,
    recorded_at: now,
    offered: true,
    ...answer,
    ...spoken,
  }
}

/** Services by id, asked for once a minute; while the store does not answer, those of the last time. */
class ServiceNames {
  #names: Map<string, string> | undefined
  #asking: Promise<void> | undefined
  #askedAt = 0

  async of(db: Db): Promise<Map<string, string>> {
    if (Date.now() - this.#askedAt > namesAge)
      this.#asking ??= this.#ask(db).finally(() => {
        this.#asking = undefined
      })
    if (this.#names) this.#asking?.catch(() => {})
    else await this.#asking
    return this.#names ?? new Map()
  }

  async #ask(db: Db): Promise<void> {
    const result = await db.query({ query: 'SELECT id, name FROM services FINAL', format: 'JSONEachRow' })
    const rows = await result.json<{ id: string; name: string }>()
    this.#names = new Map(rows.map(({ id, name }) => [id, name]))
    this.#askedAt = Date.now()
  }
}
