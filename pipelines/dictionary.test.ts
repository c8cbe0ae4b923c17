import { beforeAll, describe, expect, test } from 'vitest'
import { csvMetadata, dataPackage, dictionary } from './dictionary.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { rowSchema } from './rowSchema.ts'
import { type Field, streamNames, streams } from './streams.ts'
import { template } from './template.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const clearway = await loadMapping('clearway')
const now = new Date('2026-06-01T00:00:00Z')

beforeAll(() =>
  store.db.insert({
    table: 'services',
    values: [{ id: 'building-permits', name: 'Permits', department: '', closes: 'stop', version: 1 }],
    format: 'JSONEachRow',
  }),
)

describe.each(streamNames)('%s', (stream) => {
  const fields: Record<string, Field> = streams[stream].fields
  const names = Object.keys(fields)
  /** The example row as JSON, numbers and flags as such. */
  const example = Object.fromEntries(
    Object.entries(fields).map(([name, { type, example }]) => [
      name,
      ['integer', 'seconds', 'flag'].includes(type.kind) ? JSON.parse(example) : example,
    ]),
  ) as Record<string, unknown>

  test('the template is accepted as it is, and for this stream', async () => {
    const file = await store.file(`${stream}.csv`, template(stream))
    const result = await load(store.db, { file, mapping: clearway, stream, dryRun: true, now })
    expect(result).toMatchObject({ stream, read: 1, accepted: 1, rejected: 0 })
  })

  test('the descriptions tell every field with its rules, in the order of the template', () => {
    const told = dictionary(stream).fields
    expect(told.map(({ name }) => name)).toEqual(names)
    expect(template(stream).split('\r\n')[0]).toBe(names.join(','))
    const tableSchema = dataPackage(stream).resources[0]?.schema
    const columns = csvMetadata(stream).tableSchema.columns
    expect(tableSchema?.fields.map(({ name }) => name)).toEqual(names)
    expect(columns.map(({ name }) => name)).toEqual(names)
    for (const [index, { name, required, values, max_length, min, max }] of told.entries()) {
      const declared = fields[name]
      expect(required, name).toBe(declared?.required)
      const { constraints } = tableSchema?.fields[index] ?? {}
      const limits = {
        ...(max_length === null ? {} : { maxLength: max_length }),
        ...(min === null ? {} : { minimum: min }),
        ...(max === null ? {} : { maximum: max }),
      }
      const codes = values === null ? {} : { enum: values }
      expect(constraints, name).toEqual({ required, ...limits, ...codes })
      const format = values === null ? {} : { format: `^(${values.join('|')})$` }
      expect(columns[index]?.datatype, name).toMatchObject({ ...limits, ...format })
      expect(columns[index]?.required).toBe(required)
    }
  })

  test('the schema of a row and the engine judge rows alike', async () => {
    const { key, time } = streams[stream]
    const keys = Object.fromEntries(key.map((name) => [name, example[name]]))
    const rows: Record<string, unknown>[] = [
      example,
      { ...example, team: null, channel: '' },
      { ...example, [time]: undefined },
      { ...example, [time]: 'yesterday' },
      { ...example, team: 'x'.repeat(201) },
      { ...example, deleted: 'maybe' },
      { ...keys, service: 'building-permits', deleted: true },
      { service: 'building-permits', deleted: true },
      ...Object.entries(fields).flatMap(([name, { type }]): Record<string, unknown>[] => {
        if (type.kind === 'code') return [{ ...example, [name]: 'none of these' }]
        if (type.kind !== 'integer' && type.kind !== 'seconds') return []
        const ends = [type.min, type.max].filter((end) => end !== undefined)
        return [...ends, (type.min ?? 0) - 1, (type.max ?? 0) + 1, 'many'].flatMap((end) =>
          end === (type.max ?? 0) + 1 && type.max === undefined ? [] : [{ ...example, [name]: end }],
        )
      }),
    ]
    const schema = rowSchema(stream)
    const fits = rows.map((row) => schema.safeParse(row).success)
    const file = await store.file('rows.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'))
    const { load_id } = await load(store.db, { file, mapping: clearway, stream, maxRejectedShare: 1, now })
    const rejected = await store.rows<{ line: number }>(
      `SELECT DISTINCT line FROM rejected_rows WHERE load_id = '${load_id}'`,
    )
    const broken = new Set(rejected.map(({ line }) => line))
    for (const [index, row] of rows.entries())
      expect(!broken.has(index + 1), JSON.stringify(row)).toBe(fits[index])
    expect(fits.slice(0, 8)).toEqual([true, true, false, false, false, false, true, false])
  })
})
