import { z } from 'zod'
import type { Db } from './db.ts'
import type { Period } from './filters.ts'
import { askCells } from './kpiFigures.ts'
import type { Cell, Part } from './kpiStats.ts'
import { buckets } from './period.ts'
import answersByQuarterSql from './queries/answers_by_quarter.sql?raw'
import { defineQuery } from './query.ts'
import type { Reading } from './reader.ts'
import { driverIds } from './satisfaction.ts'

const number = z.number()
const answersByQuarter = defineQuery(
  'answers_by_quarter',
  answersByQuarterSql,
  z.object({ from: z.string(), until: z.string(), zone: z.string() }),
  z.object({
    bucket: z.string(),
    service: z.string(),
    channel: z.string(),
    customers: number,
    neither: number,
    dissatisfied: number,
    told: z.array(number).length(driverIds.length),
    positive: z.array(number).length(driverIds.length),
  }),
)

/** Where a figure of the cube stands. `all` is everything; an empty district or channel is one that was not stated. */
export type Place = { service: string; district: string; channel: string; period: string }
type Answers = {
  customers: number
  neither: number
  dissatisfied: number
  told: number[]
  positive: number[]
}
export type CubeCell = Place & { cell: Cell; answers?: Answers }

/** The periods of the cube: whole months, whole quarters, and those quarters that are told by district and channel. */
export type CubePeriods = { months: Period; quarters: Period | null; parts: Period | null }

const whole: Part[] = ['counts', 'backlog', 'times', 'survival', 'ages', 'waits']
const split: Part[] = ['counts', 'backlog', 'times', 'waits']

/**
 * The fixed cube that is published: services by month and by quarter, and by district or channel in each quarter. It is asked by the
 * same queries as the dashboard; nobody can choose other periods or other groups.
 */
export async function readCube(db: Db, reading: Reading, periods: CubePeriods): Promise<CubeCell[]> {
  const { months, quarters, parts } = periods
  const found = new Map<string, CubeCell>()
  const at = (place: Place): CubeCell => {
    const key = JSON.stringify(place)
    const known = found.get(key) ?? { ...place, cell: {} }
    found.set(key, known)
    return known
  }
  const ask = async (asked: Period | null, grain: 'month' | 'quarter', dimension: string, of: Part[]) => {
    if (!asked) return
    const slice = { ...reading, period: asked, compare: null }
    for (const [key, cell] of await askCells(db, slice, of, { grain, dimension })) {
      const [bucket = '', segment = ''] = splitAt(key, '|')
      const [service, rest = ''] = splitAt(segment, '\n')
      const place = { service: 'all', district: 'all', channel: 'all', period: periodId(bucket, grain) }
      if (dimension !== '') place.service = service ?? ''
      if (dimension === 'service and district') place.district = rest
      if (dimension === 'service and channel') place.channel = rest
      at(place).cell = cell
    }
  }
  for (const dimension of ['', 'service']) {
    await ask(months, 'month', dimension, whole)
    await ask(quarters, 'quarter', dimension, whole)
  }
  await ask(parts, 'quarter', 'service and district', split)
  await ask(parts, 'quarter', 'service and channel', split)
  if (!quarters) return [...found.values()]

  const answered = await answersByQuarter(db, { ...quarters, zone: reading.jurisdiction.time_zone })
  for (const { bucket, service, channel, ...answers } of answered) {
    const period = periodId(bucket, 'quarter')
    const place = { service, district: 'all', channel: 'all', period }
    const places = [place, { ...place, service: 'all' }]
    if (parts && bucket >= parts.from) places.push({ ...place, channel })
    for (const one of places) {
      const cell = at(one)
      cell.answers = added(cell.answers, answers)
    }
  }
  return [...found.values()]
}

/** `2026-06` for a month, `2026-Q2` for a quarter, by its first day. */
export const periodId = (firstDay: string, grain: 'month' | 'quarter'): string =>
  grain === 'month'
    ? firstDay.slice(0, 7)
    : `${firstDay.slice(0, 4)}-Q${Math.ceil(Number(firstDay.slice(5, 7)) / 3)}`

/** The periods of the cube with their days, in order. */
export const periodsOf = ({ months, quarters }: CubePeriods): ({ id: string } & Period)[] =>
  (['month', 'quarter'] as const).flatMap((grain) => {
    const span = grain === 'month' ? months : quarters
    return span ? buckets(span, grain).map((one) => ({ id: periodId(one.from, grain), ...one })) : []
  })

const splitAt = (text: string, mark: string): string[] => {
  const place = text.indexOf(mark)
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)]
}

const added = (a: Answers | undefined, b: Answers): Answers => {
  const each = (x: number[] | undefined, y: number[]) => y.map((value, index) => value + (x?.[index] ?? 0))
  return {
    customers: (a?.customers ?? 0) + b.customers,
    neither: (a?.neither ?? 0) + b.neither,
    dissatisfied: (a?.dissatisfied ?? 0) + b.dissatisfied,
    told: each(a?.told, b.told),
    positive: each(a?.positive, b.positive),
  }
}
