import { type Field, type FieldType, type Stream, type StreamName, streams } from './streams.ts'

/** A field as the data dictionary tells it. Numbers of `seconds` are seconds. */
export type DictionaryField = {
  name: string
  type: FieldType['kind']
  required: boolean
  max_length: number | null
  min: number | null
  max: number | null
  values: string[] | null
  class: Field['class']
  meaning: string
  example: string
}

export type Dictionary = {
  stream: StreamName
  meaning: string
  /** A row with the same values here is a later version of the same row. */
  key: string[]
  time: string
  fields: DictionaryField[]
}

const entriesOf = (name: StreamName): [string, Field][] => Object.entries(streams[name].fields)
const limitsOf = (type: FieldType): { min?: number | undefined; max?: number | undefined } =>
  type.kind === 'integer' || type.kind === 'seconds' ? type : {}
const maxLengthOf = (type: FieldType) => (type.kind === 'text' ? type.maxLength : undefined)

/** The fields of a stream in words for people and programs. */
export function dictionary(name: StreamName): Dictionary {
  const stream: Stream = streams[name]
  const fields = entriesOf(name).map(([field, { type, required, class: fieldClass, meaning, example }]) => ({
    name: field,
    type: type.kind,
    required,
    max_length: maxLengthOf(type) ?? null,
    min: limitsOf(type).min ?? null,
    max: limitsOf(type).max ?? null,
    values: type.kind === 'code' ? [...type.values] : null,
    class: fieldClass,
    meaning,
    example,
  }))
  return { stream: name, meaning: stream.meaning, key: [...stream.key], time: stream.time, fields }
}

/** Only a key that every row fills is one for the standards: an event may come without an id. */
function filledKey(name: StreamName): { primaryKey?: string[] } {
  const { key, fields }: Stream = streams[name]
  return key.every((field) => fields[field]?.required) ? { primaryKey: [...key] } : {}
}

const tableSchemaTypes = {
  text: { type: 'string' },
  // times are read in several spellings of ISO 8601
  time: { type: 'datetime', format: 'any' },
  integer: { type: 'integer' },
  seconds: { type: 'number' },
  code: { type: 'string' },
  flag: { type: 'boolean', trueValues: ['true', '1', 'yes'], falseValues: ['false', '0', 'no'] },
} as const satisfies Record<FieldType['kind'], Record<string, unknown>>

/** The stream as a Frictionless tabular data package (specs.frictionlessdata.io, v1) around its template. */
export function dataPackage(name: StreamName) {
  const fields = entriesOf(name).map(([field, { type, required, class: fieldClass, meaning, example }]) => {
    const { min, max } = limitsOf(type)
    const maxLength = maxLengthOf(type)
    return {
      name: field,
      ...tableSchemaTypes[type.kind],
      description: meaning,
      example,
      class: fieldClass,
      constraints: {
        required,
        ...(maxLength === undefined ? {} : { maxLength }),
        ...(min === undefined ? {} : { minimum: min }),
        ...(max === undefined ? {} : { maximum: max }),
        ...(type.kind === 'code' ? { enum: [...type.values] } : {}),
      },
    }
  })
  const id = name.replace('_', '-')
  return {
    profile: 'tabular-data-package',
    name: `clearway-${id}`,
    description: streams[name].meaning,
    resources: [
      {
        profile: 'tabular-data-resource',
        name: id,
        path: 'template.csv',
        format: 'csv',
        mediatype: 'text/csv',
        encoding: 'utf-8',
        schema: { fields, missingValues: [''], ...filledKey(name) },
      },
    ],
  }
}

function csvwType(type: FieldType): Record<string, string | number> {
  const { min, max } = limitsOf(type)
  const range = {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  }
  switch (type.kind) {
    case 'text':
      return { base: 'string', ...(type.maxLength === undefined ? {} : { maxLength: type.maxLength }) }
    case 'time':
      return { base: 'dateTime' }
    case 'integer':
      return { base: 'integer', ...range }
    case 'seconds':
      return { base: 'number', ...range }
    case 'code':
      return { base: 'string', format: `^(${type.values.join('|')})$` }
    case 'flag':
      return { base: 'boolean', format: 'true|false' }
  }
}

/** The stream as CSV on the Web metadata (W3C tabular metadata) of its template. */
export function csvMetadata(name: StreamName) {
  const columns = entriesOf(name).map(([field, { type, required, meaning }]) => ({
    name: field,
    titles: field,
    'dc:description': meaning,
    datatype: csvwType(type),
    required,
    null: '',
  }))
  return {
    '@context': ['http://www.w3.org/ns/csvw', { '@language': 'en' }],
    url: 'template.csv',
    'dc:title': name,
    'dc:description': streams[name].meaning,
    dialect: { delimiter: ',', encoding: 'utf-8', header: true },
    tableSchema: { columns, ...filledKey(name) },
  }
}
