import { caseAlso, caseSorts, caseStates } from './caseChoices.ts'
import { fairnessKpis, references } from './fairnessChoices.ts'
import type { Filters } from './filters.ts'
import { kpiIds } from './kpis.ts'
import {
  isReportId,
  type RawTableId,
  type ReportFormat,
  type ReportKind,
  type ReportOption,
  rawTables,
  reportIds,
} from './reportIds.ts'

/** What is wrong, and where in what was asked for; the message says how to mend it. */
export type Fault = { path: (string | number)[]; message: string }

type Asked = {
  report: string
  formats: readonly ReportFormat[]
  options: { [option in ReportOption]?: string | boolean | undefined }
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
  return [...unmade, ...optionFaults(id, kind, options), ...unchosen]
}

type Choices = { [option in ReportOption]?: readonly string[] }
const usual: Choices = {
  also: caseAlso,
  state: caseStates,
  sort: caseSorts,
  kpi: kpiIds,
  against: references,
}

function optionFaults(id: string, kind: ReportKind, options: Asked['options']): Fault[] {
  const given = Object.entries(options).filter(([, value]) => value !== undefined) as [
    ReportOption,
    string | boolean,
  ][]
  const table = String(options.table ?? 'kpis')
  const isTable = id === 'table' && Object.hasOwn(rawTables, table)
  const [what, taken] = isTable
    ? [`table ${table}`, ['table', ...rawTables[table as RawTableId], 'raw']]
    : [`report ${id}`, kind.options]
  const choices: Choices = {
    ...usual,
    ...(kind.tables && { table: kind.tables }),
    ...(isTable && table === 'fairness' && { kpi: fairnessKpis }),
  }
  const faults = given.flatMap(([option, value]): Fault[] => {
    const path = ['options', option]
    if (!taken.some((known) => known === option))
      return [{ path, message: `the ${what} has no option ${option}; it takes ${taken.join(', ')}` }]
    const known = choices[option]
    return !known || known.some((one) => one === value)
      ? []
      : [
          {
            path,
            message: `the option ${option} must be one of ${known.join(', ')}, and is "${String(value).slice(0, 60)}"`,
          },
        ]
  })
  const needed = isTable && table === 'stage' ? 'the table stage' : options.also && 'the option also'
  if (needed && !options.stage)
    faults.push({
      path: ['options', 'stage'],
      message: `${needed} needs the option stage: the name of an activity`,
    })
  return faults
}
