import { z } from 'zod'
import { audiences, reportFormats } from './reportIds.ts'

/** Schedules of reports, as they stand in `clearway.config.json` and in the store. */

/** Refuses what the shape does not name, and says what there is. */
const closed = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not known here; there are ${Object.keys(shape).join(', ')}`
        : undefined,
  })

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 07:30')

/** When a report is due, in the time zone of the schedule. */
export const when = z.discriminatedUnion('kind', [
  /** Five fields: minute, hour, day, month, weekday; also L, W and # as in MON#1. */
  z.strictObject({ kind: z.literal('cron'), cron: z.string().min(9).max(100) }),
  /** A working day of each month by the calendar: 2 is the second, -1 the last. */
  z.strictObject({
    kind: z.literal('working_day'),
    day: z
      .int()
      .min(-10)
      .max(20)
      .refine((day) => day !== 0, 'must not be 0: 1 is the first working day, -1 the last'),
    at: timeOfDay,
    calendar: z.string().default(''),
  }),
  /** As soon as all that the report needs of the last whole period is complete. */
  z.strictObject({ kind: z.literal('complete'), period: z.enum(['day', 'week', 'month', 'quarter']) }),
])
export type When = z.output<typeof when>

/** The period a report tells of, seen from the moment it is due. */
export const relativePeriods = [
  'yesterday',
  'last_7_days',
  'last_week',
  'last_month',
  'last_quarter',
  'last_year',
  'last_12_months',
  'month_so_far',
] as const

/** The ways to a recipient. */
export const ways = ['email', 'folder', 'webhook', 's3', 'sftp'] as const satisfies Destination['kind'][]

/** An address by the name of its variable, as `$WEBHOOK_URL_INTRANET`. */
export const namedAddress = /^\$WEBHOOK_URL_[A-Z0-9_]{1,60}$/

/** Where a report goes. Passwords and secrets are never here: they come from the environment. */
export const destination = z.discriminatedUnion('kind', [
  /** A folder below `reports/outgoing` of the data folder, or an absolute one. */
  z.strictObject({ kind: z.literal('folder'), path: z.string().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('email'), to: z.email().max(254) }),
  z.strictObject({
    kind: z.literal('s3'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
    prefix: z.string().max(500).default(''),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    /** An address that everybody may know, or `$WEBHOOK_URL_…`: the variable of the server's environment that holds it. */
    url: z.union([z.url({ protocol: /^https?$/ }).max(2000), z.string().regex(namedAddress)], {
      error: 'must be an address like https://intranet.city.example/reports, or $WEBHOOK_URL_ and a name',
    }),
  }),
  z.strictObject({
    kind: z.literal('sftp'),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535).default(22),
    user: z.string().min(1).max(100),
    path: z.string().max(1000).default(''),
    /** SHA-256 of the host's key as ssh-keygen -l prints it: another host gets nothing. */
    host_key: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be like SHA256:… as ssh-keygen -l prints it'),
  }),
])
export type Destination = z.output<typeof destination>

const ids = z.array(z.string().min(1).max(200)).max(100).default([])

/** What a recipient may see: nothing outside is ever told. Empty lists limit nothing. */
export const recipientScope = closed({ department: ids, service: ids, district: ids })
export type RecipientScope = z.output<typeof recipientScope>

export const recipient = closed({
  destination,
  /** `cases` may see single cases; `public` only gets what was released. */
  audience: z.enum(audiences).default('staff'),
  scope: recipientScope.prefault({}),
})
export type Recipient = z.output<typeof recipient>

export const schedule = closed({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower-case letters, digits and - only'),
  name: z.string().min(1).max(120),
  report: z.string().min(1).max(60),
  /** The filters of a page: a saved view as it is. */
  filters: closed({
    department: ids,
    service: ids,
    district: ids,
    channel: ids,
    team: ids,
    compare: z.enum(['previous', 'year', 'none']).default('previous'),
  }).prefault({}),
  period: z.enum(relativePeriods).default('last_month'),
  options: closed({
    table: z.string().max(100).optional(),
    stage: z.string().max(200).optional(),
    also: z.string().max(40).optional(),
    state: z.string().max(40).optional(),
    sort: z.string().max(40).optional(),
    kpi: z.string().max(60).optional(),
    against: z.string().max(40).optional(),
    raw: z.boolean().optional(),
  }).prefault({}),
  formats: z.array(z.enum(reportFormats)).min(1),
  when,
  /** The jurisdiction's when not given. */
  time_zone: z.string().max(60).default(''),
  recipients: z.array(recipient).min(1).max(200),
  /** What becomes of times at which no server ran: the last one is made up for, all are, or none. */
  missed: z.enum(['last', 'all', 'none']).default('last'),
  /** `hold`: not sent until it is well again; `mark`: sent, and says so. */
  stale: z.enum(['hold', 'mark']).default('hold'),
  incomplete: z.enum(['hold', 'mark']).default('hold'),
  unchanged: z.enum(['skip', 'send']).default('skip'),
  paused: z.boolean().default(false),
})
export type Schedule = z.output<typeof schedule>

/** What a run can be: waiting for its turn (or for data, and says so), being made, being handed over, or at an end. */
export const runStates = ['queued', 'rendering', 'delivering', 'done', 'skipped', 'failed'] as const
