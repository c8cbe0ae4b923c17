export const reportFormats = ['pdf', 'xlsx', 'csv', 'parquet', 'ndjson', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** Who may have it: figures are for staff, `cases` for those who may see single cases, `public` is made of what was released. */
export const audiences = ['staff', 'cases', 'public'] as const
export type Audience = (typeof audiences)[number]

/** What a reader chooses beside the filters. */
export type ReportOption = 'table' | 'stage' | 'also' | 'state' | 'sort' | 'kpi' | 'against' | 'raw'

/** The answers that the report `table` can be, each with the options it takes beside. */
export const rawTables = {
  kpis: [],
  series: ['kpi'],
  'by-service': ['kpi'],
  'by-department': ['kpi'],
  'by-district': ['kpi'],
  'by-channel': ['kpi'],
  'by-team': ['kpi'],
  'by-subtype': ['kpi'],
  'by-outcome': ['kpi'],
  'by-claimed': ['kpi'],
  findings: [],
  stages: [],
  stage: ['stage'],
  flow: ['stage'],
  change: [],
  breaches: [],
  causes: ['stage'],
  'process-map': [],
  variants: [],
  rework: [],
  outcomes: [],
  satisfaction: [],
  fairness: ['kpi', 'against'],
} as const satisfies Record<string, readonly ReportOption[]>
export type RawTableId = keyof typeof rawTables
export const rawTableIds = Object.keys(rawTables) as RawTableId[]

/** What a report is: its name and meaning for people, who may have it, as what it is made, and what it takes and cannot do without. */
export type ReportKind = {
  title: string
  means: string
  audience: Audience
  /** The first one is made where none is asked for. */
  formats: readonly ReportFormat[]
  options: readonly ReportOption[]
  /** What its option `table` can be; null where that is known only when it is made. */
  tables: readonly string[] | null
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
    tables: ['kpis', 'services', 'findings', 'satisfaction', 'trend'],
    needs: [],
  },
  'service-report': {
    title: 'Service report',
    means:
      'One service: key figures, how they went, by district, its stages and findings, and how requests ended.',
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    tables: ['kpis', 'trend', 'by-district', 'by-channel', 'findings', 'outcomes'],
    needs: ['service'],
  },
  'waiting-list': {
    title: 'Waiting list',
    means:
      'Who is still waiting at the end of the period: open requests by service, age and promise, without single persons.',
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    tables: ['services', 'ages', 'kpis'],
    needs: [],
  },
  'case-list': {
    title: 'Case list',
    means: 'Every case behind a number, one row a case, for those who may see single cases.',
    audience: 'cases',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['stage', 'also', 'state', 'sort', 'raw'],
    tables: ['cases'],
    needs: [],
  },
  release: {
    title: 'Transparency release',
    means:
      'What the newest release told the public: rounded and protected figures from its files, nothing else.',
    audience: 'public',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    options: ['table', 'raw'],
    tables: null,
    needs: [],
  },
  table: {
    title: 'Table',
    means: 'One answer of the API as a table: the same figures, in the same columns.',
    audience: 'staff',
    formats: ['xlsx', 'csv', 'parquet', 'ndjson', 'pdf', 'html'],
    options: ['table', 'stage', 'kpi', 'against', 'raw'],
    tables: rawTableIds,
    needs: [],
  },
} as const satisfies Record<string, ReportKind>
export type ReportId = keyof typeof reportIds

export const isReportId = (id: string): id is ReportId => Object.hasOwn(reportIds, id)
