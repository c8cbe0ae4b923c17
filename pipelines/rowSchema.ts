import { z } from 'zod'
import { type Field, type FieldType, type Stream, type StreamName, streams } from './streams.ts'

/** Rows that name no source or service get those of the request. */
const given = ['source', 'service']
const flags = ['true', 'false', '1', '0', 'yes', 'no'] as const

/**
 * One row of the push API as JSON: a whole row, or one that withdraws another by its key. It describes what a load accepts and
 * helps senders to check before they send; rows themselves are checked by the engine.
 */
export function rowSchema(name: StreamName) {
  const stream: Stream = streams[name]
  const fields = Object.entries(stream.fields)
  let whole: z.ZodType = z.object(
    Object.fromEntries(fields.map(([field, declared]) => [field, value(field, declared)])),
  )
  for (const { field, reason, holds } of stream.rules)
    whole = whole.refine((row) => holds(row as Record<string, unknown>), { path: [field], error: reason })
  const keyed = fields.map(([field, declared]) => {
    const inKey = stream.key.includes(field) && !given.includes(field)
    return [field, inKey ? required(declared) : optional(declared)] as const
  })
  const withdrawal = z.object({
    ...Object.fromEntries(keyed),
    deleted: z.union([z.literal(true), z.enum(['true', '1', 'yes'])]),
  })
  return z.union([whole, withdrawal])
}

const value = (name: string, field: Field) =>
  field.required && !given.includes(name) ? required(field) : optional(field)

const required = (field: Field) =>
  typed(field.type, 1).describe(field.meaning).meta({ example: field.example })

const optional = (field: Field) =>
  z
    .union([typed(field.type, 0), z.literal('')])
    .nullish()
    .describe(field.meaning)
    .meta({ example: field.example })

function typed(type: FieldType, minLength: number) {
  switch (type.kind) {
    case 'text':
      return z
        .string()
        .min(minLength)
        .max(type.maxLength ?? 20_000)
    case 'time':
      return z.iso.datetime({ offset: true, local: true })
    case 'integer':
    case 'seconds': {
      const number = type.kind === 'integer' ? z.int() : z.number()
      return number.min(type.min ?? Number.MIN_SAFE_INTEGER).max(type.max ?? Number.MAX_SAFE_INTEGER)
    }
    case 'code':
      return z.enum([...type.values])
    case 'flag':
      return z.union([z.boolean(), z.enum(flags)])
  }
}
