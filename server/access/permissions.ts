import type { Scope } from '../../sql/keys.ts'

/** Who may use an address: everybody, asked who they are (`whoever`) or not, or those with one of these scopes. */
export type Permission = 'everybody' | 'whoever' | readonly [Scope, ...Scope[]]

const figures: Permission = ['figures']
const reports: Permission = ['reports']
const loads: Permission = ['loads', 'ingest:*', 'ingest:case_events', 'ingest:wait_times', 'ingest:outcomes']
const ingest: Permission = ['ingest:*', 'ingest:case_events', 'ingest:wait_times', 'ingest:outcomes']
const releases: Permission = ['figures', 'publish']

/**
 * Every address there is, by method and path, and who may use it: the one place that decides. An address that does not stand here is
 * refused. Which rows are seen is decided by `within` for all of them alike.
 */
export const permissions: Readonly<Record<string, Permission>> = {
  // every page needs the names
  'GET /api/v1/meta': ['figures', 'audit', 'loads'],
  'GET /api/v1/kpis': figures,
  'GET /api/v1/kpis/city': figures,
  'GET /api/v1/kpis/:id/series': figures,
  'GET /api/v1/kpis/:id/by/:dimension': figures,
  'GET /api/v1/process-map': figures,
  'GET /api/v1/variants': figures,
  'GET /api/v1/rework': figures,
  'GET /api/v1/bottlenecks': figures,
  'GET /api/v1/breaches': figures,
  'GET /api/v1/change': figures,
  'GET /api/v1/stages/:stage': figures,
  'GET /api/v1/causes': figures,
  'GET /api/v1/flow': figures,
  'GET /api/v1/outcomes': figures,
  'GET /api/v1/satisfaction': figures,
  'GET /api/v1/satisfaction/themes': figures,
  'GET /api/v1/fairness': figures,
  'GET /api/v1/freshness': figures,

  'GET /api/v1/privacy/record': ['audit'],
  'GET /api/v1/privacy/purposes': ['cases'],
  'GET /api/v1/cases': ['cases'],
  'GET /api/v1/cases/:source/:case_id': ['cases'],
  'GET /api/v1/comments': ['comments'],

  'GET /api/v1/audit': ['audit'],
  'GET /api/v1/audit/state': ['audit'],

  'GET /api/v1/annotations': figures,
  'POST /api/v1/annotations': ['annotate'],
  'DELETE /api/v1/annotations/:id': ['annotate'],

  'GET /api/v1/releases': releases,
  'GET /api/v1/releases/:id': releases,
  'GET /api/v1/releases/:id/compare/:now': releases,
  'POST /api/v1/releases': ['publish'],
  'POST /api/v1/releases/:id/:step': ['publish'],
  'POST /api/v1/releases/:id/preview': ['publish'],
  // what follows cannot be guessed, and is told to those who may see it
  'GET /api/v1/releases/preview/:token/:path{.+}': 'everybody',

  'GET /api/v1/reports': reports,
  'GET /api/v1/reports/runs': reports,
  'GET /api/v1/reports/runs/:key': reports,
  'GET /api/v1/reports/files/:sha256': reports,
  // whoever holds a report may ask whether it is one
  'GET /api/v1/reports/verify/:checksum': 'everybody',
  'POST /api/v1/reports/preview': reports,
  'POST /api/v1/reports/schedules': reports,
  'PUT /api/v1/reports/schedules/:id': reports,
  'DELETE /api/v1/reports/schedules/:id': reports,
  'POST /api/v1/reports/schedules/:id/:deed': reports,
  'POST /api/v1/reports/schedules/:id/run': reports,

  'GET /api/v1/loads': loads,
  'GET /api/v1/loads/events': loads,
  'GET /api/v1/loads/:id': loads,
  'GET /api/v1/loads/:id/rejected': ['rejected'],
  'POST /api/v1/loads/:id/cancel': ingest,
  'GET /api/v1/sources': loads,
  'POST /api/v1/sources/:name/run': ['ingest:*'],
  'POST /api/v1/ingest/:stream': ingest,
  'POST /api/v1/ingest/:stream/preview': ingest,

  'GET /api/v1/streams': 'everybody',
  'GET /api/v1/streams/:stream/template.csv': 'everybody',
  'GET /api/v1/streams/:stream/dictionary.json': 'everybody',
  'GET /api/v1/streams/:stream/datapackage.json': 'everybody',
  'GET /api/v1/streams/:stream/csv-metadata.json': 'everybody',
  'GET /api/v1/glossary': 'everybody',
  'GET /openapi.json': 'everybody',
  'GET /docs': 'everybody',
  'GET /docs/start.js': 'everybody',
  'GET /docs/:file': 'everybody',

  'GET /healthz': 'everybody',
  'GET /readyz': 'everybody',
  'GET /metrics': 'everybody',
  // where the configuration says so, it is told to the machine itself only
  'GET /api/v1/status': 'everybody',
  'GET /status': 'everybody',
  'GET /status.css': 'everybody',

  // questions to residents, by a link of their own
  'GET /feedback/:token': 'everybody',
  'POST /feedback/:token': 'everybody',

  // the way in and out
  'GET /api/v1/me': 'whoever',
  'GET /sign-in': 'everybody',
  'GET /sign-in/page.css': 'everybody',
  'GET /sign-in/once/:token': 'everybody',
  'GET /sign-in/:provider': 'everybody',
  'GET /sign-in/:provider/done': 'everybody',
  'POST /sign-in/:provider/backchannel-logout': 'everybody',
  'GET /sign-out': 'everybody',
  'POST /sign-out': 'everybody',

  // the dashboard's own files hold no figures
  'GET /*': 'everybody',
}
