import type { Filters } from './filters.ts'
import { isReportId, type ReportFormat, type ReportKind, reportIds } from './reportIds.ts'

/** What is wrong, and where in what was asked for; the message says how to mend it. */
export type Fault = { path: (string | number)[]; message: string }

type Asked = {
  report: string
  formats: readonly ReportFormat[]
  options: object
  filters: Pick<Filters, 'service' | 'department'>
}

/** What cannot be made of what is asked for. One rule for reports made now and those that come by themselves. */
export function reportFaults({ report: id, formats, options, filters }: Asked): Fault[] {
  if (!isReportId(id))
    return [
      {
        path: ['report'],
        message: `there is no report "${id.slice(0, 60)}". Known: ${Object.keys(reportIds).join(', ')}`,
      },
    ]
  const kind: ReportKind = reportIds[id]
  const unmade = formats.flatMap((format, index): Fault[] =>
    kind.formats.includes(format)
      ? []
      : [
          {
            path: ['formats', index],
            message: `the report ${id} is not made as ${format}: choose ${kind.formats.join(', ')}`,
          },
        ],
  )
  const untaken = Object.entries(options).flatMap(([option, value]): Fault[] =>
    value === undefined || kind.options.some((known) => known === option)
      ? []
      : [
          {
            path: ['options', option],
            message: `the report ${id} has no option ${option}; it takes ${kind.options.join(', ')}`,
          },
        ],
  )
  const unchosen = kind.needs.flatMap((need): Fault[] =>
    filters[need].length === 1
      ? []
      : [
          {
            path: ['filters', need],
            message: `choose exactly one ${need}: the report ${id} is about one ${need}`,
          },
        ],
  )
  return [...unmade, ...untaken, ...unchosen]
}
