import { rowsOfServices } from './askOnce.ts'
import { costsOf } from './costs.ts'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import { type Dimension, type Filters, type Grain, type Period, segmentParams } from './filters.ts'
import { type Cell, changeOf, type Part, partsOf, statOf, statusOf } from './kpiStats.ts'
import * as kpiQueries from './kpis/queries.ts'
import { type Kpi, type KpiId, kpiIds, kpis } from './kpis.ts'
import { buckets, completeness, daysBefore, daysOf, earlierOf, laterOf } from './period.ts'
import { answering, coverageOf, type Reading } from './reader.ts'
import { limitsOf, signalsOf } from './signals.ts'
import type { Stat } from './stat.ts'

const caseDimensions: readonly string[] = ['subtype', 'outcome', 'claimed']

/** Every KPI for the filters, beside the period it is compared with. */
export const kpiAnswer = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { now, before } = await figuresOf(db, reading, kpiIds)
    return {
      ...reading.head,
      kpis: kpiIds.map((id) => {
        const stat = now(id)
        const compare = before(id)
        const target = targetOf(id, reading)
        return {
          id,
          stat,
          compare,
          change: changeOf(id, stat, compare, lengthsOf(reading)),
          target,
          status: statusOf(id, stat, target),
        }
      }),
    }
  })

/** One KPI over time with XmR limits and signals; the last bucket may be incomplete. */
export const kpiSeries = (db: Db, id: KpiId, grain: Grain, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const spans = buckets(reading.period, grain)
    if (spans.length > 1_000)
      throw new UnknownIdError(
        `${spans.length} points are too many to show: choose a coarser grain or a shorter period.`,
      )
    const cells = await askCells(db, reading, [partsOf[id]].flat(), { grain, dimension: '' })
    const points = spans.map((span) => ({
      ...span,
      stat: statOf(id, cells.get(keyOf(span.from, '')) ?? {}, context(id, reading, span)),
    }))
    const full = points.filter((point) => point.stat.complete >= 0.999 && point.stat.value !== null)
    const values = full.map((point) => point.stat.value ?? 0)
    const limits = limitsOf(values)
    const signals = limits && !limits.trial ? signalsOf(values, limits) : []
    const last = signals.filter((signal) => signal.index === values.length - 1)[0]
    const { better, unit } = kpis[id]
    const target = targetOf(id, reading)
    return {
      ...reading.head,
      id,
      grain,
      unit,
      points,
      limits,
      variation:
        !limits || limits.trial
          ? ('too_few_points' as const)
          : !last
            ? ('no_clear_change' as const)
            : better === 'neither'
              ? ('changed' as const)
              : (last.side === 'high') === (better === 'higher')
                ? ('improving' as const)
                : ('concerning' as const),
      assurance: assuranceOf(target, limits, better),
      signals: signals.map(({ index, rule }) => ({ from: full[index]?.from ?? '', rule })),
      target,
    }
  })

/** One KPI by the values of a dimension, with the total of the same selection. */
export const kpiBy = (db: Db, id: KpiId, dimension: Dimension, filters: Filters) =>
  answering(db, filters, async (reading) => {
    if (caseDimensions.includes(dimension) && kpis[id].stream !== 'case_events')
      throw new UnknownIdError(
        `${id} is not known by ${dimension}: use service, department, district, channel or team.`,
      )
    const ask = (by: string) => askCells(db, reading, [partsOf[id]].flat(), { grain: 'all', dimension: by })
    const [cells, totals] = await Promise.all([ask(dimension), ask('')])
    const { period, compare: earlier } = reading
    const values = [...cells.keys()]
      .filter((key) => key.startsWith(`${period.from}|`))
      .map((key) => key.slice(key.indexOf('|') + 1))
      .sort()
    const at = (span: Period, value: string) => {
      const around = context(id, reading, span, dimension === 'service' ? value : undefined)
      return statOf(id, cells.get(keyOf(span.from, value)) ?? {}, around)
    }
    return {
      ...reading.head,
      id,
      dimension,
      rows: values.map((value) => {
        const stat = at(period, value)
        const compare = earlier && at(earlier, value)
        return {
          value,
          label: labelOf(reading, dimension, value),
          stat,
          compare,
          change: changeOf(id, stat, compare, lengthsOf(reading)),
        }
      }),
      total: statOf(id, totals.get(keyOf(period.from, '')) ?? {}, context(id, reading, period)),
    }
  })

/** The figures of several KPIs for the period as a whole, and for the one it is compared with (null when there is none). */
export async function figuresOf(db: Db, reading: Reading, ids: readonly KpiId[]) {
  const parts = [...new Set(ids.flatMap((id) => partsOf[id]))]
  const cells = await askCells(db, reading, parts, { grain: 'all', dimension: '' })
  const figure = (id: KpiId, span: Period): Stat =>
    statOf(id, cells.get(keyOf(span.from, '')) ?? {}, context(id, reading, span))
  const { period, compare } = reading
  return { now: (id: KpiId) => figure(id, period), before: (id: KpiId) => compare && figure(id, compare) }
}

/** The name people know a value of a dimension by. */
export function labelOf({ names }: Reading, dimension: string, value: string): string {
  if (value.trim() === '') return value === '' ? 'Not stated' : 'Blank in the source'
  const lists: Record<string, readonly { id: string; name: string }[]> = {
    service: names.services,
    department: names.departments,
    district: names.districts,
    channel: names.channels,
  }
  return lists[dimension]?.find(({ id }) => id === value)?.name ?? value
}

const keyOf = (bucket: string, segment: string): string => `${bucket}|${segment}`

/** Asks the queries that the parts need and puts their rows together by bucket and segment: the key is `bucket|segment`. */
export async function askCells(
  db: Db,
  reading: Reading,
  parts: readonly Part[],
  { grain, dimension }: { grain: Grain | 'quarter' | 'all'; dimension: string },
): Promise<Map<string, Cell>> {
  const { jurisdiction, filters, held, period } = reading
  if (!held) return new Map()
  // a series has no earlier period beside it
  const before = grain === 'all' ? reading.compare : null
  const zone = jurisdiction.time_zone
  const segment = { ...segmentParams(filters), dimension }
  const flow = {
    ...segment,
    ...period,
    grain,
    before_from: before?.from ?? period.from,
    before_until: before?.until ?? period.from,
  }
  const spans = grain !== 'all' ? buckets(period, grain) : before ? [before, period] : [period]
  // a bucket at the edge of the period ends where the period ends
  const ends = spans.map(({ until }) => earlierOf(until, period.until))
  const stock = { ...segment, ends }
  const isAsked = (service: string) => filters.service.length === 0 || filters.service.includes(service)
  const known = held.coverage.filter(({ stream, service }) => stream === 'case_events' && isAsked(service))
  const sources = new Map(known.map(({ source, end_us }) => [source, end_us]))
  const ends_of = { source_ids: ['', ...sources.keys()], source_ends: [0, ...sources.values()] }
  const { reopen_days, repeat_days } = jurisdiction
  const matured = matureDays(known, reopen_days)
  const watched = matureDays(
    known.filter(({ service }) => reading.names.contacted.includes(service)),
    repeat_days,
  )
  const maturity = {
    mature_services: ['', ...matured.keys()],
    mature_days: [0, ...matured.values()],
    watched_services: ['', ...watched.keys()],
    watched_days: [0, ...watched.values()],
  }
  const byCase = caseDimensions.includes(dimension)
  const starts = new Map(ends.map((end, index) => [end, spans[index]?.from ?? end]))
  const startOf: Record<Part, (bucket: string) => string> = {
    counts: (bucket) => bucket,
    times: (bucket) => bucket,
    survival: (bucket) => bucket,
    waits: (bucket) => bucket,
    ages: (bucket) => starts.get(bucket) ?? bucket,
    backlog: (bucket) => starts.get(bucket) ?? bucket,
    costs: (bucket) => bucket,
  }
  // several figures are made of the same rows
  const agesOfOpen = () => rowsOfServices(db, reading, kpiQueries.ages, { ...stock, ...ends_of, zone })
  const ask: Record<Part, () => Promise<readonly { bucket: string; segment: string }[]>> = {
    counts: () =>
      byCase
        ? rowsOfServices(db, reading, kpiQueries.countsOfCases, {
            ...flow,
            ...maturity,
            zone,
            reopen_days,
            repeat_days,
          })
        : rowsOfServices(db, reading, kpiQueries.counts, { ...flow, ...maturity }),
    times: () => rowsOfServices(db, reading, kpiQueries.times, { ...flow, zone }),
    survival: () => rowsOfServices(db, reading, kpiQueries.survival, { ...flow, ...ends_of, zone }),
    waits: () => rowsOfServices(db, reading, kpiQueries.waitQuantiles, { ...flow, zone }),
    ages: agesOfOpen,
    backlog: async () =>
      byCase
        ? (await agesOfOpen()).map((row) => ({ ...row, open: row.n }))
        : rowsOfServices(db, reading, kpiQueries.backlog, stock),
    costs: async () => costsOf(reading, dimension, spans),
  }
  const cells = new Map<string, Cell>()
  const answers = await Promise.all(parts.map(async (part) => ({ part, rows: await ask[part]() })))
  for (const { part, rows } of answers)
    for (const { bucket, segment: value, ...columns } of rows) {
      const key = keyOf(startOf[part](bucket), value)
      cells.set(key, { ...cells.get(key), [part]: columns })
    }
  return cells
}

/** From which day (since 1970-01-01) on a close of each service is too recent to tell what comes within `days` after it. */
function matureDays(known: readonly { service: string; until: string }[], days: number): Map<string, number> {
  const found = new Map<string, number>()
  for (const { service, until } of known) {
    const day = Date.parse(daysBefore(until, days)) / 86_400_000
    found.set(service, Math.min(day, found.get(service) ?? day))
  }
  return found
}

/**
 * What is known of the span for a KPI (of one service, where it is given). A bucket that the period cuts is not complete.
 * Where nothing is known there is no figure: what was not told is not zero.
 */
function context(id: KpiId, reading: Reading, span: Period, service?: string) {
  const { stream, or, contacts, whole }: Kpi = kpis[id]
  const of = (told: Kpi['stream']) =>
    coverageOf(reading, told).filter((one) => service === undefined || one.service === service)
  const own = of(stream)
  const coverage = own.length === 0 && or ? of(or) : own
  const within = cut(span, reading)
  const tells = (one: { service: string }) => reading.names.contacted.includes(one.service)
  const told = !contacts || (contacts === 'some' ? coverage.some(tells) : coverage.every(tells))
  const complete = (completeness(within, coverage) * daysOf(within)) / Math.max(1, daysOf(span))
  const as_of = coverage
    .map((of) => of.as_of)
    .sort()
    .at(-1)
  return { complete, as_of: as_of ?? reading.head.as_of, collected: complete > (whole ? 0.999 : 0) && told }
}

/** The part of a span that was asked about: a bucket at the edge of the period reaches beyond it. */
function cut(span: Period, { period, compare }: Reading): Period {
  if (compare && span.from === compare.from && span.until === compare.until) return span
  return { from: laterOf(span.from, period.from), until: earlierOf(span.until, period.until) }
}

/** How long the period is beside the one it is compared with. */
const lengthsOf = ({ period, compare }: Reading): number => (compare ? daysOf(period) / daysOf(compare) : 1)

/** The target in force at the end of the period, where one service is chosen and its standard speaks of this KPI. */
function targetOf(id: KpiId, { filters, names, period }: Reading): number | null {
  const [service, other] = filters.service
  if (service === undefined || other !== undefined) return null
  const lastDay = daysBefore(period.until, 1)
  const standard = names.standards.find(
    (s) => s.service === service && s.subtype === '' && s.valid_from <= lastDay && lastDay < s.valid_until,
  )
  if (!standard) return null
  if (id === 'on_time_rate' || id === 'on_time_strict_rate')
    return standard.unit === 'minutes' ? null : standard.target
  const { unit, value: promised } = standard
  if (id === 'wait_in_time_rate') return unit === 'minutes' || unit === 'hours' ? standard.target : null
  const days = unit === 'days' ? promised : unit === 'hours' ? promised / 24 : null
  const minutes = standard.unit === 'minutes' ? standard.value : null
  const quantiles: Partial<Record<KpiId, [number, number | null]>> = {
    time_to_outcome_median: [0.5, days],
    time_to_outcome_p90: [0.9, days],
    wait_median: [0.5, minutes],
    wait_p90: [0.9, minutes],
  }
  const [level, value] = quantiles[id] ?? [null, null]
  return level === standard.target ? value : null
}

function assuranceOf(target: number | null, limits: ReturnType<typeof limitsOf>, better: string) {
  if (target === null || better === 'neither') return 'no_target' as const
  if (!limits || limits.trial) return 'too_few_points' as const
  const above = limits.lower > target
  const below = target > limits.upper
  const [surely, never] = better === 'higher' ? [above, below] : [below, above]
  return surely ? ('will_meet' as const) : never ? ('will_not_meet' as const) : ('may_meet' as const)
}
