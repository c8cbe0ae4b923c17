import { createRoute } from '@hono/zod-openapi'
import { kpiIds, kpis } from '../../sql/kpis.ts'
import { glossaryAnswer } from '../answers.ts'
import { json, problems } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const words = [
  ['service', 'something a resident can ask for', 'Open311 service, permit type, route, clinic'],
  ['department', 'who answers for a service', 'agency, responsible unit'],
  ['case', "one resident's request, from asking to outcome", 'service request, permit, trace'],
  [
    'event',
    'something that happened to a case at a moment: activity, lifecycle, time',
    'XES event, status change',
  ],
  ['stage', 'the time a case spends on or before one activity', 'step, queue'],
  [
    'clock',
    'start, pause, resume and stop of the time that counts against a standard, with a reason',
    'clock stop',
  ],
  [
    'service standard',
    'what was promised, with the dates it holds for: 80 % within 10 working days from 2025-01-01',
    'SLA, target',
  ],
  ['wait', 'time in which nobody works on the case', 'queue time'],
  ['touch', 'time in which somebody works on the case', 'processing time'],
  ['backlog', 'cases open at an instant', 'work in progress'],
  ['outcome', 'how a case ended, and what the resident said of it', 'decision, satisfaction rating'],
  [
    'class',
    'what an outcome code means for the resident: intended, resolved, not eligible, refused, withdrawn or duplicate; else unmapped',
    'closure type, disposition',
  ],
  [
    'contact',
    'somebody gets in touch about a case: to ask how far it is, to contest a decision, or otherwise; no stage of the work',
    'call, enquiry, chase',
  ],
  ['channel', 'how a request came in', 'source, intake method'],
  ['district', 'where the request belongs', 'neighbourhood, ward'],
  ['team', 'who worked on it', 'crew, desk, route group'],
  ['source', 'a system that delivers rows: a folder, an address, a topic, or a program that pushes', 'feed'],
  ['load', 'one batch taken in from one source, with its ledger entry', 'import'],
  [
    'rejected row',
    'a row that does not fit, kept aside for 30 days with line, field and reason',
    'error row, dead letter',
  ],
  ['provisional', 'of a figure: rows it stands on are still to come', 'preliminary'],
  ['release', 'an immutable, checked publication of figures', 'statistical release'],
] as const

const read = createRoute({
  method: 'get',
  tags: ['What is held'],
  path: '/',
  summary: 'The words, and what every KPI means',
  request: { query: noQuery },
  responses: { 200: json(glossaryAnswer, 'Words and KPIs'), ...problems },
})

export const glossaryRoutes = routes().openapi(read, (c) =>
  c.json(
    {
      words: words.map(([word, meaning, elsewhere]) => ({ word, meaning, elsewhere })),
      kpis: kpiIds.map((id) => ({ id, ...kpis[id], caveats: [...kpis[id].caveats] })),
    },
    200,
    { 'Cache-Control': 'private, max-age=300' },
  ),
)
