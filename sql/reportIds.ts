export const reportFormats = ['pdf', 'xlsx', 'csv', 'parquet', 'ndjson', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** Who may have it: figures are for staff, `cases` for those who may see single cases, `public` is made of what was released. */
export const audiences = ['staff', 'cases', 'public'] as const
export type Audience = (typeof audiences)[number]

/** What a reader chooses beside the filters. */
type ReportOption = 'table' | 'stage' | 'state' | 'sort' | 'kpi' | 'raw'

/** What a report is: its name and meaning for people, who may have it, as what it is made, and what it takes and cannot do without. */
export type ReportKind = {
  title: string
  means: string
  audience: Audience
  /** The first one is made where none is asked for. */
  formats: readonly ReportFormat[]
  options: readonly ReportOption[]
  /** Filters of which exactly one must be chosen. */
  needs: readonly ('service' | 'department')[]
}

/** The reports there are. */
export const reportIds = {
  'department-brief': {
    title: 'Department brief',
    means:
      'Two pages: the answer first, key figures against promises, what really changed and where people wait.',
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    needs: [],
  },
  'service-report': {
    title: 'Service report',
    means:
      'One service: key figures, how they went, by district, its stages and findings, and how requests ended.',
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    needs: ['service'],
  },
  'waiting-list': {
    title: 'Waiting list',
    means:
      'Who is still waiting at the end of the period: open requests by service, age and promise, without single persons.',
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    needs: [],
  },
  'case-list': {
    title: 'Case list',
    means: 'Every case behind a number, one row a case, for those who may see single cases.',
    audience: 'cases',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['stage', 'state', 'sort', 'raw'],
    needs: [],
  },
  release: {
    title: 'Transparency release',
    means:
      'What the newest release told the public: rounded and protected figures from its files, nothing else.',
    audience: 'public',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    needs: [],
  },
  table: {
    title: 'Table',
    means: 'One answer of the API as a table: the same figures, in the same columns.',
    audience: 'staff',
    formats: ['xlsx', 'csv', 'parquet', 'ndjson', 'pdf', 'html'],
    options: ['table', 'stage', 'kpi', 'raw'],
    needs: [],
  },
} as const satisfies Record<string, ReportKind>
export type ReportId = keyof typeof reportIds

export const isReportId = (id: string): id is ReportId => Object.hasOwn(reportIds, id)
