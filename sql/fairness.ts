import { z } from 'zod'
import { flow } from './comparing.ts'
import type { Db } from './db.ts'
import type { fairnessKpis, references } from './fairnessChoices.ts'
import { type Filters, segmentParams } from './filters.ts'
import { type Cell, fewestInGroup, type Gap, gapInHours, gapsOf, type Hours, markClear } from './gaps.ts'
import type { Estimate } from './intervals.ts'
import { labelOf } from './kpiFigures.ts'
import { kpis } from './kpis.ts'
import { completeness } from './period.ts'
import gapPromisesSql from './queries/gap_promises.sql?raw'
import gapSharesSql from './queries/gap_shares.sql?raw'
import gapStagesSql from './queries/gap_stages.sql?raw'
import gapTimesSql from './queries/gap_times.sql?raw'
import gapWaitsSql from './queries/gap_waits.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf, type Reading } from './reader.ts'
import { shareOf } from './standardise.ts'
import type { Stat } from './stat.ts'

const number = z.number()
const text = z.string()
const ofGroups = { ...flow, dimension: text }
const medians = z.object({
  segment: text,
  rest: number,
  whole: number,
  stratum: text,
  n: number,
  median: number,
  below: number,
  median_low: number.nullable(),
  median_high: number.nullable(),
})
const gapTimes = defineQuery('gap_times', gapTimesSql, z.object({ ...ofGroups, by_subtype: number }), medians)
const gapWaits = defineQuery('gap_waits', gapWaitsSql, z.object(ofGroups), medians)
const shares = z.object({ district: text, channel: text, stratum: text, counted: number, of_all: number })
const gapPromises = defineQuery(
  'gap_promises',
  gapPromisesSql,
  z.object({ ...flow, by_subtype: number }),
  shares,
)
const gapShares = defineQuery(
  'gap_shares',
  gapSharesSql,
  z.object({ ...flow, kpi: text }).omit({ zone: true }),
  shares,
)
const gapStages = defineQuery(
  'gap_stages',
  gapStagesSql,
  z.object(flow),
  z.object({ district: text, channel: text, stratum: text, stage: text, n: number, hours: number }),
)

/** The figures whose gaps are told. */
export type FairnessKpi = (typeof fairnessKpis)[number]

/** Who is compared with whom: districts, channels, and those who asked by a digital channel with those who did not. */
export const groupings = ['district', 'channel', 'access'] as const
export type Grouping = (typeof groupings)[number]

export type Reference = (typeof references)[number]

const accessNames: Record<string, string> = {
  digital: 'Digital',
  other: 'Not digital',
}

/**
 * Whom a service treats otherwise: every district, channel and way of access beside all others or the best group, as it is and at the same mix of
 * services (of kinds of case, where one service is chosen); what is surest to differ first.
 */
export const fairness = (db: Db, kpi: FairnessKpi, against: Reference, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const ask = cellsOf(db, reading, kpi)
    const [hours, ...cells] = await Promise.all([
      kpis[kpi].stream === 'case_events' ? gapStages(db, asking(reading)) : [],
      ...groupings.map(ask),
    ])
    const answers = groupings.map((dimension, index) => ({
      dimension,
      hours: hours.map((row) => ({ ...row, segment: segmentOf(reading, dimension, row) })),
      gaps: gapsOf(cells[index] ?? [], against, kpis[kpi].better),
    }))
    // chance has as many tries as gaps are shown
    const marked = markClear(answers.flatMap(({ gaps }) => gaps))
    return {
      ...reading.head,
      kpi,
      against,
      mix: bySubtype(reading, kpi) ? ('subtype' as const) : ('service' as const),
      fewest: fewestInGroup,
      compared: marked.filter(({ chance }) => chance !== null).length,
      groupings: answers.map(({ dimension, hours, gaps }, place) => {
        const first = answers.slice(0, place).reduce((sum, before) => sum + before.gaps.length, 0)
        return {
          dimension,
          rows: marked
            .slice(first, first + gaps.length)
            .map((gap) => rowOf(reading, kpi, dimension, gap, hours)),
        }
      }),
    }
  })

const asking = (reading: Reading) => ({
  ...segmentParams(reading.filters),
  ...reading.period,
  zone: reading.jurisdiction.time_zone,
})

/** To which group of a grouping people of a district and channel belong; empty when that was not told. */
function segmentOf(
  { names }: Reading,
  dimension: Grouping,
  { district, channel }: { district: string; channel: string },
): string {
  if (dimension === 'district') return district
  if (dimension === 'channel' || channel === '') return channel
  return names.channels.find(({ id }) => id === channel)?.digital ? 'digital' : 'other'
}

/** Of one service the kinds of its cases are the mix; waits and answers do not tell them. */
const bySubtype = ({ filters }: Reading, kpi: FairnessKpi) =>
  filters.service.length === 1 && kpis[kpi].stream === 'case_events'

/** Asks for the figures of a KPI; shares are counted once for all groupings. */
function cellsOf(db: Db, reading: Reading, kpi: FairnessKpi): (dimension: Grouping) => Promise<Cell[]> {
  const asked = asking(reading)
  const by_subtype = bySubtype(reading, kpi) ? 1 : 0
  const inUnit = (rows: MedianRow[], unit: number) =>
    rows.map((row) => ({ ...cellOf(row), estimate: medianOf(row, unit) }))
  if (kpi === 'time_to_outcome_median')
    return async (dimension) => inUnit(await gapTimes(db, { ...asked, dimension, by_subtype }), 86_400)
  if (kpi === 'wait_median')
    return async (dimension) => inUnit(await gapWaits(db, { ...asked, dimension }), 60)
  const counted =
    kpi === 'on_time_rate' ? gapPromises(db, { ...asked, by_subtype }) : gapShares(db, { ...asked, kpi })
  return async (dimension) =>
    cellsOfShares((await counted).map((row) => ({ ...row, segment: segmentOf(reading, dimension, row) })))
}

type MedianRow = z.output<typeof medians>
const cellOf = ({ segment, rest, whole, stratum, n }: MedianRow) => ({
  segment,
  rest: rest === 1,
  whole: whole === 1,
  stratum,
  n,
})

function medianOf({ median, median_low, median_high }: MedianRow, unit: number): Estimate | null {
  if (median_low === null || median_high === null) return null
  return { value: median / unit, interval: [median_low / unit, median_high / unit] }
}

/** Shares may be added up: all others are all less the group. */
function cellsOfShares(
  rows: readonly { segment: string; stratum: string; counted: number; of_all: number }[],
): Cell[] {
  const strata = [...new Set(rows.map(({ stratum }) => stratum))]
  const segments = [...new Set(rows.map(({ segment }) => segment))].filter((segment) => segment !== '')
  const cell = (segment: string, rest: boolean, stratum: string | null): Cell => {
    const own = rows.filter(
      (row) => (row.segment === segment) !== rest && (stratum === null || row.stratum === stratum),
    )
    const [counted, n] = [
      own.reduce((sum, row) => sum + row.counted, 0),
      own.reduce((sum, row) => sum + row.of_all, 0),
    ]
    return {
      segment,
      rest,
      whole: stratum === null,
      stratum: stratum ?? '',
      n,
      estimate: shareOf(counted, n),
    }
  }
  return segments.flatMap((segment) =>
    [null, ...strata].flatMap((stratum) => [cell(segment, false, stratum), cell(segment, true, stratum)]),
  )
}

function rowOf(reading: Reading, kpi: FairnessKpi, dimension: Grouping, gap: Gap, hours: readonly Hours[]) {
  const { unit, version, stream } = kpis[kpi]
  const figure = (level: Estimate | null, n: number): Stat => {
    const enough = level !== null && n >= fewestInGroup
    return {
      value: enough ? level.value : null,
      unit,
      n,
      numerator: null,
      denominator: unit === 'share' && enough ? n : null,
      interval: enough ? level.interval : null,
      method: 'exact',
      error: null,
      status: enough ? 'ok' : n > 0 ? 'too_few' : 'not_applicable',
      complete: completeness(reading.period, coverageOf(reading, stream)),
      as_of: reading.head.as_of,
      definition: `${kpi}@${version}`,
    }
  }
  const { segment, reference, raw, adjusted } = gap
  return {
    value: segment,
    label: dimension === 'access' ? (accessNames[segment] ?? segment) : labelOf(reading, dimension, segment),
    digital:
      dimension === 'channel'
        ? (reading.names.channels.find(({ id }) => id === segment)?.digital ?? null)
        : dimension === 'access'
          ? segment === 'digital'
          : null,
    stat: figure(gap.level, gap.n),
    reference,
    reference_stat: figure(gap.reference_level, gap.reference_n),
    raw,
    adjusted,
    compared: gap.compared,
    chance: gap.chance,
    clear: gap.clear,
    verdict: verdictOf(kpi, gap),
    arises: raw && hours.length > 0 ? gapInHours(hours, segment, reference) : null,
  }
}

/** Which way a clear gap goes. */
function verdictOf(
  kpi: FairnessKpi,
  { clear, adjusted }: Gap,
): 'better' | 'worse' | 'no_clear_gap' | 'not_compared' {
  if (!adjusted) return 'not_compared'
  if (!clear) return 'no_clear_gap'
  return adjusted.absolute > 0 === (kpis[kpi].better === 'higher') ? 'better' : 'worse'
}
