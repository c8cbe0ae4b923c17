import { z } from '@hono/zod-openapi'
import { readLastBackup } from '../backup/lastBackup.ts'
import type { Known } from './known.ts'
import type { Group, Watch } from './watch.ts'

/** What we promise for ourselves. Times in milliseconds, shares from 0 to 1. */
export const promised = {
  /** Failed answers. */
  failed: 0.001,
  p95_ms: { figures: 1_000, dashboard: 250, public: 250, intake: 1_000, feedback: 500 } satisfies Record<
    Group,
    number
  >,
  /** Times the store answered when asked. */
  store: 0.995,
  /** Reports that arrived within the hour. */
  reports: 0.95,
  backup_hours: 26,
}

/** Of fewer answers one slow one, such as the first after a start, says nothing. */
const tooFew = 20

export const groupNames: Record<Group, string> = {
  figures: 'Figures',
  dashboard: 'Pages of the dashboard',
  public: 'Public pages',
  intake: 'Data that programs send',
  feedback: 'Feedback form',
}

const moment = z.string().openapi({ description: 'ISO 8601 in UTC' })
const met = z.boolean().nullable().openapi({
  description: 'Whether what we promise is kept; null where nothing, or too little, was asked to tell.',
})

export const statusAnswer = z
  .object({
    as_of: moment,
    /** From when on answers and the store were watched: the last start, or 24 hours ago. */
    since: moment,
    started_at: moment,
    /** `down`: the store does not answer, so there are no figures. `impaired`: something people notice is not as promised. */
    state: z.enum(['working', 'impaired', 'down']),
    store: z.object({
      answers: z.boolean(),
      asked: z.number(),
      answered: z.number(),
      promised: z.number(),
      met,
      outages: z.array(z.object({ from: moment, until: moment.nullable() })),
    }),
    answers: z.array(
      z.object({
        group: z.string(),
        n: z.number(),
        failed: z.number(),
        failed_promised: z.number(),
        /** 95 of 100 answers took no longer; exact to a quarter. */
        p95_ms: z.number().nullable(),
        p95_promised_ms: z.number(),
        met,
      }),
    ),
    /** What the store said last, and when; null when it was never asked with success. */
    data: z
      .object({
        known_at: moment,
        feeds: z.array(
          z.object({
            source: z.string(),
            stream: z.string(),
            loaded_at: moment.nullable(),
            lag_hours: z.number().nullable(),
            state: z.enum(['fresh', 'late', 'silent', 'unknown']),
            due_at: moment.nullable(),
          }),
        ),
      })
      .nullable(),
    /** Reports of schedules of the last 30 days. */
    reports: z
      .object({
        known_at: moment,
        due: z.number(),
        on_time: z.number(),
        waiting: z.number(),
        failed: z.number(),
        /** Could not be handed over so far, and are tried again. */
        undelivered: z.number(),
        promised: z.number(),
        met,
      })
      .nullable(),
    /** What the service needs: room on the disk, those who sign people in, tables as they were written. */
    parts: z.array(
      z.object({
        part: z.enum(['disk', 'sign_in', 'tables']),
        name: z.string(),
        well: z.boolean(),
        since: moment,
      }),
    ),
    backup: z.object({ made_at: moment.nullable(), promised_hours: z.number(), met }),
  })
  .openapi('Status')
export type Status = z.output<typeof statusAnswer>

/** Our own service standard, from what was noted here and what the store said last. Needs no store. */
export async function statusNow(
  { watch, known, dataDir }: { watch: Watch; known: Known | undefined; dataDir: string },
  now = new Date(),
): Promise<Status> {
  const seen = watch.seen()
  const iso = (at: number) => new Date(at).toISOString()
  const backup = await readLastBackup(dataDir)
  const { asked, answered, outages } = seen.store
  const answers = seen.answers.map(({ group, n, failed, p95_ms }) => ({
    ...{ group, n, failed, failed_promised: promised.failed },
    ...{ p95_ms, p95_promised_ms: promised.p95_ms[group] },
    met: failed / n > promised.failed ? false : n < tooFew ? null : (p95_ms ?? 0) <= promised.p95_ms[group],
  }))
  const feeds = (known?.feeds ?? []).map((feed) => ({
    ...feed,
    lag_hours: feed.loaded_at && tenth((now.getTime() - Date.parse(feed.loaded_at)) / 3_600_000),
  })) as NonNullable<Status['data']>['feeds']
  const reports = known && {
    ...{ known_at: iso(known.at), ...known.reports, promised: promised.reports },
    met: known.reports.due === 0 ? null : known.reports.on_time / known.reports.due >= promised.reports,
  }
  const isLate = feeds.some(({ state }) => state === 'late' || state === 'silent')
  const isImpaired =
    isLate ||
    answers.some((one) => one.met === false) ||
    reports?.met === false ||
    (reports?.undelivered ?? 0) > 0 ||
    seen.parts.some(({ well }) => !well)
  return {
    ...{ as_of: now.toISOString(), since: iso(seen.since), started_at: iso(watch.started) },
    state: seen.store.answers === false ? 'down' : isImpaired ? 'impaired' : 'working',
    store: {
      ...{ answers: seen.store.answers !== false, asked, answered, promised: promised.store },
      met: asked === 0 ? null : answered / asked >= promised.store,
      outages: outages.map(({ from, until }) => ({
        from: iso(from),
        until: until && iso(until),
      })) as Status['store']['outages'],
    },
    answers,
    data: known ? { known_at: iso(known.at), feeds } : null,
    reports: reports ?? null,
    parts: seen.parts.map((one) => ({ ...one, since: iso(one.since) })),
    backup: {
      ...{ made_at: backup?.made_at ?? null, promised_hours: promised.backup_hours },
      met:
        backup !== undefined &&
        now.getTime() - Date.parse(backup.made_at) <= promised.backup_hours * 3_600_000,
    },
  }
}

const tenth = (value: number) => Math.round(value * 10) / 10
