import type { FairnessKpi, Reference } from '../../sql/fairness.ts'
import type { Filters } from '../../sql/filters.ts'
import { type Dimension, dimensions } from '../../sql/filters.ts'
import type { KpiId } from '../../sql/kpis.ts'
import { type RawTableId, reportIds } from '../../sql/reportIds.ts'
import type { Unit } from '../../sql/stat.ts'
import type { Table } from '../csv.ts'
import * as tables from '../tables.ts'
import { formatCount, formatPeriod, formatValue } from '../words/format.ts'
import { columns, text } from './blocks.ts'
import { apiTable, unitOf } from './columns.ts'
import { contentOf } from './compose.ts'
import type { Composing, ReportCell, ReportDefinition } from './content.ts'
import type { Block } from './document.ts'
import type { Ground } from './head.ts'
import { ReportError } from './reportError.ts'

type Read = { ground: Ground; table: Table }
type Ask = (composing: Composing) => Promise<Read>
type Raw = { title: string; means: string; ask: Ask }

/** So many rows are put together here; longer answers are streamed by the API. */
const mostRows = 200_000
const mostOnPaper = 5_000

const whole = async <Answer extends Ground>(
  answer: Promise<Answer>,
  table: (answer: Answer) => Table,
): Promise<Read> => {
  const ground = await answer
  return { ground, table: table(ground) }
}

/** An answer that comes in parts, put together. Its ground is told by the key figures of the same filters. */
async function gathered({ db, data, filters }: Composing, parts: AsyncIterable<Table>): Promise<Read> {
  const ground = await data.kpiAnswer(db, filters)
  let names: Table['columns'] = []
  const rows: Table['rows'][number][] = []
  for await (const part of parts) {
    names = part.columns
    for (const row of part.rows) rows.push(row)
    if (rows.length > mostRows)
      throw new ReportError(
        `The table has more than ${formatCount(mostRows)} rows: choose a shorter period or one service, or take the CSV of the API, which has no end.`,
      )
  }
  return { ground, table: { columns: names, rows } }
}

const mapped = async function* <Part>(parts: AsyncIterable<Part>, table: (part: Part) => Table) {
  for await (const part of parts) yield table(part)
}
const never = () => new AbortController().signal

/** What stands in the options was checked when the report was asked for. */
const kpiOf = ({ options: { kpi = 'time_to_outcome_median' } }: Composing) => kpi as KpiId
const gapOf = ({ options: { kpi = 'on_time_rate', against = 'rest' } }: Composing) =>
  [kpi as FairnessKpi, against as Reference] as const

const one = ({ filters }: Composing, what: string): string => {
  const [service, ...more] = filters.service
  if (service !== undefined && more.length === 0) return service
  throw new ReportError(
    `The table ${what} is told for one service: choose exactly one with the filter service.`,
  )
}
const earlier = (filters: Composing['filters']): Filters =>
  filters.compare === 'none' ? { ...filters, compare: 'previous' } : filters

const ofKind = (table: Table, isStage: boolean): Table => {
  const at = table.columns.indexOf('kind')
  return { ...table, rows: table.rows.filter((row) => (row[at] === 'stage') === isStage) }
}

const raw: Record<RawTableId, Raw> = {
  kpis: {
    title: 'Key figures',
    means: 'Every figure for the filters, with the period compared with.',
    ask: ({ db, data, filters }) => whole(data.kpiAnswer(db, filters), tables.kpisTable),
  },
  series: {
    title: 'Over time',
    means: 'One figure by months.',
    ask: (c) => whole(c.data.kpiSeries(c.db, kpiOf(c), 'month', c.filters), tables.seriesTable),
  },
  ...(Object.fromEntries(
    dimensions.map((dimension) => [
      `by-${dimension}`,
      {
        title: `By ${dimension}`,
        means: `One figure by ${dimension}.`,
        ask: (c) => whole(c.data.kpiBy(c.db, kpiOf(c), dimension, c.filters), tables.byTable),
      } satisfies Raw,
    ]),
  ) as Record<`by-${Dimension}`, Raw>),
  findings: {
    title: 'Findings',
    means: 'What changed for good, the dearest first.',
    ask: ({ db, data, filters }) =>
      whole(data.bottlenecks(db, earlier(filters)), (answer) =>
        ofKind(tables.bottlenecksTable(answer), false),
      ),
  },
  stages: {
    title: 'Stages',
    means: 'Waits before every stage.',
    ask: ({ db, data, filters }) =>
      whole(data.bottlenecks(db, earlier(filters)), (answer) =>
        ofKind(tables.bottlenecksTable(answer), true),
      ),
  },
  stage: {
    title: 'One stage',
    means: 'One stage by months, weeks, groups, hours of the week and the stage before.',
    ask: (c) =>
      whole(c.data.stage(c.db, one(c, 'stage'), c.options.stage ?? '', c.filters), tables.stageTable),
  },
  flow: {
    title: 'Flow',
    means: 'What came, went and stood there, by weeks: all, then stage by stage.',
    ask: (c) =>
      gathered(
        c,
        mapped(c.data.streamFlow(c.db, 'week', c.options.stage ?? '', c.filters, never()), tables.flowTable),
      ),
  },
  change: {
    title: 'Parts of the change',
    means: 'Why the mean time to an outcome changed: mix against pace.',
    ask: ({ db, data, filters }) => whole(data.change(db, undefined, filters), tables.changeTable),
  },
  breaches: {
    title: 'Breaches',
    means: 'Which stages made cases late, in days over the promise.',
    ask: ({ db, data, filters }) => whole(data.breaches(db, filters), tables.breachesTable),
  },
  causes: {
    title: 'Causes of wait',
    means: 'Every wait of one service divided by cause.',
    ask: (c) =>
      whole(c.data.causesOf(c.db, one(c, 'causes'), c.options.stage ?? '', c.filters), tables.causesTable),
  },
  'process-map': {
    title: 'Process map',
    means: 'Which activity follows which, how often and after how long.',
    ask: (c) => gathered(c, mapped(c.data.streamEdges(c.db, c.filters, never()), tables.processMapTable)),
  },
  variants: {
    title: 'Variants',
    means: 'The ways cases took, the most frequent first.',
    ask: (c) => gathered(c, mapped(c.data.streamVariants(c.db, c.filters, never()), tables.variantsTable)),
  },
  rework: {
    title: 'Rework',
    means: 'What was done again, and what it cost.',
    ask: (c) => gathered(c, mapped(c.data.streamRework(c.db, c.filters, never()), tables.reworkTable)),
  },
  outcomes: {
    title: 'Outcomes',
    means: 'How cases ended, and what came after.',
    ask: ({ db, data, filters }) => whole(data.outcomes(db, filters), tables.outcomesTable),
  },
  satisfaction: {
    title: 'Satisfaction',
    means: 'What people answered.',
    ask: ({ db, data, filters }) => whole(data.satisfaction(db, filters), tables.satisfactionTable),
  },
  fairness: {
    title: 'Fairness',
    means: 'Who is served otherwise, as it is and at the same mix.',
    ask: (c) => whole(c.data.fairness(c.db, ...gapOf(c), c.filters), tables.fairnessTable),
  },
}

export const rawTables: ReportDefinition = {
  id: 'table',
  ...reportIds.table,
  async compose(composing) {
    const { db, data, options, format } = composing
    const id = (options.table ?? 'kpis') as RawTableId
    const found = raw[id]
    const meta = await data.readMeta(db)
    const { ground, table } = await found.ask(composing)
    const told = id === 'fairness' ? gapOf(composing)[0] : kpiOf(composing)
    const label =
      id === 'fairness' || id === 'series' || id.startsWith('by-')
        ? meta.kpis.find((kpi) => kpi.id === told)?.label
        : undefined
    const name = label ? `${label}: ${found.title.toLowerCase()}` : found.title
    const title = options.stage ? `${name}: ${options.stage}` : name
    const filled = apiTable({ id, title, means: found.means }, table)
    const onPaper = format === 'pdf' || format === 'html'
    if (onPaper && filled.rows.length > mostOnPaper)
      throw new ReportError(
        `The table has ${formatCount(filled.rows.length)} rows, and on paper there is room for ${formatCount(mostOnPaper)}: choose XLSX or CSV.`,
      )
    return contentOf(composing, rawTables, meta, {
      title: `${title}, ${formatPeriod(ground.period)}`,
      lead: found.means,
      blocks: onPaper
        ? [printed(filled)]
        : [text(`${formatCount(filled.rows.length)} rows are in the file.`)],
      notes: filled.columns.map(({ title: name, means }) => `${name}: ${means}`),
      ground,
      tables: [filled],
    })
  },
}

const mostColumns = 9

/**
 * What every row says alike, and columns nobody has a value in, are left out: paper is narrow. A figure stays as long as there is room, and
 * a single row is told line by line.
 */
function printed({ title, columns: all, rows }: ReturnType<typeof apiTable>): Block {
  const [first = [], ...others] = rows
  const isKnown = (at: number) => (first[at] ?? '') !== ''
  if (rows.length === 1)
    return {
      kind: 'table',
      caption: title,
      columns: columns(['What is told'], ['Value', 2, 'start']),
      rows: all.flatMap((column, at) =>
        isKnown(at)
          ? [[column.title, said(first[at] ?? null, unitOf(column, all, first), column.title)]]
          : [],
      ),
    }
  const usual = all
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => !['definition', 'method', 'interval_low', 'interval_high'].includes(column.name))
  const differing = usual.filter(({ at }) => at === 0 || others.some((row) => row[at] !== first[at]))
  const alike = usual.filter(
    ({ column: { type }, at }) => isKnown(at) && (type === 'number' || type === 'whole'),
  )
  const told = [...new Set([...differing, ...alike])].slice(0, mostColumns).sort((a, b) => a.at - b.at)
  const cells = rows.map((row) =>
    told.map(({ column, at }) => said(row[at] ?? null, unitOf(column, all, row), column.title)),
  )
  return {
    kind: 'table',
    caption: title,
    columns: columns(
      ...told.map(({ column: { title: name, type } }, index): [string, number, 'start' | 'end'] => [
        name,
        type === 'text' ? widthFor(cells.map((row) => row[index] ?? '')) : 1,
        type === 'number' || type === 'whole' ? 'end' : 'start',
      ]),
    ),
    rows: cells,
  }
}

/** Text gets the room of three short columns at most. */
const widthFor = (texts: readonly string[]): number =>
  Math.min(3, Math.max(1, ...texts.map(({ length }) => length / 16)))

const bare = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 })
/** A unit that stands in the head of the column is not told in every cell. */
const said = (value: ReportCell, unit: Unit | null, title: string): string => {
  if (value === null || value === '') return '–'
  if (typeof value !== 'number') return String(value)
  if (unit === null) return bare.format(value)
  const stands = ['seconds', 'hours', 'days'].includes(unit) && title.toLowerCase().includes(unit)
  return stands ? bare.format(Math.abs(value) < 100 ? value : Math.round(value)) : formatValue(value, unit)
}
