import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { LoadError } from './loadError.ts'
import { blds, bldsHistory } from './mappings/blds.ts'
import { boston311 } from './mappings/boston311.ts'
import { clearway } from './mappings/clearway.ts'
import { csvLog } from './mappings/csvLog.ts'
import { fft } from './mappings/fft.ts'
import { gtfsRealtime } from './mappings/gtfsRealtime.ts'
import { open311 } from './mappings/open311.ts'
import { xes } from './mappings/xes.ts'
import { streamNames, streams } from './streams.ts'

/** A column of the file, or several names it has had over the years: the first one that the file has is taken. */
const column = z.union([z.string(), z.array(z.string()).min(1)])

const event = z.strictObject({
  event_id: z.string().min(1),
  activity: z.string().min(1),
  lifecycle: z.string().default('complete'),
  /** The column with the moment; the row has this event when the column is not empty. */
  time: column,
  clock: z.enum(['', 'start', 'pause', 'resume', 'stop']).default(''),
  reason: column.optional(),
  outcome: column.optional(),
  /** A file without the column tells the other events only. */
  optional: z.boolean().default(false),
  /** A row without the moment takes back what an earlier version of the row told: a request opened again was not closed. */
  withdraw: z.boolean().default(false),
})

const service = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  department: z.string().default(''),
  closes: z.enum(['stop', 'last_event']).default('stop'),
})

const timeFormat = z
  .string()
  .refine((format) => ['iso', 'unix', 'unix_ms'].includes(format) || format.includes('%'), {
    error: 'is not a time format; write iso, unix, unix_ms or a pattern like %m/%d/%Y %H:%i:%s',
  })

/** How the columns of one kind of file become the fields of a stream. Everything here is data: no code. */
export const mappingSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]+$/, { error: 'may have only small letters, digits and hyphens' }),
    title: z.string().default(''),
    /** Empty: chosen by the request, or by the header. */
    stream: z.enum(streamNames).optional(),
    format: z.enum(['auto', 'csv', 'ndjson', 'parquet', 'json', 'xes', 'open311', 'gtfs-rt']).default('auto'),
    /** Empty: the one of comma, semicolon, tab and bar that the header has most of. */
    delimiter: z.string().length(1).optional(),
    encoding: z.enum(['utf-8', 'latin1', 'windows-1252']).default('utf-8'),
    /** The zone of times that carry no offset. */
    zone: z
      .string()
      .refine(isTimeZone, { error: 'is not a known time zone; write it like Europe/London' })
      .default('UTC'),
    /** Tried in this order; a time that fits none of them is rejected. */
    times: z.array(timeFormat).min(1).default(['iso']),
    columns: z.record(z.string(), column).default({}),
    constants: z.record(z.string(), z.string()).default({}),
    /** What a value of the file means; a value that is not in the table stays, or becomes `otherwise`. */
    values: z
      .record(
        z.string(),
        z.strictObject({ table: z.record(z.string(), z.string()), otherwise: z.string().optional() }),
      )
      .default({}),
    /** A file is a whole event log: where it never tells that an activity ended, the starts stand for the activities. */
    whole_log: z.boolean().default(false),
    /** Values that stand for "nothing": 'N/A', 'EMPTY', and days like 1900-01-01. */
    missing: z.array(z.string()).default([]),
    /** Fields whose blanks are part of the value as published. */
    untrimmed: z.array(z.string()).default([]),
    /** A wide row that tells several events of one case. */
    events: z.array(event).max(60).default([]),
    /** Pairs of event ids: a row whose second event lies before its first one is rejected. */
    order: z.array(z.tuple([z.string(), z.string()])).default([]),
    /** Columns that never leave the file, not even with a rejected row: names of people, addresses. */
    omit: z.array(z.string()).default([]),
    source: z.string().optional(),
    /** A service to register when it is not known yet; `file` makes one from the name of the file. */
    service: z.union([z.literal('file'), service]).optional(),
    /** Services that rows may name; those that do occur are registered when they are not known yet. */
    services: z.array(service).default([]),
  })
  .check((context) => {
    const mapping = context.value
    for (const id of mapping.order.flat())
      if (!mapping.events.some((event) => event.event_id === id))
        context.issues.push({
          code: 'custom',
          input: id,
          path: ['order'],
          message: `names "${id}", which is none of the events`,
        })
    if (!mapping.stream) return
    const fields = streams[mapping.stream].fields
    for (const part of ['columns', 'constants', 'values'] as const)
      for (const name of Object.keys(mapping[part]))
        if (!(name in fields))
          context.issues.push({
            code: 'custom',
            input: name,
            path: [part, name],
            message: `is not a field of ${mapping.stream}; its fields are ${Object.keys(fields).join(', ')}`,
          })
    if (mapping.events.length > 0 && mapping.stream !== 'case_events')
      context.issues.push({
        code: 'custom',
        input: mapping.events,
        path: ['events'],
        message: 'belong only to case_events',
      })
  })

export type Mapping = z.output<typeof mappingSchema>
export type MappingInput = z.input<typeof mappingSchema>

/** The mappings that come with Clearway, by name. */
export const shippedMappings: ReadonlyMap<string, Mapping> = new Map(
  [clearway, csvLog, xes, boston311, blds, bldsHistory, gtfsRealtime, open311, fft].map((input) => [
    input.name,
    mappingSchema.parse(input),
  ]),
)

/** A shipped mapping by name, or one from a .json file. Throws LoadError naming what is wrong with it. */
export async function loadMapping(nameOrFile: string): Promise<Mapping> {
  const shipped = shippedMappings.get(nameOrFile)
  if (shipped) return shipped
  const known = [...shippedMappings.keys()].join(', ')
  if (!nameOrFile.endsWith('.json'))
    throw new LoadError(
      `There is no mapping "${nameOrFile}". Known mappings: ${known}; or give a .json file.`,
    )
  let text: string
  try {
    text = await readFile(nameOrFile, 'utf8')
  } catch {
    throw new LoadError(
      `The mapping file ${path.basename(nameOrFile)} cannot be read. Known mappings: ${known}.`,
    )
  }
  return parseMapping(text, path.basename(nameOrFile))
}

/** Checks the text of a mapping file. Throws LoadError with the first thing that is wrong. */
export function parseMapping(text: string, name: string): Mapping {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new LoadError(`The mapping ${name} is not JSON: ${error instanceof Error ? error.message : ''}.`)
  }
  const parsed = mappingSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new LoadError(
    `The mapping ${name} is wrong at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`,
  )
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
