import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Db } from './db.ts'
import schedulesSql from './queries/report_schedules.sql?raw'
import { defineQuery } from './query.ts'
import { type Schedule, schedule } from './reportSchedules.ts'

const versions = defineQuery(
  'report_schedules',
  schedulesSql,
  z.object({}),
  z.object({
    number: z.number(),
    id: z.string(),
    origin: z.enum(['file', 'page']),
    deleted: z.number(),
    since: z.string(),
    definition: z.string(),
    at: z.string(),
    by: z.string(),
  }),
)

/** A schedule as it stands. `number` moves on with every change; `since`: times before it are not due. */
export type KeptSchedule = Schedule & {
  number: number
  origin: 'file' | 'page'
  since: string
  at: string
  by: string
}

type Row = {
  id: string
  origin: 'file' | 'page'
  deleted: 0 | 1
  since: string
  definition: string
  at: string
  by: string
}

/** All schedules by id, those of the configuration among them. */
export async function readSchedules(db: Db): Promise<KeptSchedule[]> {
  const rows = (await versions(db, {})).filter(({ deleted }) => deleted === 0)
  return rows
    .map(({ definition, number, origin, since, at, by }) => ({
      ...schedule.parse(JSON.parse(definition)),
      ...{ number, origin, since, at, by },
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Only what the schedule itself says. */
export const definitionOf = ({
  number: _,
  origin: __,
  since: ___,
  at: ____,
  by: _____,
  ...said
}: KeptSchedule): Schedule => said

async function write(db: Db, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  const [last] = await (
    await db.query({ query: 'SELECT max(number) AS number FROM report_schedules', format: 'JSONEachRow' })
  ).json<{ number: number }>()
  const first = Number(last?.number ?? 0) + 1
  await db.insert({
    table: 'report_schedules',
    values: rows.map((row, index) => ({ ...row, number: first + index })),
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })
}

/** Whoever moves the times of a schedule, or lets it go on after a pause, is not sent what was due before. */
function sinceOf(said: Schedule, before: KeptSchedule | undefined, now: Date): string {
  const times = ({ when, time_zone, paused }: Schedule) => JSON.stringify([when, time_zone, paused])
  return before && times(before) === times(said) ? before.since : now.toISOString()
}

/** Nobody who makes a schedule chooses its id: that one is taken would tell of schedules that are not seen. */
export const newScheduleId = (name: string): string => `${lettersOf(name)}-${randomBytes(4).toString('hex')}`

const lettersOf = (name: string): string =>
  name
    .normalize('NFKD')
    // the accents, which stand apart now
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 50)
    .replace(/-+$/, '') || 'report'

/** Keeps a schedule as it is said now. The caller holds the lock of reports. */
export async function keepSchedule(db: Db, said: Schedule, by: string, now: Date): Promise<void> {
  const before = (await readSchedules(db)).find(({ id }) => id === said.id)
  const definition = JSON.stringify(said)
  const at = now.toISOString()
  const since = sinceOf(said, before, now)
  await write(db, [{ id: said.id, origin: 'page', deleted: 0, since, definition, at, by }])
}

/** Ends a schedule; its history stays. The caller holds the lock of reports. */
export async function endSchedule(db: Db, kept: KeptSchedule, by: string, now: Date): Promise<void> {
  const { id, origin, since } = kept
  const definition = JSON.stringify(definitionOf(kept))
  await write(db, [{ id, origin, deleted: 1, since, definition, at: now.toISOString(), by }])
}

/** Brings the declared schedules to what the configuration says; one of the same id that was made on the page becomes the file's. */
export async function declareSchedules(
  db: Db,
  declared: readonly Schedule[],
  now = new Date(),
): Promise<void> {
  const kept = await readSchedules(db)
  const by = 'clearway.config.json'
  const at = now.toISOString()
  const changed = declared.flatMap((said): Row[] => {
    const before = kept.find(({ id }) => id === said.id)
    const definition = JSON.stringify(said)
    if (before?.origin === 'file' && JSON.stringify(definitionOf(before)) === definition) return []
    return [
      { id: said.id, origin: 'file', deleted: 0, since: sinceOf(said, before, now), definition, at, by },
    ]
  })
  const gone = kept
    .filter(({ id, origin }) => origin === 'file' && !declared.some((said) => said.id === id))
    .map((before): Row => {
      const definition = JSON.stringify(definitionOf(before))
      return { id: before.id, origin: 'file', deleted: 1, since: before.since, definition, at, by }
    })
  await write(db, [...changed, ...gone])
}
