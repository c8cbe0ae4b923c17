import { z } from '@hono/zod-openapi'
import { audiences, reportFormats } from '../../sql/reportIds.ts'
import { runStates, schedule as scheduleSchema, ways } from '../../sql/reportSchedules.ts'
import { orNull } from './shared.ts'

const moment = z.string().openapi({ format: 'date-time' })
const period = z.object({ from: z.string(), until: z.string() })

const run = z
  .object({
    key: z.string().openapi({ description: 'One for each report, period, recipient and format.' }),
    number: z.number().openapi({ description: 'Rises with every step of any run.' }),
    schedule: z.string(),
    name: z.string(),
    report: z.string(),
    by_hand: z.boolean(),
    occurrence: moment.openapi({ description: 'When it was due.' }),
    period,
    recipient: z.string(),
    format: z.string(),
    state: z.enum(runStates),
    at: moment.openapi({ description: 'Since when it is in this state.' }),
    attempt: z.number(),
    not_before: moment.nullable().openapi({ description: 'When it is tried again.' }),
    reason: z.string().openapi({ description: 'Why it was not sent, or not yet.' }),
    marks: z
      .array(z.string())
      .openapi({ description: 'What was wrong with the data, where it was sent with the mark.' }),
    sha256: z.string().nullable(),
    figures_sha256: z.string().nullable(),
    proof: z.string().openapi({ description: 'What the receiver answered.' }),
    as_of: moment.nullable(),
    data_version: z.string(),
    download: z.string().nullable(),
  })
  .openapi('ReportRun')

export const keptSchedule = z
  .object({
    ...scheduleSchema.shape,
    origin: z
      .enum(['file', 'page'])
      .openapi({ description: 'file: declared in clearway.config.json, where it is changed.' }),
    since: moment,
    at: moment,
    by: z.string(),
    next: z.array(moment).openapi({
      description: 'When it is due next; where it waits for complete data, no earlier than then.',
    }),
    last: orNull(run),
    not_sent: z.string().openapi({ description: 'Why the last one was not sent, or not yet.' }),
  })
  .openapi('ReportSchedule')

export const reportsAnswer = z
  .object({
    reports: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        means: z.string(),
        audience: z.enum(audiences),
        formats: z.array(z.enum(reportFormats)),
        needs: z.array(z.enum(['service', 'department'])),
      }),
    ),
    delivery: z
      .array(
        z.object({
          way: z.enum(ways),
          open: z.boolean(),
          mend: z.string().openapi({ description: 'What to set on the server where the way is closed.' }),
          names: z
            .array(z.string())
            .openapi({ description: 'Addresses that the environment of the server holds, by their names.' }),
        }),
      )
      .openapi({ description: 'The ways reports can leave by.' }),
    schedules: z.array(keptSchedule),
  })
  .openapi('Reports')

export const runsAnswer = z
  .object({
    runs: z.array(run),
    next: z.number().nullable().openapi({ description: '`before` of the next page; null on the last one.' }),
  })
  .openapi('ReportRuns')

export const runAnswer = run
  .extend({
    log: z.array(z.object({ state: z.enum(runStates), at: moment, attempt: z.number(), reason: z.string() })),
  })
  .openapi('ReportRunWithLog')

export const begunAnswer = z.object({ runs: z.array(run) }).openapi('ReportRunsBegun')

export const verifyAnswer = z
  .object({
    found: z.array(
      z.object({
        report: z.string(),
        title: z.string(),
        format: z.string(),
        period,
        as_of: moment.nullable(),
        data_version: z.string(),
        made_at: moment,
        sha256: z.string(),
        figures_sha256: z.string(),
        delivered: z.number().openapi({ description: 'How often it was delivered.' }),
        recipients: z.number().openapi({ description: 'How many were given it.' }),
      }),
    ),
  })
  .openapi('ReportVerified')
