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
    audience: 'staff' | 'cases' | 'public'
    formats: readonly ('pdf' | 'xlsx' | 'csv' | 'parquet' | 'ndjson' | 'html')[]
    needs: readonly ('service' | 'department')[]
  }
>
export type ReportId = keyof typeof reportIds

export const isReportId = (id: string): id is ReportId => Object.hasOwn(reportIds, id)
