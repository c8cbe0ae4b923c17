import { createRoute, z } from '@hono/zod-openapi'
import { readCursor } from '../../sql/cases.ts'
import { caseAnswer, casesAnswer } from '../answers.ts'
import { note } from '../audit/note.ts'
import { csvLines } from '../csv.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { forPurpose } from '../privacy/purpose.ts'
import { streamed } from '../streamed.ts'
import { casesTable } from '../tables.ts'
import { casesQuery, noQuery, routes } from '../valid.ts'

const notAllowed = {
  401: problem('A key that is not known here'),
  403: problem('Neither on the machine itself nor with a key that has the scope cases'),
}

/** A key, or none on the machine itself. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]

const list = createRoute({
  method: 'get',
  tags: ['Cases'],
  path: '/',
  summary: 'The cases behind a number, page by page',
  description:
    'Answers on the machine itself, or with a key that has the scope cases: ids of cases can lead to people. With format=csv or format=ndjson all of them at once; in CSV text that a spreadsheet would run has a quote in front, NDJSON is unchanged.',
  security: eitherWay,
  middleware: [forPurpose] as const,
  request: { query: casesQuery },
  responses: {
    200: {
      description: 'The cases, as they stood at the end of the period',
      content: {
        'application/json': { schema: casesAnswer },
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    ...problems,
    ...notAllowed,
  },
})

const one = createRoute({
  method: 'get',
  tags: ['Cases'],
  path: '/{source}/{case_id}',
  summary: 'One case: where its time went',
  description: 'Signs with a meaning in addresses are written like %2F in source and case_id.',
  security: eitherWay,
  middleware: [forPurpose] as const,
  request: {
    params: z.object({ source: z.string().max(1_000), case_id: z.string().max(2_000) }),
    query: noQuery,
  },
  responses: { 200: json(caseAnswer, 'The case'), ...problems, ...notAllowed },
})

/** Nobody keeps these answers: what one reader may see another one may not. */
export const caseRoutes = routes()
  .openapi(list, async (c) => {
    const {
      limit,
      cursor,
      format = 'json',
      stage,
      also,
      from_stage,
      dimension,
      value,
      state,
      sort,
      purpose: _,
      ...query
    } = c.req.valid('query')
    if (from_stage !== '' && stage === '')
      throw new ProblemError(422, {
        kind: 'invalid-parameter',
        detail: '"from_stage" needs a stage: it says where the visits to it came from.',
      })
    if (also !== undefined && stage === '')
      throw new ProblemError(422, {
        kind: 'invalid-parameter',
        detail: '"also" needs a stage: it says who is listed besides those that left it.',
      })
    const choice = { stage, also, from_stage, dimension, value, state, sort }
    // a value may be what somebody wrote
    const noted = { ...query, stage, also, from_stage, dimension, state }
    const after = cursor === undefined ? undefined : readCursor(cursor)
    if (after === null)
      throw new ProblemError(422, {
        kind: 'invalid-parameter',
        detail: '"cursor" must be the next_cursor of an answer, unchanged.',
      })
    const data = await c.var.data()
    if (format === 'json') {
      const answer = await data.listCases(c.var.db, query, choice, { limit, after })
      const { length } = answer.cases
      await note(c, { deed: 'cases_view', detail: { ...noted, cases: length } })
      return c.json(answer, 200)
    }
    await note(c, { deed: 'cases_export', detail: { ...noted, format } })
    const isCsv = format === 'csv'
    const headers = {
      'Content-Type': isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
      'Content-Disposition': `attachment; filename="clearway-cases.${format}"`,
    }
    return streamed(c, headers, async function* (stop) {
      let head = isCsv ? csvLines([casesTable([]).columns]) : ''
      for await (const cases of data.streamCases(c.var.db, query, choice, stop)) {
        yield head + (isCsv ? csvLines(casesTable(cases).rows) : jsonLines(cases))
        head = ''
      }
    })
  })
  .openapi(one, async (c) => {
    const { source, case_id } = c.req.valid('param')
    const data = await c.var.data()
    const found = await data.readCase(c.var.db, source, case_id)
    await note(c, { deed: 'case_view', object: case_id, detail: { source, service: found.service } })
    return c.json(found, 200)
  })

const jsonLines = (cases: object[]) => cases.map((each) => `${JSON.stringify(each)}\n`).join('')
