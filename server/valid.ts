import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { caseAlso, caseSorts, caseStates } from '../sql/caseChoices.ts'
import { caseDimensions } from '../sql/cases.ts'
import { fairnessKpis, references } from '../sql/fairnessChoices.ts'
import { dimensions, filters, grains } from '../sql/filters.ts'
import { themeIds } from '../sql/freeText/languages.ts'
import { kpiIds } from '../sql/kpis.ts'
import { loadKinds } from '../sql/loads.ts'
import type { AppEnv } from './context.ts'
import { problemResponse } from './errors.ts'

/** Refuses parameters the schema does not name, and says which ones there are. */
export const closed = <S extends z.ZodObject>(schema: S): S => {
  const names = Object.keys(schema.shape)
  const error: z.core.$ZodErrorMap = (issue) =>
    issue.code === 'unrecognized_keys'
      ? `is not a parameter here; there ${names.length > 0 ? `are ${names.join(', ')}` : 'are none'}`
      : undefined
  return schema.clone({ ...schema.def, catchall: z.never(), error })
}

/** The name of an activity, as long as a load takes it. */
const stageWord = z.string().max(1_000)
const format = z.enum(['json', 'csv'], { error: 'must be json or csv' }).optional()

/** Described as what it is in an address: a parameter that may stand there several times. */
const repeatable = (name: 'service' | 'department' | 'district' | 'channel' | 'team') =>
  // a copy, because the schema may be older than `openapi` is
  filters.shape[name]
    .clone()
    .openapi({ type: 'array', items: { type: 'string', maxLength: 200 }, maxItems: 100 })
const chosen = filters.safeExtend({
  service: repeatable('service'),
  department: repeatable('department'),
  district: repeatable('district'),
  channel: repeatable('channel'),
  team: repeatable('team'),
})
const described = chosen.safeExtend({ format })

/** The query of every route with figures. */
export const figuresQuery = closed(described)
/** The whole city is compared over a period that is said: who asks next month asks something else. */
export const cityQuery = closed(
  chosen.safeExtend({ from: filters.shape.from.unwrap(), until: filters.shape.until.unwrap() }),
)
export const seriesQuery = closed(
  described.safeExtend({
    grain: z.enum(grains, { error: `must be one of ${grains.join(', ')}` }).default('month'),
  }),
)
export const flowQuery = closed(
  described.safeExtend({
    grain: z.enum(grains, { error: `must be one of ${grains.join(', ')}` }).default('week'),
    /** Only this stage; all of them without it. */
    stage: stageWord.default(''),
  }),
)
export const changeQuery = closed(
  described.safeExtend({
    dimension: z.enum(dimensions, { error: `must be one of ${dimensions.join(', ')}` }).optional(),
  }),
)
export const fairnessQuery = closed(
  described.safeExtend({
    kpi: z.enum(fairnessKpis, { error: `must be one of ${fairnessKpis.join(', ')}` }).default('on_time_rate'),
    against: z
      .enum(references, { error: `must be one of ${references.join(', ')}` })
      .default('rest')
      .openapi({ description: 'Compared with all others, or with the best group that is large enough.' }),
  }),
)
export const stageQuery = closed(
  described.refine(({ service }) => service.length === 1, {
    path: ['service'],
    error: 'must be given once: a stage belongs to one service',
  }),
)
export const causesQuery = closed(
  described
    .safeExtend({
      /** Only this stage; all of the service without it. */
      stage: stageWord.default(''),
    })
    .refine(({ service }) => service.length === 1, {
      path: ['service'],
      error: 'must be given once: causes are told for one service',
    }),
)

const casesLimit = 'must be a whole number from 1 to 200'

/** What single cases are opened for, in the query of a link. */
const linkPurpose = z
  .string()
  .max(40)
  .optional()
  .openapi({ description: 'What for, where a link cannot send the header X-Purpose.' })

/** The query of the list of cases. */
export const casesQuery = closed(
  chosen.safeExtend({
    stage: stageWord
      .default('')
      .openapi({ description: 'Only cases that left this stage in the period, with their hours before it.' }),
    also: z
      .enum(caseAlso, { error: `must be ${caseAlso.join(', ')}` })
      .optional()
      .openapi({
        description:
          'waiting: also cases that stood at the stage at the end of the period, with their hours so far; needs stage. Who is not begun stands where most cases of the district went next.',
      }),
    from_stage: stageWord
      .default('')
      .openapi({ description: 'Only visits that came from this stage; needs stage.' }),
    dimension: z.enum(caseDimensions, { error: `must be one of ${caseDimensions.join(', ')}` }).optional(),
    value: stageWord
      .default('')
      .openapi({ description: 'The value of the dimension; empty stands for cases without one.' }),
    purpose: linkPurpose,
    state: z
      .enum(caseStates, { error: `must be one of ${caseStates.join(', ')}` })
      .default('all')
      .openapi({
        description:
          'As the case stood at the end of the period. `late`: past its extended due time, closed in the period or still open.',
      }),
    sort: z
      .enum(caseSorts, { error: `must be one of ${caseSorts.join(', ')}` })
      .default('wait')
      .openapi({
        description:
          'wait: longest before the stage first (without a stage as age); age: longest in all first; started: newest first.',
      }),
    cursor: z.string().max(2_000).optional(),
    limit: z.coerce
      .number({ error: casesLimit })
      .int({ error: casesLimit })
      .min(1, { error: casesLimit })
      .max(200, { error: casesLimit })
      .default(100)
      .openapi({ type: 'integer' }),
    format: z.enum(['json', 'csv', 'ndjson'], { error: 'must be json, csv or ndjson' }).optional(),
  }),
)

/** The query of comments. */
export const commentsQuery = closed(
  chosen.safeExtend({
    purpose: z
      .string({ error: 'must say what the comments are read for: it is written down' })
      .trim()
      .min(3, { error: 'must say what the comments are read for: it is written down' })
      .max(200, { error: 'must not be longer than 200 characters' })
      .openapi({
        description: 'What they are read for; written down with who reads.',
        example: 'Weekly review',
      }),
    theme: z
      .enum(themeIds, { error: `must be one of ${themeIds.join(', ')}` })
      .optional()
      .openapi({ description: 'Only comments about this.' }),
    cursor: z.string().max(200).optional(),
    limit: z.coerce
      .number({ error: casesLimit })
      .int({ error: casesLimit })
      .min(1, { error: casesLimit })
      .max(200, { error: casesLimit })
      .default(50)
      .openapi({ type: 'integer' }),
  }),
)

/** The query of the list of annotations. */
export const annotationsQuery = closed(
  z.object({
    service: repeatable('service'),
    from: filters.shape.from.clone().openapi({ description: 'First day.' }),
    until: filters.shape.until.clone().openapi({ description: 'First day that no longer counts.' }),
  }),
)

const wholeNumber = 'must be a whole number from 1 to 1000'
const limit = z.coerce
  .number({ error: wholeNumber })
  .int({ error: wholeNumber })
  .min(1, { error: wholeNumber })
  .max(1000, { error: wholeNumber })
  .default(100)
  .openapi({ type: 'integer' })

export const limitQuery = closed(z.object({ limit }))

const loadNumber = 'must be the number of a load: a whole number from 1'
/** The query of the ledger. */
export const loadsQuery = closed(
  z.object({
    limit,
    only: z
      .enum(loadKinds, { error: `must be one of ${loadKinds.join(', ')}` })
      .default('all')
      .openapi({ description: 'Loads with rejected rows, or those that failed or were cancelled.' }),
    before: z.coerce
      .number({ error: loadNumber })
      .int({ error: loadNumber })
      .min(1, { error: loadNumber })
      .max(4_294_967_295, { error: loadNumber })
      .optional()
      .openapi({
        type: 'integer',
        description: 'Only loads with a smaller number: `next` of the page before.',
      }),
  }),
)
export const rejectedQuery = closed(
  z.object({
    limit,
    format: z.enum(['json', 'csv', 'ndjson'], { error: 'must be json, csv or ndjson' }).optional(),
  }),
)
export const noQuery = closed(z.object({}))
/** The query of a file that may show single cases. */
export const fileQuery = closed(z.object({ purpose: linkPurpose }))

export const kpiId = z.enum(kpiIds, { error: `must be one of ${kpiIds.join(', ')}` })
export const dimension = z.enum(dimensions, { error: `must be one of ${dimensions.join(', ')}` })
export const loadId = z
  .string()
  .regex(/^[\w-]{1,64}$/, { error: 'must be a load id: letters, digits, - and _ only' })
export const stageName = stageWord.min(1)

type Checked = { success: true } | { success: false; target: string; error: z.ZodError }

/** A wrong id in the path is not found (404); a wrong parameter is named (422). */
function invalid(result: Checked, c: Context<AppEnv>) {
  if (result.success) return
  const errors = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: issue.message }))
      : [{ field: issue.path.join('.'), message: issue.message }],
  )
  const detail = `${errors.map(({ field, message }) => `"${field}" ${message}`).join('. ')}.`
  return result.target === 'param'
    ? problemResponse(c, 404, { kind: 'unknown-id', title: 'Unknown id', detail, errors })
    : problemResponse(c, 422, { kind: 'invalid-parameter', title: 'Invalid parameter', detail, errors })
}

/** A part of the API whose wrong input is answered with problem JSON. */
export const routes = () => new OpenAPIHono<AppEnv>({ defaultHook: invalid })
