import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import { readNames } from './names.ts'
import annotationsSql from './queries/annotations.sql?raw'
import { defineQuery } from './query.ts'
import { wholeOf } from './within.ts'

/** Control signs have no place in one line of text. */
const line = (most: number) =>
  z
    .string()
    .trim()
    .max(most, { error: `must not be longer than ${most} characters` })
    .regex(/^\P{Cc}*$/u, { error: 'must be one line without control characters' })

const day = z.iso.date({ error: 'must be a day written like 2026-03-31' })

/** What is written down: `until` is the first day that no longer counts; without it, it is one moment. */
export const annotationInput = z
  .strictObject({
    /** Empty: all services. */
    service: line(200).default(''),
    /** Empty: all stages. */
    stage: line(200).default(''),
    day,
    until: day.nullable().default(null),
    text: line(280).min(1, { error: 'must say what was done' }),
    author: line(100).default(''),
  })
  .refine((one) => one.until === null || one.until > one.day, {
    path: ['until'],
    error: 'must be later than day: until is the first day that no longer counts',
  })
  .refine((one) => one.stage === '' || one.service !== '', {
    path: ['stage'],
    error: 'needs a service: a stage belongs to one',
  })
export type AnnotationInput = z.output<typeof annotationInput>

export const annotation = z.object({
  id: z.string(),
  service: z.string(),
  stage: z.string(),
  day: z.string(),
  until: z.string().nullable(),
  text: z.string(),
  author: z.string(),
  /** Written in clearway.config.json, where it is changed. */
  declared: z.boolean(),
  created_at: z.string(),
})
export type Annotation = z.output<typeof annotation>

const annotations = defineQuery(
  'annotations',
  annotationsSql,
  z.object({ service: z.array(z.string()), from: z.string(), until: z.string() }),
  annotation.extend({ declared: z.number() }),
)

/** The annotations of some services and those for all of them, by day. No service means every annotation. */
export async function listAnnotations(
  db: Db,
  { service = [], from = '', until = '' }: { service?: string[]; from?: string; until?: string } = {},
): Promise<Annotation[]> {
  const rows = await annotations(db, { service, from, until })
  return rows.map((row) => ({ ...row, declared: row.declared === 1 }))
}

const write = (db: Db, rows: (Annotation & { deleted: 0 | 1; version: number })[]) =>
  wholeOf(db).insert({
    table: 'annotations',
    values: rows.map((row) => ({ ...row, declared: Number(row.declared) })),
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
  })

/** Writes an annotation down. Throws UnknownIdError when there is no such service. */
export async function addAnnotation(db: Db, input: AnnotationInput): Promise<Annotation> {
  const { services } = await readNames(db)
  if (input.service !== '' && !services.some(({ id }) => id === input.service))
    throw new UnknownIdError(`There is no service "${input.service}". GET /api/v1/meta lists them.`)
  const made = {
    ...input,
    id: randomBytes(8).toString('hex'),
    declared: false,
    created_at: new Date().toISOString(),
  }
  await write(db, [{ ...made, deleted: 0, version: Date.now() }])
  return made
}

/** Somebody wants to delete what the configuration declares. */
export class DeclaredError extends Error {}

/** Takes an annotation away, its words too. Throws UnknownIdError, and DeclaredError for one of the configuration. */
export async function deleteAnnotation(db: Db, id: string): Promise<Annotation> {
  const found = (await listAnnotations(db)).find((one) => one.id === id)
  if (!found) throw new UnknownIdError(`There is no annotation "${id}". GET /api/v1/annotations lists them.`)
  if (found.declared)
    throw new DeclaredError(
      `The annotation "${found.text}" is declared in clearway.config.json: take it out there and start Clearway again.`,
    )
  await write(db, [gone(found)])
  return found
}

const gone = (one: Annotation) => ({
  ...one,
  text: '',
  author: '',
  deleted: 1 as const,
  version: Math.max(Date.now(), Date.parse(one.created_at) + 1),
})

/** Brings the declared annotations to what the configuration says; those people wrote stay. */
export async function declareAnnotations(db: Db, declared: readonly AnnotationInput[]): Promise<void> {
  const known = (await listAnnotations(db)).filter((one) => one.declared)
  const wanted = new Map(declared.map((one) => [idOf(one), one]))
  const created_at = new Date().toISOString()
  const version = Date.now()
  const rows = [
    ...known.filter(({ id }) => !wanted.has(id)).map(gone),
    ...[...wanted]
      .filter(([id]) => !known.some((one) => one.id === id))
      .map(([id, one]) => ({ ...one, id, declared: true, created_at, deleted: 0 as const, version })),
  ]
  if (rows.length > 0) await write(db, rows)
}

/** The same words are the same annotation. */
const idOf = ({ service, stage, day, until, text, author }: AnnotationInput): string =>
  createHash('sha256')
    .update(JSON.stringify([service, stage, day, until, text, author]))
    .digest('hex')
    .slice(0, 16)
