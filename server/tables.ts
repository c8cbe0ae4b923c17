import type { z } from '@hono/zod-openapi'
import type { Stat } from '../sql/stat.ts'
import type * as answers from './answers.ts'
import type { Cell, Table } from './csv.ts'

/** Every answer with figures as a flat table: the columns that say what it is, then the figure with its proof. */

type Answer<Name extends keyof typeof answers> = z.output<(typeof answers)[Name]>
type Head = { period: { from: string; until: string } }

const statColumns = [
  'value',
  'unit',
  'n',
  'numerator',
  'denominator',
  'interval_low',
  'interval_high',
  'method',
  'status',
  'complete',
  'definition',
] as const

const statCells = (stat: Stat): Cell[] => [
  stat.value,
  stat.unit,
  stat.n,
  stat.numerator,
  stat.denominator,
  stat.interval?.[0],
  stat.interval?.[1],
  stat.method,
  stat.status,
  stat.complete,
  stat.definition,
]

const periodColumns = ['from', 'until'] as const
const periodCells = ({ period }: Head): Cell[] => [period.from, period.until]

const changeColumns = ['compare_value', 'change_absolute', 'change_relative', 'verdict'] as const
const changeCells = (compare: Stat | null, change: Answer<'change'>): Cell[] => [
  compare?.value,
  change.absolute,
  change.relative,
  change.verdict,
]

export const kpisTable = (answer: Answer<'kpisAnswer'>): Table => ({
  columns: ['kpi', ...periodColumns, ...statColumns, ...changeColumns, 'target', 'target_status'],
  rows: answer.kpis.map((kpi) => [
    kpi.id,
    ...periodCells(answer),
    ...statCells(kpi.stat),
    ...changeCells(kpi.compare, kpi.change),
    kpi.target,
    kpi.status,
  ]),
})

export const seriesTable = (answer: Answer<'seriesAnswer'>): Table => ({
  columns: ['kpi', ...periodColumns, ...statColumns],
  rows: answer.points.map((point) => [answer.id, point.from, point.until, ...statCells(point.stat)]),
})

export const byTable = (answer: Answer<'byAnswer'>): Table => ({
  columns: ['kpi', 'dimension', 'segment', 'label', ...periodColumns, ...statColumns, ...changeColumns],
  rows: answer.rows.map((row) => [
    answer.id,
    answer.dimension,
    row.value,
    row.label,
    ...periodCells(answer),
    ...statCells(row.stat),
    ...changeCells(row.compare, row.change),
  ]),
})

/** Edges as a table, batch by batch. */
export const processMapTable = (answer: Head & Pick<Answer<'processMapAnswer'>, 'edges'>): Table => ({
  columns: [
    'from_activity',
    'to_activity',
    ...periodColumns,
    'frequency',
    'cases',
    'mean_s',
    'median_s',
    'p90_s',
    'min_s',
    'max_s',
    'sum_s',
  ],
  rows: answer.edges.map((edge) => [
    edge.from,
    edge.to,
    ...periodCells(answer),
    edge.frequency,
    edge.cases,
    edge.mean_s,
    edge.median_s,
    edge.p90_s,
    edge.min_s,
    edge.max_s,
    edge.sum_s,
  ]),
})

/** Ways as a table, batch by batch. */
export const variantsTable = (variants: Answer<'variantsAnswer'>['variants']): Table => ({
  columns: [
    ...['path', 'steps', 'cases', 'open_cases', 'share_of_cases', 'share_of_hours'],
    ...['mean_s', 'median_s', 'p90_s', 'min_s', 'max_s', 'sum_s'],
  ],
  rows: variants.map((way) => [
    way.path.join(' > '),
    ...[way.steps, way.cases, way.open_cases, way.share_of_cases, way.share_of_hours],
    ...[way.mean_s, way.median_s, way.p90_s, way.min_s, way.max_s, way.sum_s],
  ]),
})

type Rework = Answer<'reworkAnswer'>

/** Loops by activity (kind `loop`), then ping-pong by pair of teams (kind `ping_pong`), batch by batch. */
export const reworkTable = (
  answer: Head & Pick<Rework, 'loops'> & { ping_pong: Pick<Rework['ping_pong'], 'pairs'> },
): Table => ({
  columns: [
    ...['kind', 'activity', 'team', 'via', ...periodColumns, 'cases', 'share_of_cases', 'extra_visits'],
    ...['self_loops', 'median_s', 'p90_s', 'extra_s', 'extra_days'],
  ],
  rows: [
    ...answer.loops.map((loop): Cell[] => [
      ...['loop', loop.activity, null, null, ...periodCells(answer), loop.cases, loop.share_of_cases],
      ...[loop.extra_visits, loop.self_loops, loop.median_s, loop.p90_s, loop.extra_s, loop.extra_days],
    ]),
    ...answer.ping_pong.pairs.map((pair): Cell[] => [
      ...['ping_pong', null, pair.team, pair.via, ...periodCells(answer), pair.cases, pair.share_of_cases],
      ...[pair.times, null, null, null, pair.extra_s, pair.extra_days],
    ]),
  ],
})

/** The findings by rank, then every stage (kind `stage`, without a rank). */
export const bottlenecksTable = (answer: Answer<'bottlenecksAnswer'>): Table => ({
  columns: [
    'rank',
    'kind',
    'service',
    'stage',
    'from_stage',
    'segment_dimension',
    'segment_value',
    ...periodColumns,
    ...['since', 'since_earliest', 'since_latest', 'certainty'],
    ...['measure', 'level_before', 'level_after', 'growth_per_week'],
    ...['explained_dimension', 'explained_values', 'explained_share', 'explained_usual_share'],
    'extra_hours',
    'extra_hours_per_case',
    'n',
    'starts_told',
    'wait_hours',
    'before_mean_hours',
    'mean_hours',
    'median_hours',
    'p90_hours',
    'sentence',
  ],
  rows: [
    ...answer.findings.map((finding): Cell[] => [
      finding.rank,
      finding.kind,
      finding.service,
      finding.stage,
      finding.from_stage,
      finding.segment?.dimension,
      finding.segment?.value,
      ...periodCells(answer),
      ...[finding.since, ...finding.since_between, finding.certainty],
      ...[finding.measure, finding.before, finding.after, finding.growth_per_week],
      ...[finding.explained_by?.dimension, finding.explained_by?.values.join('; ')],
      ...[finding.explained_by?.share, finding.explained_by?.usual_share],
      finding.extra_hours,
      finding.extra_hours_per_case,
      finding.cases,
      null,
      null,
      finding.before_mean_hours,
      finding.mean_hours,
      null,
      null,
      finding.sentence,
    ]),
    ...answer.stages.map((stage): Cell[] => [
      null,
      'stage',
      stage.service,
      stage.stage,
      null,
      null,
      null,
      ...periodCells(answer),
      ...[null, null, null, null],
      ...[null, null, null, null],
      ...[null, null, null, null],
      stage.extra_hours,
      stage.extra_hours !== null && stage.n > 0 ? stage.extra_hours / stage.n : null,
      stage.n,
      stage.starts_told,
      stage.wait_hours,
      stage.before_mean_hours,
      stage.mean_hours,
      stage.median_hours,
      stage.p90_hours,
      null,
    ]),
  ],
})

const stageColumns = [
  ...['service', 'stage', 'grain', 'dimension', 'segment', 'label', 'from_stage', 'weekday', 'hour'],
  ...[
    ...periodColumns,
    'in_full',
    'n',
    'starts_told',
    'median_hours',
    'median_low_hours',
    'median_high_hours',
  ],
  ...['p90_hours', 'mean_hours', 'mean_stay_hours', 'extra_hours', 'came', 'went'],
  ...['touch_hours', 'again_share', 'paused_share', 'same_day_share'],
] as const
type StageRow = Partial<Record<(typeof stageColumns)[number], Cell>>

/** A stage in the whole period, by month, by week, by segment, by hour of the week, and by the stage before. */
export const stageTable = (answer: Answer<'stageAnswer'>): Table => {
  const [from, until] = periodCells(answer)
  const rows: StageRow[] = [
    {
      ...medianOf(answer.median),
      grain: 'period',
      p90_hours: answer.p90.value,
      starts_told: answer.starts_told,
    },
    ...answer.series.map((month) => ({ ...month, grain: 'month' })),
    ...answer.weeks.map(({ complete, mean_hours, ...week }) => ({
      ...week,
      grain: 'week',
      in_full: complete ? 'yes' : 'no',
      mean_stay_hours: mean_hours,
    })),
    ...answer.by.flatMap(({ dimension, rows }) =>
      rows.map(({ value, stat, stay_hours, ...row }) => ({
        ...row,
        ...medianOf(stat),
        grain: 'segment',
        dimension,
        segment: value,
        mean_stay_hours: stay_hours,
      })),
    ),
    ...answer.hours.map((hour) => ({ ...hour, grain: 'hour' })),
    ...answer.came_from.map((row) => ({ ...row, grain: 'from_stage' })),
  ]
  const { service, stage } = answer
  return {
    columns: stageColumns,
    rows: rows.map((row) => {
      const told: StageRow = { from, until, ...row, service, stage }
      return stageColumns.map((column) => told[column])
    }),
  }
}

const medianOf = ({ n, value, interval }: Stat): StageRow => ({
  n,
  median_hours: value,
  median_low_hours: interval?.[0],
  median_high_hours: interval?.[1],
})

type Flow = Answer<'flowAnswer'>

/** The service first (without a stage), then every stage, bucket by bucket; batch by batch. */
export const flowTable = (answer: {
  cases: Pick<Flow['cases'], 'points'>
  stages: Pick<Flow['stages'][number], 'service' | 'stage' | 'after' | 'points'>[]
}): Table => ({
  columns: [
    'service',
    'stage',
    'after',
    'from',
    'until',
    'complete',
    'arrivals',
    'departures',
    'backlog',
    'cumulative_arrivals',
    'cumulative_departures',
    'median_days',
    'p90_days',
    'oldest_days',
    'under_7_days',
    'from_7_days',
    'from_30_days',
    'from_90_days',
    'within_standard',
    'over_standard',
    'over_twice_standard',
    'unpromised',
  ],
  rows: [
    ...answer.cases.points.map((point): Cell[] => [
      null,
      null,
      null,
      ...flowCells(point),
      ...Object.values(point.by_standard),
    ]),
    ...answer.stages.flatMap(({ service, stage, after, points }) =>
      points.map((point): Cell[] => [service, stage, after, ...flowCells(point), null, null, null, null]),
    ),
  ],
})

const flowCells = (point: Flow['stages'][number]['points'][number]): Cell[] => [
  point.from,
  point.until,
  point.complete,
  point.arrivals,
  point.departures,
  point.backlog,
  point.cumulative_arrivals,
  point.cumulative_departures,
  point.age.median_days,
  point.age.p90_days,
  point.age.oldest_days,
  ...point.age.by_days,
]

export const changeTable = (answer: Answer<'changeAnswer'>): Table => ({
  columns: [
    'dimension',
    'segment',
    'label',
    ...periodColumns,
    'n',
    'before_n',
    'weight',
    'before_weight',
    'mean_hours',
    'before_mean_hours',
    'mix_hours',
    'rate_hours',
    'effect_hours',
    'share_of_change',
    'surprise',
  ],
  rows: answer.dimensions.flatMap(({ dimension, rows }) =>
    rows.map((row) => [
      dimension,
      row.value,
      row.label,
      ...periodCells(answer),
      row.n,
      row.before_n,
      row.weight,
      row.weight_before,
      row.mean_hours,
      row.before_mean_hours,
      row.mix,
      row.rate,
      row.effect,
      row.share,
      row.surprise,
    ]),
  ),
})

export const breachesTable = (answer: Answer<'breachesAnswer'>): Table => ({
  columns: [
    'extensions',
    'service',
    'stage',
    'after',
    ...periodColumns,
    'closed_due',
    'closed_late',
    'open_due',
    'open_late',
    'days_over',
    'days_over_open',
    'share',
    'cases',
    'usual_days',
  ],
  rows: (['without_extensions', 'with_extensions'] as const).flatMap((view) =>
    answer[view].flatMap((row) =>
      row.stages.map((part) => [
        view === 'with_extensions' ? 'with' : 'without',
        row.service,
        part.stage,
        part.after,
        ...periodCells(answer),
        row.closed_due,
        row.closed_late,
        row.open_due,
        row.open_late,
        part.days_over,
        part.days_over_open,
        part.share,
        part.cases,
        part.usual_days,
      ]),
    ),
  ),
})

/** One row a cause of every stage. */
export const causesTable = (answer: Answer<'causesAnswer'>): Table => ({
  columns: [
    'service',
    'stage',
    'cause',
    ...periodColumns,
    'hours',
    'hours_at_most',
    'open_hours',
    'cte_impact',
    ...statColumns,
  ],
  rows: answer.stages.flatMap(({ stage, causes }) =>
    causes.map((row): Cell[] => [
      answer.service,
      stage,
      row.cause,
      ...periodCells(answer),
      row.hours,
      row.hours_at_most,
      row.open_hours,
      row.cte_impact,
      ...statCells(row.share),
    ]),
  ),
})

/** The classes with the codes behind each, then what came after the close. */
export const outcomesTable = (answer: Answer<'outcomesAnswer'>): Table => {
  const figure = (name: string, group: string, stat: Stat, more: Cell[] = []): Cell[] => [
    ...[name, group, null, null, null, ...periodCells(answer), ...statCells(stat)],
    ...(more.length > 0 ? more : [null, null, null]),
  ]
  const { reopened, repeat_contact, failure_demand, cost } = answer
  return {
    columns: [
      ...['figure', 'group', 'service', 'code', 'cases', ...periodColumns, ...statColumns],
      ...['days', 'currency', 'reason'],
    ],
    rows: [
      ...answer.classes.flatMap((one): Cell[][] => [
        figure('class', one.class, one.stat),
        ...one.codes.map(({ service, code, cases }): Cell[] => [
          ...['code', one.class, service, code, cases, ...periodCells(answer)],
          ...statColumns.map(() => null),
          ...[null, null, null],
        ]),
      ]),
      figure('intended_outcome_rate', 'all', answer.intended),
      figure('reopened_rate', 'all', reopened.stat, [reopened.days, null, null]),
      figure('repeat_contact_rate', 'all', repeat_contact.stat, [repeat_contact.days, null, null]),
      figure('failure_demand_share', 'all', failure_demand.share),
      figure('failure_demand_rate', 'all', failure_demand.per_100_open),
      figure('cost_per_transaction', 'all', cost.stat, [null, cost.currency, cost.reason]),
    ],
  }
}

const waitLabel = (from: number, until: number | null) =>
  until === null ? `${from} days or more` : `${from} to ${until} days`

export const satisfactionTable = (answer: Answer<'satisfactionAnswer'>): Table => {
  const row = (figure: string, group: string, stat: Stat): Cell[] => [
    figure,
    group,
    ...periodCells(answer),
    ...statCells(stat),
  ]
  const by = (what: string, rows: { label: string; stat: Stat }[]) =>
    rows.map(({ label, stat }) => row(`satisfied_share by ${what}`, label, stat))
  return {
    columns: ['figure', 'group', ...periodColumns, ...statColumns],
    rows: [
      row('satisfied_share', 'all', answer.satisfied),
      row('satisfied_share, weighted', 'all', answer.weighted.stat),
      row('response_rate', 'all', answer.response),
      row('answers of customers', 'all', answer.coverage),
      row('would recommend less would not', 'all', answer.recommendation),
      row('thumbs up', 'all', answer.thumbs_up),
      ...answer.drivers.map(({ id, stat }) => row('agree', id, stat)),
      ...answer.by_wait.map(({ from_days, until_days, stat }) =>
        row('satisfied_share by days to the outcome', waitLabel(from_days, until_days), stat),
      ),
      ...by('outcome', answer.by_outcome),
      ...by('channel', answer.by_channel),
      ...by('district', answer.by_district),
      ...answer.by_stage.map(({ service, stage, stat }) =>
        row('satisfied_share by slowest stage', `${service}: ${stage || 'none'}`, stat),
      ),
      row('joined_share', 'all', answer.joined),
    ],
  }
}

const gapColumns = ['gap', 'gap_low', 'gap_high', 'ratio', 'ratio_low', 'ratio_high'] as const
const gapCells = (gap: Answer<'fairnessAnswer'>['groupings'][number]['rows'][number]['raw']): Cell[] => [
  gap?.absolute,
  gap?.interval[0],
  gap?.interval[1],
  gap?.ratio,
  gap?.ratio_interval?.[0],
  gap?.ratio_interval?.[1],
]

/** One row a group; where the gap of the mean hours arises is in the JSON. */
export const fairnessTable = (answer: Answer<'fairnessAnswer'>): Table => ({
  columns: [
    ...['kpi', 'dimension', 'group', 'label', ...periodColumns, ...statColumns],
    ...['reference', 'reference_n', 'reference_value'],
    ...gapColumns.map((name) => `raw_${name}`),
    ...gapColumns.map((name) => `adjusted_${name}`),
    ...['adjusted_errors', 'compared', 'chance', 'verdict'],
  ],
  rows: answer.groupings.flatMap(({ dimension, rows }) =>
    rows.map((row) => [
      ...[answer.kpi, dimension, row.value, row.label, ...periodCells(answer), ...statCells(row.stat)],
      ...[row.reference ?? 'all others', row.reference_stat.n, row.reference_stat.value],
      ...gapCells(row.raw),
      ...gapCells(row.adjusted),
      ...[row.adjusted?.errors, row.compared, row.chance, row.verdict],
    ]),
  ),
})

export const themesTable = (answer: Answer<'themesAnswer'>): Table => ({
  columns: ['figure', 'theme', ...periodColumns, ...statColumns],
  rows: [{ ...answer, theme: 'all' }, ...answer.themes].flatMap(({ theme, share, satisfied }): Cell[][] => [
    ['theme_share', theme, ...periodCells(answer), ...statCells(share)],
    ['satisfied_share', theme, ...periodCells(answer), ...statCells(satisfied)],
  ]),
})

const caseColumns = [
  ...['source', 'case_id', 'service', 'department', 'district', 'channel', 'team', 'subtype'],
  ...['claimed', 'outcome', 'state', 'started_at', 'closed_at', 'due_at', 'extended_due_at'],
  ...['current_stage', 'stage_state', 'stage_visits', 'stage_hours', 'hours', 'late_by_hours'],
] as (keyof Answer<'caseRow'>)[]

/** Cases as a table, batch by batch: one row a case. */
export const casesTable = (cases: Answer<'caseRow'>[]): Table => ({
  columns: caseColumns,
  rows: cases.map((one) => caseColumns.map((column) => one[column])),
})
