import { z } from 'zod'
import { type Entry, link, newChain, type Place, type Told } from './auditChain.ts'
import type { Db } from './db.ts'
import tipsSql from './queries/audit_tips.sql?raw'
import { defineQuery } from './query.ts'

/** What is written down when somebody does it. server/words/deeds.ts says each as a sentence. */
export const deeds = [
  'sign_in',
  'sign_in_refused',
  'sign_out',
  'session_end',
  'rights_change',
  'access_refused',
  'key_create',
  'key_revoke',
  'key_list',
  'key_use',
  'key_refused',
  'case_view',
  'cases_view',
  'cases_export',
  'comments_view',
  'rejected_view',
  'rejected_export',
  'export',
  'annotation_add',
  'annotation_remove',
  'release_build',
  'release_check',
  'release_approve',
  'release_schedule',
  'release_publish',
  'release_withdraw',
  'release_preview',
  'release_compare',
  'schedule_add',
  'schedule_change',
  'schedule_end',
  'schedule_pause',
  'schedule_resume',
  'report_run',
  'report_make',
  'report_download',
  'report_link',
  'rows_send',
  'rows_load',
  'load_cancel',
  'source_run',
  'config_change',
  'erase',
  'backup',
  'restore',
  'audit_export',
  'audit_empty',
  'audit_trim',
] as const
export type Deed = (typeof deeds)[number]

export type Actor = { kind: 'machine' | 'person' | 'key' | 'nobody'; id: string; name: string }

/** A deed to be written down. */
export type Done = {
  actor: Actor
  deed: Deed
  /** What it was done with: the id of a case, a load, a release, a key. */
  object?: string
  /** What for, in the words of who did it. */
  purpose?: string
  /** What else there is to know. Never personal data or secrets: this can not be taken away again. */
  detail?: Record<string, unknown>
  request_id?: string
  /** The network of who did it. */
  address?: string
}

export type Audit = {
  /** Writes a deed down. It is on disk when this resolves; when it rejects, what was to be shown may not be. */
  note(done: Done): Promise<void>
}

const tips = defineQuery('audit_tips', tipsSql, z.object({}), z.object({ mark: z.string() }))

/** The last entries that no chain began after, each as chain:no:hash. Who keeps them elsewhere can tell later that nothing was cut off. */
export const readHeads = async (db: Db): Promise<string[]> => (await tips(db, {})).map(({ mark }) => mark)

/** Entries of one insert. */
const most = 1_000

type Waiting = { told: Told; resolve: () => void; reject: (error: unknown) => void }

/**
 * Writes deeds down in a chain of this process's own. It begins with the first deed, and anew after an insert that failed: whether that one
 * arrived does not matter then, since the new chain begins after what is there. `gatherMs` lies between two inserts, so that a hundred deeds
 * a second are twenty of them; the first deed after a rest does not wait.
 */
export function openAudit(db: Db, { gatherMs = 50 }: { gatherMs?: number } = {}): Audit {
  let place: Place | undefined
  let waiting: Waiting[] = []
  let writing = false
  let last = Number.NEGATIVE_INFINITY

  async function write(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      const rest = last + gatherMs - performance.now()
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest))
      last = performance.now()
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      try {
        place = await append(db, place ?? newChain(await readHeads(db)), batch)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        place = undefined
        for (const { reject } of batch) reject(error)
      }
    }
    writing = false
  }

  return {
    note: ({ actor, deed, object = '', purpose = '', detail = {}, request_id = '', address = '' }) =>
      new Promise((resolve, reject) => {
        const told = {
          ...{ at: new Date().toISOString(), deed, object, purpose, detail: JSON.stringify(detail) },
          ...{ actor_kind: actor.kind, actor_id: actor.id, actor_name: actor.name },
          ...{ request_id, address },
        }
        waiting.push({ told, resolve, reject })
        if (!writing) void write()
      }),
  }
}

/** The batch is one part: all of it is there, or nothing. */
async function append(db: Db, place: Place, batch: readonly { told: Told }[]): Promise<Place> {
  const values: Entry[] = []
  let last = place
  for (const { told } of batch) {
    const entry = link(last, told)
    values.push(entry)
    last = entry
  }
  await db.insert({
    table: 'audit',
    values,
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })
  return last
}
