import { z } from 'zod'
import type { Db } from '../../sql/db.ts'
import type { Earlier, Shown } from '../disclosure/cells.ts'
import { cellId } from './cells.ts'
import { countOf, placeOf } from './cube.ts'
import { layouts } from './layouts.ts'
import { declared, wordsOf } from './measures.ts'
import type { Figure, Mark, Published, Revision, Row, Site } from './published.ts'
import { ReleaseError } from './releaseError.ts'

const marks = z.array(z.enum(['c', 'x', 'z', 'p', 'r', 'u', 'b']))
const dimensions = ['service', 'district', 'channel', 'period', 'outcome', 'answer'] as const
const at = {
  service: z.string(),
  district: z.string(),
  channel: z.string(),
  period: z.string(),
  outcome: z.string(),
  answer: z.string(),
}

const figureRow = z.object({
  table: z.string(),
  measure: z.string(),
  ...at,
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  was: z.number().nullable(),
  marks,
})
export type PublishedFigure = { table: string; at: Row['at']; measure: string } & Figure

/** Writes down every number of a release as people are given it. Written once for each freeze; a run that was interrupted is done again. */
export async function enterLedger(db: Db, freeze: string, { release, tables }: Published): Promise<void> {
  const known = await db.query({
    query: 'SELECT count() AS entered FROM published_freezes WHERE freeze = {freeze: UUID}',
    query_params: { freeze },
    format: 'JSONEachRow',
  })
  if ((await known.json<{ entered: number }>())[0]?.entered) return
  const rows = tables.flatMap((table) =>
    table.rows.flatMap((row) =>
      Object.entries(row.figures).map(([measure, { value, interval, was, marks: given }]) => ({
        freeze,
        table: table.id,
        measure,
        // what a table does not tell apart is the total
        ...Object.fromEntries(dimensions.map((id) => [id, row.at[id] ?? 'all'])),
        value,
        low: interval?.[0] ?? null,
        high: interval?.[1] ?? null,
        was,
        marks: given,
      })),
    ),
  )
  await db.insert({ table: 'published_figures', values: rows, format: 'JSONEachRow' })
  await db.insert({
    table: 'published_freezes',
    values: [{ release: release.id, freeze }],
    format: 'JSONEachRow',
  })
}

/** The freeze of each release that was disclosed last, in the order of the ids. */
async function freezesOf(
  db: Db,
  releases: readonly string[],
): Promise<{ release: string; freeze: string }[]> {
  const result = await db.query({
    query: `SELECT release, toString(argMax(freeze, at)) AS last FROM published_freezes
            WHERE release IN {releases: Array(String)} GROUP BY release ORDER BY indexOf({releases: Array(String)}, release)`,
    query_params: { releases },
    format: 'JSONEachRow',
  })
  return (await result.json<{ release: string; last: string }>()).map(({ release, last }) => ({
    release,
    freeze: last,
  }))
}

/** Every number of a release, as it was published. */
export async function publishedFigures(db: Db, id: string): Promise<PublishedFigure[]> {
  const [found] = await freezesOf(db, [id])
  if (!found) throw new ReleaseError(`Release ${id} is not in the ledger: build it first.`)
  const result = await db.query({
    query: `SELECT DISTINCT \`table\`, measure, service, district, channel, period, outcome, answer, value, low, high, was, marks
            FROM published_figures WHERE freeze = {freeze: UUID}
            ORDER BY \`table\`, measure, service, district, channel, period, outcome, answer`,
    query_params: { freeze: found.freeze },
    format: 'JSONEachRow',
  })
  return figureRow
    .array()
    .parse(await result.json())
    .map(({ table, measure, value, low, high, was, marks: given, ...place }) => ({
      table,
      measure,
      at: place,
      value,
      marks: given,
      interval: low === null || high === null ? null : [low, high],
      was,
    }))
}

const saidRow = z.object({
  measure: z.string(),
  ...at,
  last: z.tuple([z.string(), z.number().nullable(), marks]),
  /** What releases said, the oldest first; null is hidden. */
  said: z.array(z.tuple([z.number(), z.number().nullable()])),
})

/** What releases said of the figures of these periods: of each count everything, and of each figure what came last. */
export async function saidBefore(db: Db, releases: readonly string[], periods: readonly string[]) {
  const freezes = await freezesOf(db, releases)
  const missing = releases.find((id) => !freezes.some(({ release }) => release === id))
  if (missing !== undefined)
    throw new ReleaseError(
      `Release ${missing} is public, but its figures are not in the ledger: build it again with "release rebuild ${missing}" first.`,
    )
  if (freezes.length === 0) return { cells: new Map() as Earlier, last: () => null }
  const result = await db.query({
    query: `SELECT measure, service, district, channel, period, outcome, answer,
              argMax((transform(toString(freeze), {freezes: Array(String)}, {releases: Array(String)}, ''), value, marks), indexOf({freezes: Array(String)}, toString(freeze))) AS last,
              arraySort(groupUniqArrayIf((indexOf({freezes: Array(String)}, toString(freeze)), value), value IS NOT NULL OR has(marks, 'c'))) AS said
            FROM published_figures
            WHERE freeze IN {freezes: Array(UUID)} AND period IN {periods: Array(String)}
            GROUP BY measure, service, district, channel, period, outcome, answer`,
    query_params: {
      freezes: freezes.map(({ freeze }) => freeze),
      releases: freezes.map(({ release }) => release),
      periods,
    },
    format: 'JSONEachRow',
  })
  const rows = saidRow.array().parse(await result.json())
  const cells = new Map<string, readonly Shown[]>()
  const lastOf = new Map<string, Revision['before']>()
  for (const {
    measure,
    last: [release, value, given],
    said,
    ...place
  } of rows) {
    lastOf.set(keyOf(measure, place), { release, value, marks: given })
    if (declared[measure]?.kind !== 'count') continue
    if (said.length > 0)
      cells.set(
        cellId(countOf(measure, place), placeOf(place)),
        said.map(([, one]) => (one === null ? { hidden: true } : { hidden: false, value: one })),
      )
  }
  return {
    cells: cells as Earlier,
    last: (measure: string, place: Row['at']) => lastOf.get(keyOf(measure, place)) ?? null,
  }
}

/** The districts and channels that releases told figures of. */
export async function categoriesBefore(db: Db, releases: readonly string[]) {
  const freezes = await freezesOf(db, releases)
  const result = await db.query({
    query: `SELECT arraySort(groupUniqArray(district)) AS district, arraySort(groupUniqArray(channel)) AS channel
            FROM published_figures WHERE freeze IN {freezes: Array(UUID)}`,
    query_params: { freezes: freezes.map(({ freeze }) => freeze) },
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ district: string[]; channel: string[] }>()
  return { district: row?.district ?? [], channel: row?.channel ?? [] }
}

const keyOf = (measure: string, place: Row['at']) =>
  JSON.stringify([measure, ...dimensions.map((id) => place[id] ?? 'all')])

/** Whether a figure says something else than it did. What was not told, or hidden, and is told now is no revision. */
export const revised = (
  before: { value: number | null; marks: readonly Mark[] },
  now: { value: number | null; marks: readonly Mark[] },
): boolean => before.value !== null && now.value !== null && before.value !== now.value

/** What the second release says otherwise of figures that stand in both. Layouts for frameworks repeat figures and are left out. */
export async function compareReleases(db: Db, before: string, now: string): Promise<Revision[]> {
  const [earlier, later] = await Promise.all([publishedFigures(db, before), publishedFigures(db, now)])
  const known = new Map(earlier.map((one) => [keyOf(`${one.table}.${one.measure}`, one.at), one]))
  return later.flatMap((one) => {
    const was = known.get(keyOf(`${one.table}.${one.measure}`, one.at))
    return was && isOwnTable(one.table) && revised(was, one)
      ? [
          {
            table: one.table,
            at: one.at,
            measure: one.measure,
            before: { release: before, value: was.value, marks: was.marks },
            now: { value: one.value, marks: one.marks },
          },
        ]
      : []
  })
}

/** The size of revisions among these releases, by measure: of all figures that were published again, how many changed and by how much. */
export async function revisionSize(db: Db, releases: readonly string[]): Promise<Site['revision_size']> {
  const freezes = await freezesOf(db, releases)
  const result = await db.query({
    query: `SELECT measure, count() AS figures, countIf(value != before) AS revised,
              medianExactIf(abs(value - before) / abs(before), before != 0) AS median
            FROM
            (
              SELECT
                measure, value,
                lagInFrame(value) OVER figure AS before,
                row_number() OVER figure AS nth
              FROM (SELECT DISTINCT * FROM published_figures WHERE freeze IN {freezes: Array(UUID)} AND \`table\` IN {own: Array(String)} AND value IS NOT NULL)
              WINDOW figure AS (
                PARTITION BY \`table\`, measure, service, district, channel, period, outcome, answer
                ORDER BY indexOf({freezes: Array(String)}, toString(freeze)) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              )
            )
            WHERE nth > 1
            GROUP BY measure`,
    query_params: { freezes: freezes.map(({ freeze }) => freeze), own: ownTables },
    format: 'JSONEachRow',
  })
  const rows = sizeRow.array().parse(await result.json())
  return Object.keys(declared).flatMap((measure) => {
    const row = rows.find((one) => one.measure === measure)
    return row ? [{ ...row, label: wordsOf(measure, null).label }] : []
  })
}

const sizeRow = z.object({
  measure: z.string(),
  figures: z.number(),
  revised: z.number(),
  median: z.number().nullable(),
})

/** Tables that are no layout of another one. */
const ownTables = layouts.filter(({ framework }) => framework === null).map(({ id }) => id)
export const isOwnTable = (id: string): boolean => ownTables.includes(id)
