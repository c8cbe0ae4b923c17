import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createRoute, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Db } from '../../sql/db.ts'
import { readNames } from '../../sql/names.ts'
import { isReportId, reportFormats, reportIds } from '../../sql/reportIds.ts'
import { listRuns, type RunRow, type RunsAsked, readRun, verifyChecksum } from '../../sql/reportRuns.ts'
import {
  type Recipient,
  recipientScope,
  runStates,
  type Schedule,
  schedule as scheduleSchema,
} from '../../sql/reportSchedules.ts'
import { faultsOf } from '../../sql/scheduleRules.ts'
import {
  definitionOf,
  endSchedule,
  type KeptSchedule,
  keepSchedule,
  newScheduleId,
  readSchedules,
} from '../../sql/scheduleVersions.ts'
import { may } from '../access/who.ts'
import {
  begunAnswer,
  keptSchedule,
  reportsAnswer,
  runAnswer,
  runsAnswer,
  verifyAnswer,
} from '../answers/reports.ts'
import { note } from '../audit/note.ts'
import type { AppEnv } from '../context.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { checkPurpose } from '../privacy/purpose.ts'
import type { ReportFile } from '../reports/content.ts'
import { savedAs } from '../reports/delivery/bytes.ts'
import { runNow } from '../reports/runs/byHand.ts'
import { oneAtATime } from '../reports/runs/desk.ts'
import { listReports, shownRun, showsCases } from '../reports/runs/listed.ts'
import { periodAt, toRow } from '../reports/runs/run.ts'
import { withinScope } from '../reports/runs/scope.ts'
import { seen } from '../reports/seen.ts'
import type { Reports } from '../reports/storeDesk.ts'
import { verified } from '../reports/verified.ts'
import { closed, fileQuery, noQuery, routes } from '../valid.ts'

const mostBytes = 65_536
const small: MiddlewareHandler<AppEnv> = bodyLimit({
  maxSize: mostBytes,
  onError: () => {
    throw new ProblemError(413, {
      kind: 'too-large',
      detail: `The body must not be larger than ${mostBytes} bytes.`,
    })
  },
})
/** A key, or none on the machine itself. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]
const refusals = {
  401: problem('A key that is not known here'),
  403: problem(
    'Neither on the machine itself nor with a key that has the scope reports, and cases for single cases',
  ),
}
const conflict = { 409: problem('It is declared in the configuration') }
const tooLarge = { 413: problem('A body that is too large') }
const body = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
})
const id = z.object({ id: scheduleSchema.shape.id })
const common = { tags: ['Reports'], security: eitherWay }
const writing = { ...common, middleware: [small] as [typeof small] }

const list = createRoute({
  ...{ method: 'get', path: '/', ...common },
  summary: 'The reports there are, their schedules, when they come next and why they were not sent',
  request: { query: noQuery },
  responses: { 200: json(reportsAnswer, 'Reports and schedules'), ...problems, ...refusals },
})

const limitWords = 'must be a whole number from 1 to 500'
const beforeWords = 'must be a whole number from 1'
const history = createRoute({
  ...{ method: 'get', path: '/runs', ...common },
  summary: 'What became of reports, the last change first',
  request: {
    query: closed(
      z.object({
        schedule: scheduleSchema.shape.id.optional(),
        state: z.enum(runStates, { error: `must be one of ${runStates.join(', ')}` }).optional(),
        before: z.coerce
          .number({ error: beforeWords })
          .int({ error: beforeWords })
          .min(1, { error: beforeWords })
          .optional()
          .openapi({ type: 'integer', description: '`next` of the page before.' }),
        limit: z.coerce
          .number({ error: limitWords })
          .int({ error: limitWords })
          .min(1, { error: limitWords })
          .max(500, { error: limitWords })
          .default(100)
          .openapi({ type: 'integer' }),
      }),
    ),
  },
  responses: { 200: json(runsAnswer, 'The runs'), ...problems, ...refusals },
})

const oneRun = createRoute({
  ...{ method: 'get', path: '/runs/{key}', ...common },
  summary: 'One run and all that happened to it',
  request: {
    params: z.object({ key: z.string().regex(/^[0-9a-f]{32}$/, { error: 'must be the key of a run' }) }),
    query: noQuery,
  },
  responses: { 200: json(runAnswer, 'The run'), ...problems, ...refusals },
})

const add = createRoute({
  ...{ method: 'post', path: '/schedules', ...writing },
  summary: 'Schedule a report; it is given an id',
  request: { query: noQuery, body: body(scheduleSchema.omit({ id: true })) },
  responses: { 201: json(keptSchedule, 'The schedule'), ...problems, ...refusals, ...tooLarge },
})

const change = createRoute({
  ...{ method: 'put', path: '/schedules/{id}', ...writing },
  summary: 'Change a schedule; where its times change, it is due from now on',
  request: { params: id, query: noQuery, body: body(scheduleSchema.omit({ id: true })) },
  responses: { 200: json(keptSchedule, 'The schedule'), ...problems, ...refusals, ...conflict, ...tooLarge },
})

const remove = createRoute({
  ...{ method: 'delete', path: '/schedules/{id}', ...common },
  summary: 'End a schedule; its history stays',
  request: { params: id, query: noQuery },
  responses: { 200: json(keptSchedule, 'The schedule that is gone'), ...problems, ...refusals, ...conflict },
})

const start = createRoute({
  ...{ method: 'post', path: '/schedules/{id}/run', ...common },
  summary: 'Send it now, under the conditions of the schedule; twice within a minute is once',
  request: { params: id, query: noQuery },
  responses: { 202: json(begunAnswer, 'The runs that begin'), ...problems, ...refusals },
})

const halt = createRoute({
  ...{ method: 'post', path: '/schedules/{id}/{deed}', ...common },
  summary: 'Pause a schedule, or let it go on: what was due meanwhile is not sent',
  request: {
    params: id.extend({ deed: z.enum(['pause', 'resume'], { error: 'must be run, pause or resume' }) }),
    query: noQuery,
  },
  responses: { 200: json(keptSchedule, 'The schedule'), ...problems, ...refusals, ...conflict },
})

const previewed = z.strictObject({
  report: scheduleSchema.shape.report,
  format: z.enum(reportFormats),
  filters: scheduleSchema.shape.filters,
  options: scheduleSchema.shape.options,
  period: scheduleSchema.shape.period,
  /** As a recipient of this scope gets it. */
  scope: recipientScope.prefault({}),
})
const fileAnswer = {
  description: 'The file',
  content: { 'application/octet-stream': { schema: z.string() } },
}

const preview = createRoute({
  ...{ method: 'post', path: '/preview', ...writing },
  summary: 'Make a report now and look at it; nothing is sent',
  request: { query: noQuery, body: body(previewed) },
  responses: { 200: fileAnswer, ...problems, ...refusals, ...tooLarge },
})

const download = createRoute({
  ...{ method: 'get', path: '/files/{sha256}', ...common },
  summary: 'A report as it was sent',
  request: {
    params: z.object({
      sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be the SHA-256 of a file' }),
    }),
    query: fileQuery,
  },
  responses: { 200: fileAnswer, ...problems, ...refusals },
})

const verify = createRoute({
  ...{ method: 'get', path: '/verify/{checksum}', tags: ['Reports'] },
  summary: 'Which report a checksum belongs to: that of a file, or the one that stands on the report',
  description: 'For everybody who has the report: it tells how many were given it, and not who.',
  request: {
    params: z.object({
      checksum: z
        .string()
        .regex(/^[0-9a-fA-F]{16,64}$/, { error: 'must be 16 to 64 digits of a checksum, 0 to 9 and a to f' }),
    }),
    query: noQuery,
  },
  responses: {
    200: json(verifyAnswer, 'The reports; none when the checksum is not known here'),
    ...problems,
  },
})

function reportsOf(c: Context<AppEnv>): Reports {
  if (c.var.reports) return c.var.reports
  throw new ProblemError(503, {
    kind: 'no-reports',
    detail: 'This server makes no reports. Start it with "clearway serve".',
  })
}

/** Reports that show single cases are for those who may see them. */
function mayHave(c: Context<AppEnv>, report: string): void {
  const { who } = c.var
  if (!showsCases(report) || may(who, 'cases')) return
  throw new ProblemError(403, {
    kind: 'scope',
    detail: `The report "${report}" shows single cases, which ${who.kind === 'key' ? `the key "${who.name}"` : who.name} may not see: it needs the scope cases too.`,
  })
}

/** To make, send or fetch what shows single cases is to open them. */
function mayOpen(c: Context<AppEnv>, report: string): void {
  mayHave(c, report)
  if (showsCases(report)) checkPurpose(c)
}

const invalid = (errors: { field: string; message: string }[]) =>
  new ProblemError(422, {
    ...{ kind: 'invalid-parameter', title: 'Invalid parameter', errors },
    detail: `${errors.map(({ field, message }) => `"${field}" ${message}`).join('. ')}.`,
  })

/** What whoever asks sees of reports, and may have others told. */
async function seenBy(c: Context<AppEnv>) {
  const { sight } = c.var.db
  return seen(sight, sight.parts === null ? new Map() : (await reportsOf(c).desk.look()).departments)
}

/** Nobody sends what they do not see. */
function passable(
  { passedOn }: Awaited<ReturnType<typeof seenBy>>,
  scope: Recipient['scope'],
  field: string,
) {
  const narrowed = passedOn(scope)
  if (narrowed) return narrowed
  const message = 'must be within what you may see: choose one department, service or district of it'
  throw invalid([{ field, message }])
}

async function passableSchedule(c: Context<AppEnv>, said: Schedule): Promise<Schedule> {
  const sees = await seenBy(c)
  const recipients = said.recipients.map((one, at) => ({
    ...one,
    scope: passable(sees, one.scope, `recipients.${at}.scope`),
  }))
  return { ...said, recipients }
}

async function checked(c: Context<AppEnv>, said: Schedule): Promise<void> {
  mayOpen(c, said.report)
  const names = { ...(await readNames(c.var.db)), calendars: reportsOf(c).desk.calendars() }
  const faults = faultsOf(said, names)
  if (faults.length > 0)
    throw invalid(faults.map(({ path, message }) => ({ field: path.join('.'), message })))
}

const find = async (c: Context<AppEnv>, wanted: string): Promise<KeptSchedule> => {
  const sees = await seenBy(c)
  const found = (await readSchedules(c.var.store)).find((kept) => kept.id === wanted)
  if (found && sees.schedule(found)) return found
  throw new ProblemError(404, {
    ...{ kind: 'unknown-id', title: 'Unknown id' },
    detail: `There is no schedule "${wanted}". GET /api/v1/reports lists them.`,
  })
}

/** The schedule, unless the configuration declares it. */
async function findOwn(c: Context<AppEnv>, wanted: string): Promise<KeptSchedule> {
  const found = await find(c, wanted)
  mayHave(c, found.report)
  if (found.origin === 'page') return found
  throw new ProblemError(409, {
    kind: 'declared',
    detail: `The schedule "${wanted}" is declared in clearway.config.json: change it there and start Clearway again. "clearway plan" shows what that changes.`,
  })
}

async function shown(c: Context<AppEnv>, wanted: string) {
  const { schedules } = await listReports(reportsOf(c).desk)
  const found = schedules.find((one) => one.id === wanted)
  if (found) return found
  throw new Error(`The schedule ${wanted} is gone.`)
}

/** What the audit tells of a schedule: which report goes how many ways, not to whom. */
const aboutSchedule = ({ report, formats, recipients }: Schedule) => ({
  ...{ report, formats, recipients: recipients.length },
})

const by = (c: Context<AppEnv>): string => c.var.who.name
const noStore = { 'Cache-Control': 'no-store' }

async function keep(c: Context<AppEnv>, said: Schedule): Promise<void> {
  const { desk } = reportsOf(c)
  await keepSchedule(c.var.store, said, by(c), desk.now())
}

function send(
  c: Context<AppEnv>,
  { path, name, media_type, bytes }: ReportFile,
  how: 'inline' | 'attachment',
) {
  return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream, 200, {
    ...noStore,
    'Content-Type': media_type,
    'Content-Length': String(bytes),
    'Content-Disposition': savedAs(name, how),
    // what is made of data runs nothing; the reader of PDF in browsers does not start in a sandbox
    'Content-Security-Policy': `${media_type === 'application/pdf' ? '' : 'sandbox; '}default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'`,
  })
}

/** So many runs that are seen, the last change first: what is not seen leaves no gap. */
async function seenRuns(
  db: Db,
  { limit, before, ...asked }: RunsAsked,
  isSeen: (run: RunRow) => boolean,
): Promise<RunRow[]> {
  const found: RunRow[] = []
  for (let last = before; ; ) {
    const rows = await listRuns(db, { ...asked, before: last, limit })
    found.push(...rows.filter(isSeen))
    last = rows.at(-1)?.number
    if (rows.length < limit || found.length >= limit) return found.slice(0, limit)
  }
}

export const reportRoutes = routes()
  .openapi(list, async (c) => {
    const answer = await listReports(reportsOf(c).desk)
    const sees = await seenBy(c)
    return c.json({ ...answer, schedules: answer.schedules.filter(sees.schedule) }, 200, noStore)
  })
  .openapi(history, async (c) => {
    const { limit, ...asked } = c.req.valid('query')
    const sees = await seenBy(c)
    const rows = await seenRuns(c.var.store, { ...asked, limit: limit + 1 }, sees.run)
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? (page.at(-1)?.number ?? null) : null
    return c.json({ runs: page.map(shownRun), next }, 200, noStore)
  })
  .openapi(oneRun, async (c) => {
    const { key } = c.req.valid('param')
    const log = await readRun(c.var.store, key)
    const last = log.at(-1)
    if (!last || !(await seenBy(c)).run(last))
      throw new ProblemError(404, {
        kind: 'unknown-id',
        title: 'Unknown id',
        detail: `There is no run "${key}".`,
      })
    const steps = log.map(({ state, at, attempt, reason }) => ({ state, at, attempt, reason }))
    return c.json({ ...shownRun(last), log: steps }, 200, noStore)
  })
  .openapi(add, async (c) => {
    const asked = c.req.valid('json')
    const said = await passableSchedule(c, { ...asked, id: newScheduleId(asked.name) })
    await checked(c, said)
    await oneAtATime(reportsOf(c).desk, () => keep(c, said))
    await note(c, { deed: 'schedule_add', object: said.id, detail: aboutSchedule(said) })
    return c.json(await shown(c, said.id), 201, noStore)
  })
  .openapi(change, async (c) => {
    const { id } = c.req.valid('param')
    const said = await passableSchedule(c, { ...c.req.valid('json'), id })
    await checked(c, said)
    await oneAtATime(reportsOf(c).desk, async () => {
      await findOwn(c, id)
      await keep(c, said)
    })
    await note(c, { deed: 'schedule_change', object: id, detail: aboutSchedule(said) })
    return c.json(await shown(c, id), 200, noStore)
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    const before = await oneAtATime(reportsOf(c).desk, async () => {
      const kept = await findOwn(c, id)
      const gone = await shown(c, id)
      await endSchedule(c.var.store, kept, by(c), reportsOf(c).desk.now())
      return gone
    })
    await note(c, { deed: 'schedule_end', object: id })
    return c.json(before, 200, noStore)
  })
  .openapi(start, async (c) => {
    const kept = await find(c, c.req.valid('param').id)
    mayOpen(c, kept.report)
    const runs = await runNow(reportsOf(c).desk, kept)
    await note(c, { deed: 'report_run', object: kept.id, detail: { report: kept.report, runs: runs.length } })
    return c.json({ runs: runs.map((one) => shownRun(toRow(one, 0))) }, 202, noStore)
  })
  .openapi(halt, async (c) => {
    const { id, deed } = c.req.valid('param')
    await oneAtATime(reportsOf(c).desk, async () => {
      const kept = await findOwn(c, id)
      await keep(c, { ...definitionOf(kept), paused: deed === 'pause' })
    })
    await note(c, { deed: `schedule_${deed}`, object: id })
    return c.json(await shown(c, id), 200, noStore)
  })
  .openapi(preview, async (c) => {
    const { desk } = reportsOf(c)
    const { format, scope: asked, ...said } = c.req.valid('json')
    const scope = passable(await seenBy(c), asked, 'scope')
    await checked(c, {
      ...said,
      ...{ id: 'preview', name: 'Preview', formats: [format], when: { kind: 'cron', cron: '0 7 * * *' } },
      ...{
        time_zone: '',
        missed: 'last',
        stale: 'mark',
        incomplete: 'mark',
        unchanged: 'send',
        paused: false,
      },
      recipients: [
        {
          destination: { kind: 'folder', path: 'preview' },
          audience: isReportId(said.report) ? reportIds[said.report].audience : 'staff',
          scope,
        },
      ],
    })
    const { departments, sampleUntil } = await desk.look()
    const filters = withinScope(said.filters, scope, departments)
    if (filters === null)
      throw invalid([{ field: 'scope', message: 'leaves nothing of what the report tells' }])
    const days = periodAt(said.period, desk.now(), await desk.zone(), sampleUntil)
    const request = { report: said.report, format, options: said.options, filters: { ...filters, ...days } }
    const { file } = await desk.make(request, c.req.raw.signal)
    await note(c, { deed: 'report_make', object: said.report, detail: { format, ...request.filters } })
    return send(c, file, 'inline')
  })
  .openapi(download, async (c) => {
    const { sha256 } = c.req.valid('param')
    const sees = await seenBy(c)
    const sent = (await verifyChecksum(c.var.store, sha256)).filter((one) => one.sha256 === sha256)
    const runs = await Promise.all(sent.map(({ a_run }) => readRun(c.var.store, a_run)))
    const found = runs.flatMap((log) => log.slice(-1)).filter(sees.run)
    for (const { report } of found) mayOpen(c, report)
    const file = found.length > 0 ? await reportsOf(c).archive.open(sha256) : undefined
    if (!file)
      throw new ProblemError(404, {
        ...{ kind: 'unknown-id', title: 'Unknown id' },
        detail: 'No report with this checksum was sent from here, or the archive holds it no more.',
      })
    await note(c, { deed: 'report_download', object: sha256, detail: { report: found[0]?.report } })
    return send(c, file, 'attachment')
  })
  .openapi(verify, async (c) => {
    const { checksum } = c.req.valid('param')
    return c.json({ found: await verified(c.var.store, reportsOf(c).archive, checksum) }, 200, noStore)
  })
