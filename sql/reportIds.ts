export const reportFormats = ['pdf', 'xlsx', 'csv', 'parquet', 'ndjson', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** Who may have it: figures are for staff, `cases` for those who may see single cases, `public` is made of what was released. */
export const audiences = ['staff', 'cases', 'public'] as const
export type Audience = (typeof audiences)[number]

/** The reports there are: who may have them, in which formats, and which filters they cannot do without. */
export const reportIds = {
  'department-brief': {
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    needs: [],
  },
  'service-report': {
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    needs: ['service'],
  },
  'waiting-list': {
    audience: 'staff',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    needs: [],
  },
  'case-list': {
    audience: 'cases',
    formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'],
    needs: [],
  },
  release: { audience: 'public', formats: ['pdf', 'html', 'xlsx', 'csv', 'parquet', 'ndjson'], needs: [] },
  table: { audience: 'staff', formats: ['xlsx', 'csv', 'parquet', 'ndjson'], needs: [] },
} as const satisfies Record<
  string,
  {
    audience: Audience
    formats: readonly ReportFormat[]
    needs: readonly ('service' | 'department')[]
  }
>
export type ReportId = keyof typeof reportIds

export const isReportId = (id: string): id is ReportId => Object.hasOwn(reportIds, id)
