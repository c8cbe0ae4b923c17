import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deeds } from '../../sql/audit.ts'
import { exportRow, readAudit, readAuditCursor, streamAudit, verifyAudit } from '../../sql/auditRead.ts'
import { filters } from '../../sql/filters.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import { seesAll } from '../../sql/rowScope.ts'
import { rowsFor } from '../access/who.ts'
import { auditAnswer, auditStateAnswer } from '../answers/audit.ts'
import { note } from '../audit/note.ts'
import type { AppEnv } from '../context.ts'
import { csvLines } from '../csv.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { streamed } from '../streamed.ts'
import { closed, noQuery, routes } from '../valid.ts'

const word = (description: string) => z.string().max(200).optional().openapi({ description })
const limitWords = 'must be a whole number from 1 to 200'
const deedList = z.enum(deeds, { error: `must be one of ${deeds.join(', ')}` })
const query = closed(
  z.object({
    from: filters.shape.from.clone().openapi({ description: 'First day.' }),
    until: filters.shape.until.clone().openapi({ description: 'First day that no longer counts.' }),
    actor: word('The id of who did it, or a part of the name.'),
    deed: z
      .preprocess((given) => (given === undefined ? [] : [given].flat()), z.array(deedList).max(100))
      .openapi({ type: 'array', items: { type: 'string', enum: [...deeds] } }),
    object: z
      .string()
      .max(2_000)
      .optional()
      .openapi({ description: 'What it was done with, exactly: the id of a case, a load, a release.' }),
    search: word('A part of name, object, purpose, detail or request id.'),
    cursor: z.string().max(200).optional(),
    limit: z.coerce
      .number({ error: limitWords })
      .int({ error: limitWords })
      .min(1, { error: limitWords })
      .max(200, { error: limitWords })
      .default(100)
      .openapi({ type: 'integer' }),
    format: z.enum(['json', 'csv', 'ndjson'], { error: 'must be json, csv or ndjson' }).optional(),
  }),
)

const refusals = {
  401: problem('Neither signed in nor a key that is known here'),
  403: problem('Without the right to read the audit'),
}
const reading = {
  tags: ['Audit'],
  security: [{ bearer: [] as string[] }],
}

const list = createRoute({
  ...{ method: 'get', path: '/', ...reading },
  summary: 'Who did what, when and what for, the newest first, page by page',
  description:
    'With format=csv or format=ndjson every entry at once, the oldest first, with all that its hash is made of; that is written down too. In CSV text that a spreadsheet would run has a quote in front, NDJSON is unchanged.',
  request: { query },
  responses: {
    200: {
      description: 'The entries',
      content: {
        'application/json': { schema: auditAnswer },
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    ...problems,
    ...refusals,
  },
})

const state = createRoute({
  ...{ method: 'get', path: '/state', ...reading },
  summary: 'Whether every entry is as it was written; looked at once a minute at most',
  request: { query: noQuery },
  responses: { 200: json(auditStateAnswer, 'The state of the audit'), ...problems, ...refusals },
})

/** Deeds of all departments stand side by side here. */
function mustSeeAll({ var: { who } }: Context<AppEnv>): void {
  if (seesAll(rowsFor(who, 'audit'))) return
  throw new ProblemError(403, {
    kind: 'scope',
    detail:
      'The audit tells what was done in every department, and you may see some of them only. Ask for the right to audit without a limit.',
  })
}

type State = z.output<typeof auditStateAnswer>
const believedMs = 60_000
/** What the last walk over all entries found, by store: it reads all of them. */
const walks = new WeakMap<object, { began: number; found: Promise<State> }>()

function stateOf(store: AppEnv['Variables']['store']): Promise<State> {
  const last = walks.get(store)
  if (last && Date.now() - last.began < believedMs) return last.found
  const found = verifyAudit(store).then((verified) => ({ ...verified, checked_at: new Date().toISOString() }))
  walks.set(store, { began: Date.now(), found })
  found.catch(() => walks.delete(store))
  return found
}

const columns = Object.keys(exportRow.shape) as (keyof z.output<typeof exportRow>)[]
const cellOf = (value: string | number | string[]) => (Array.isArray(value) ? value.join(' ') : value)

export const auditRoutes = routes()
  .openapi(list, async (c) => {
    mustSeeAll(c)
    const { limit, cursor, format = 'json', ...query } = c.req.valid('query')
    const { store } = c.var
    const after = cursor === undefined ? undefined : readAuditCursor(cursor)
    if (after === null)
      throw new ProblemError(422, {
        kind: 'invalid-parameter',
        detail: '"cursor" must be the next_cursor of an answer, unchanged.',
      })
    const asked = { ...query, zone: (await readJurisdiction(store)).time_zone }
    if (format === 'json') return c.json(await readAudit(store, asked, { limit, after }), 200)
    await note(c, { deed: 'audit_export', detail: { ...query, format } })
    const isCsv = format === 'csv'
    const headers = {
      'Content-Type': isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
      'Content-Disposition': `attachment; filename="clearway-audit.${format}"`,
    }
    return streamed(c, headers, async function* (stop) {
      if (isCsv) yield csvLines([columns])
      for await (const rows of await streamAudit(store, asked, stop))
        yield isCsv
          ? csvLines(rows.map((row) => columns.map((column) => cellOf(row[column]))))
          : rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    })
  })
  .openapi(state, async (c) => {
    mustSeeAll(c)
    return c.json(await stateOf(c.var.store), 200)
  })
