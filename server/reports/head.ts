import type { Filters, Period } from '../../sql/filters.ts'
import type { Kpis, Meta } from '../answerTypes.ts'
import { formatMoment, formatPeriod } from '../words/format.ts'
import { provisionalWords } from '../words/provisional.ts'
import { andList } from '../words/words.ts'
import type { ReportOptions, ReportTable } from './content.ts'
import type { HeadLine } from './document.ts'
import { isSelect } from './select.ts'

const sampleWords = 'These figures are invented: they show what a report looks like.'

/** What a report stands on, whatever it tells. */
export type Ground = Pick<Kpis, 'as_of' | 'missing' | 'data_version' | 'period'> & {
  compare_period?: Kpis['compare_period']
}

type HeadOf = {
  meta: Meta
  filters: Filters
  options: ReportOptions
  marks: readonly string[]
  ground: Ground
  definitions: readonly string[]
  checksum: string
  address: string
  /** Instead of how much of the period is known. */
  completeness?: string | undefined
}

/** The block that stands on every report in every format. */
export const headOf = ({
  meta,
  filters,
  options,
  marks,
  ground,
  definitions,
  checksum,
  address,
  completeness,
}: HeadOf): HeadLine[] => [
  { label: 'Scope', value: scopeWords(filters, meta) },
  { label: 'Filters', value: filterWords(filters, options, meta) },
  { label: 'Period', value: periodWords(ground) },
  {
    label: 'As of',
    value: ground.as_of
      ? `${formatMoment(ground.as_of, meta.jurisdiction.time_zone)} (${meta.jurisdiction.time_zone})`
      : 'No data is loaded yet.',
  },
  {
    label: 'Completeness',
    value: completeness ?? (provisionalWords(ground.missing, meta.services) || 'Complete'),
  },
  ...(marks.length > 0 ? [{ label: 'Sent although', value: marks.join('; ') }] : []),
  { label: 'Definitions', value: definitionWords(definitions) },
  { label: 'Checksum of the figures', value: checksum },
  { label: 'Verify', value: verifyWords(checksum, address) },
  ...(meta.jurisdiction.sample ? [{ label: 'Sample', value: sampleWords }] : []),
]

/** Each by name, or where there are many those that are not the first version: every row of a table names its own. */
function definitionWords(definitions: readonly string[]): string {
  if (definitions.length <= 8) return definitions.join(', ') || 'None'
  const later = definitions.filter((one) => !one.endsWith('@1'))
  return `${definitions.length} definitions, ${later.length === 0 ? 'all in version 1' : `in version 1 but for ${andList(later)}`}`
}

const verifyWords = (checksum: string, address: string) =>
  address === ''
    ? `clearway report verify ${checksum.slice(0, 16)}`
    : `${address}/reports?verify=${checksum.slice(0, 16)}`

const namesOf = (ids: readonly string[], known: readonly { id: string; name: string }[]) =>
  andList(ids.map((id) => known.find((one) => one.id === id)?.name ?? id))

const scopeWords = ({ department }: Filters, { jurisdiction, departments }: Meta) =>
  [jurisdiction.name, department.length > 0 ? namesOf(department, departments) : 'all departments']
    .filter((part) => part !== '')
    .join(', ')

function filterWords(
  filters: Filters,
  { stage, also, state = 'all', against }: ReportOptions,
  meta: Meta,
): string {
  const lists = [
    ['Service', filters.service, meta.services],
    ['District', filters.district, meta.districts],
    ['Channel', filters.channel, meta.channels],
    ['Team', filters.team, meta.teams],
  ] as const
  const told = lists
    .filter(([, ids]) => ids.length > 0)
    .map(([label, ids, known]) => `${label}: ${namesOf(ids, known)}`)
  if (stage) told.push(`Stage: ${stage}${also ? ', also those still there' : ''}`)
  if (state !== 'all') told.push(`Cases: ${state}`)
  if (against === 'best') told.push('Compared with: the best group')
  return told.join('; ') || 'None'
}

const periodWords = ({
  period,
  compare_period,
}: {
  period: Period
  compare_period?: Period | null | undefined
}) => `${formatPeriod(period)}${compare_period ? `, compared with ${formatPeriod(compare_period)}` : ''}`

/** The definitions that figures of these tables name, each once. */
export function definitionsIn(tables: readonly ReportTable[]): string[] {
  const named = tables.flatMap((table) => {
    const at = table.columns.findIndex(({ name }) => name === 'definition')
    return isSelect(table) || at < 0 ? [] : table.rows.map((row) => row[at])
  })
  return [...new Set(named.filter((one) => typeof one === 'string' && one !== ''))].sort() as string[]
}
