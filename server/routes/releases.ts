import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRoute, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getMimeType } from 'hono/utils/mime'
import { releaseSteps } from '../../sql/releaseLog.ts'
import { note } from '../audit/note.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { build, releaseFolder, unknown } from '../releases/build.ts'
import type { Desk, Person } from '../releases/desk.ts'
import { listReleases, readRelease } from '../releases/listed.ts'
import { readManifest } from '../releases/manifest.ts'
import { publisherOf } from '../releases/person.ts'
import { releaseStates } from '../releases/state.ts'
import { approve, check, compare, preview, publish, schedule, withdraw } from '../releases/workflow.ts'
import { noQuery, routes } from '../valid.ts'

const moment = z.string().openapi({ format: 'date-time' })

const release = z
  .object({
    id: z.string().openapi({ example: '2026-06' }),
    title: z.string(),
    month: z.string(),
    version: z.number(),
    state: z.enum(releaseStates),
    as_of: moment.openapi({ description: 'The instant of the store it was made from.' }),
    published_at: moment.openapi({ description: 'The minute it becomes public, never earlier.' }),
    public_since: moment
      .nullable()
      .openapi({ description: 'When it became public; null when it never was.' }),
    corrects: z.string().nullable(),
    reason: z.string().openapi({ description: 'Why it corrects another one.' }),
    withdrawn: z.object({ at: moment, reason: z.string() }).nullable(),
    made_by: z.array(z.string()).openapi({ description: 'Who built or checked it: they cannot approve it.' }),
    loosened: z.string().nullable().openapi({
      description: 'Why small numbers are kept back less strictly than in the release before.',
    }),
    hidden: z.object({ cells: z.number(), of: z.number(), share_of_cases: z.number() }),
    next: z.string().openapi({ description: 'What has to happen next, and who can do it.' }),
  })
  .openapi('Release')

export const releasesAnswer = z
  .object({
    releases: z.array(release),
    calendar: z.array(
      z.object({
        month: z.string(),
        title: z.string(),
        at: moment,
        state: z.enum(['planned', 'late', 'published', 'cancelled']),
        reason: z.string(),
        sequence: z.number().openapi({ description: 'How often it was changed.' }),
      }),
    ),
  })
  .openapi('Releases')

export const releaseAnswer = release
  .extend({
    log: z.array(z.object({ step: z.enum(releaseSteps), at: moment, by: z.string(), reason: z.string() })),
  })
  .openapi('ReleaseWithLog')

const figure = z.object({ value: z.number().nullable(), marks: z.array(z.string()) })
export const compareAnswer = z
  .object({
    before: z.string(),
    now: z.string(),
    revisions: z.array(
      z.object({
        table: z.string(),
        at: z.record(z.string(), z.string()),
        measure: z.string(),
        before: figure.extend({ release: z.string() }),
        now: figure,
      }),
    ),
  })
  .openapi('Revisions')

const previewAnswer = z
  .object({ address: z.string(), until: moment })
  .openapi('Preview', { description: 'Where the release can be looked at, and until when.' })

const id = z.object({
  id: z.string().regex(/^\d{4}-\d\d(\.\d{1,3})?$/, { error: 'must be a release like 2026-06 or 2026-06.2' }),
})
const line = (most: number) =>
  z
    .string()
    .trim()
    .max(most, { error: `must not be longer than ${most} characters` })
    .regex(/^\P{Cc}*$/u, { error: 'must be one line without control characters' })
const said = line(400).min(3, { error: 'must say why in a few words' })

const withKey = [{ bearer: [] }]
/** A key, or none where all is public. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]
const refusals = {
  401: problem('No key, or one that is not known here'),
  409: problem('Not now, or not by this person: the answer says why and what to do'),
  413: problem('A body that is too large'),
}
const mostBytes = 8_192
const small: MiddlewareHandler<AppEnv> = bodyLimit({
  maxSize: mostBytes,
  onError: () => {
    throw new ProblemError(413, {
      kind: 'too-large',
      detail: `The body must not be larger than ${mostBytes} bytes.`,
    })
  },
})
const body = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
})

const list = createRoute({
  method: 'get',
  tags: ['Releases'],
  path: '/',
  summary: 'All releases, what they wait for, and the release calendar',
  request: { query: noQuery },
  responses: { 200: json(releasesAnswer, 'The releases, the newest month first'), ...problems },
})

const one = createRoute({
  method: 'get',
  tags: ['Releases'],
  path: '/{id}',
  summary: 'One release and all that was done with it: by whom, when and why',
  request: { params: id, query: noQuery },
  responses: { 200: json(releaseAnswer, 'The release'), ...problems },
})

const make = createRoute({
  method: 'post',
  tags: ['Releases'],
  path: '/',
  summary: 'Build a draft of a month, or of a correction',
  security: withKey,
  middleware: [small] as const,
  request: {
    query: noQuery,
    body: body(
      z.strictObject({
        month: z
          .string()
          .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'must be a month like 2026-06' })
          .optional()
          .openapi({ description: 'The last whole month of the data when not given.' }),
        correct: id.shape.id.optional().openapi({ description: 'The public release it takes the place of.' }),
        reason: said.optional().openapi({ description: 'Why it is corrected; everybody reads it.' }),
        at: z.string().max(20).optional().openapi({
          description:
            'When it becomes public: a time of the jurisdiction like 2026-08-14T09:30, or now; as the calendar says when not given.',
        }),
        loosen: said.optional().openapi({
          description: 'Why small numbers are kept back less strictly than in the release before.',
        }),
      }),
    ),
  },
  responses: { 201: json(releaseAnswer, 'The draft'), ...problems, ...refusals },
})

const deeds = { check, approve, schedule, publish, withdraw }

const step = createRoute({
  method: 'post',
  tags: ['Releases'],
  path: '/{id}/{step}',
  summary: 'Do one step: check, approve, schedule, publish or withdraw',
  description:
    'check: make a draft once more, compare every byte, and note that you looked through it. approve: answer for it; not for whoever built or checked it. schedule: let it become public at its minute. publish: make it public; never before its minute. withdraw: take it off the site, or keep it from getting there; needs a reason.',
  security: withKey,
  middleware: [small] as const,
  request: {
    params: id.extend({
      step: z.enum(['check', 'approve', 'schedule', 'publish', 'withdraw'], {
        error: 'must be check, approve, schedule, publish or withdraw',
      }),
    }),
    query: noQuery,
    body: body(
      z.strictObject({
        reason: said.optional().openapi({ description: 'Why it is withdrawn; it stands in its place.' }),
        loosen: said.optional().openapi({
          description: 'With approve: why you agree that small numbers are kept back less strictly.',
        }),
      }),
    ),
  },
  responses: { 200: json(releaseAnswer, 'The release after the step'), ...problems, ...refusals },
})

const previewRoute = createRoute({
  method: 'post',
  tags: ['Releases'],
  path: '/{id}/preview',
  summary: 'Look at a release before it is public; who and why is written down',
  security: withKey,
  middleware: [small] as const,
  request: { params: id, query: noQuery, body: body(z.strictObject({ reason: said })) },
  responses: { 201: json(previewAnswer, 'Where to look'), ...problems, ...refusals },
})

const compareRoute = createRoute({
  method: 'get',
  tags: ['Releases'],
  path: '/{id}/compare/{now}',
  summary: 'What a release says otherwise than an earlier one',
  description: 'Of releases that are not public only with a key; it is written down.',
  security: eitherWay,
  request: { params: id.extend({ now: id.shape.id }), query: noQuery },
  responses: {
    200: json(compareAnswer, 'The figures that changed'),
    ...problems,
    401: refusals[401],
    409: refusals[409],
  },
})

function deskOf(c: Context<AppEnv>): Desk {
  if (c.var.desk) return c.var.desk
  throw new ProblemError(503, {
    kind: 'no-desk',
    detail: 'Nothing can be released from this server. Start it with "clearway serve".',
  })
}

/** The person behind the key of the request: one is needed on the machine itself too. */
const person = (c: Context<AppEnv>): Person => {
  const { who } = c.var
  if (who.kind === 'key' || who.kind === 'person') return publisherOf(who)
  throw new ProblemError(
    401,
    {
      kind: 'no-key',
      detail:
        'This address needs a key. Make one with "clearway key create --name NAME --role publisher" and send it as "Authorization: Bearer KEY".',
    },
    { 'WWW-Authenticate': 'Bearer' },
  )
}

/** Previews that are open, by the part of their address that cannot be guessed. */
const open = new Map<string, { id: string; until: number }>()
const openMs = 15 * 60_000

function openPreview(id: string): { address: string; until: string } {
  const now = Date.now()
  for (const [token, { until }] of open) if (until < now) open.delete(token)
  const token = randomBytes(24).toString('base64url')
  const until = now + openMs
  open.set(token, { id, until })
  return { address: `/api/v1/releases/preview/${token}/index.html`, until: new Date(until).toISOString() }
}

/** What is not public yet is about all departments: it is for those who see them all. */
const isTold = (c: Context<AppEnv>, { public_since }: { public_since: string | null }): boolean =>
  public_since !== null || c.var.db.sight.parts === null

/** The release, where whoever asks is told of it. */
async function told(c: Context<AppEnv>, id: string) {
  const found = await readRelease({ db: c.var.store }, id)
  if (!isTold(c, found)) throw unknown(id)
  return found
}

const noStore = { 'Cache-Control': 'no-store' }

export const releaseRoutes = routes()
  .openapi(list, async (c) => {
    const { releases, calendar } = await listReleases({ db: c.var.store })
    return c.json({ releases: releases.filter((one) => isTold(c, one)), calendar }, 200, noStore)
  })
  .openapi(one, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await told(c, id), 200, noStore)
  })
  .openapi(make, async (c) => {
    const desk = deskOf(c)
    const asked = c.req.valid('json')
    const { id } = await build(desk, asked, person(c))
    await note(c, { deed: 'release_build', object: id, detail: asked })
    return c.json(await readRelease(desk, id), 201, noStore)
  })
  .openapi(previewRoute, async (c) => {
    const { id } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    await preview(deskOf(c), id, person(c), reason)
    await note(c, { deed: 'release_preview', object: id, detail: { reason } })
    return c.json(openPreview(id), 201, noStore)
  })
  .openapi(step, async (c) => {
    const { id, step } = c.req.valid('param')
    const said = c.req.valid('json')
    await deeds[step](deskOf(c), id, person(c), said)
    await note(c, { deed: `release_${step}`, object: id, detail: said })
    return c.json(await readRelease({ db: c.var.store }, id), 200, noStore)
  })
  .openapi(compareRoute, async (c) => {
    const { id, now } = c.req.valid('param')
    for (const each of [id, now]) await told(c, each)
    let isPublic = true
    const revisions = await compare(deskOf(c), id, now, async () => {
      isPublic = false
      return person(c)
    })
    if (!isPublic) await note(c, { deed: 'release_compare', object: now, detail: { before: id } })
    return c.json({ before: id, now, revisions }, 200, noStore)
  })

/** As it will be for the public, without scripts; embedded charts are shown within their page. */
const previewPolicy =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// files of a release as a browser asks for them: their path may be long
releaseRoutes.openAPIRegistry.registerPath({
  ...{ method: 'get', path: '/preview/{token}/{path}', tags: ['Releases'] },
  summary: 'A file of a release that is not public yet, for a quarter of an hour',
  request: { params: z.object({ token: z.string(), path: z.string() }) },
  responses: { 200: { description: 'The file' }, 404: problems[404] },
})
releaseRoutes.get('/preview/:token/:path{.+}', async (c) => {
  const found = open.get(c.req.param('token'))
  const gone = new ProblemError(404, {
    kind: 'preview-over',
    detail: 'This preview is over, or the release has no such file. Open it again from the page of releases.',
  })
  if (!found || found.until < Date.now()) throw gone
  const folder = releaseFolder(c.var.store.dataDir, found.id)
  const path = c.req.param('path')
  const listed = (await readManifest(folder))?.files.some((file) => file.path === path)
  if (!listed) throw gone
  const bytes = new Uint8Array(await readFile(join(folder, path)))
  const type = getMimeType(path) ?? 'application/octet-stream'
  return c.body(bytes, 200, {
    ...noStore,
    'Content-Type': type,
    'X-Robots-Tag': 'noindex',
    'Content-Security-Policy': previewPolicy,
  })
})
