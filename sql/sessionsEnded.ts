import { z } from 'zod'
import type { Db } from './db.ts'
import sql from './queries/sessions_ended.sql?raw'
import { defineQuery } from './query.ts'

const kinds = ['session', 'provider_session', 'person', 'logout_token'] as const
export type Ending = { kind: (typeof kinds)[number]; id: string; until: string }

const query = defineQuery(
  'sessions_ended',
  sql,
  z.object({ first_at: z.iso.datetime() }),
  z.object({ kind: z.enum(kinds), id: z.string(), until: z.string() }),
)

/** What ended sessions since a moment. */
export const sessionsEnded = (db: Db, first_at: string): Promise<Ending[]> => query(db, { first_at })

/** Ends sessions that began no later than `until`; once this returns it is on disk. */
export const endSessions = (db: Db, ending: Ending, at = new Date().toISOString()): Promise<unknown> =>
  db.insert({
    table: 'sessions_ended',
    values: [{ ...ending, at }],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })
