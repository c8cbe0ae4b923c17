import type { CheckedFile } from './check.ts'
import { LoadError } from './loadError.ts'
import type { Mapping } from './mapping.ts'
import { type Stream, type StreamName, streamNames, streams } from './streams.ts'

/** Where a field's text comes from: columns of the file (1-based) in order of preference, or a constant. */
export type Origin = { columns: number[]; names: string[] } | { constant: string }

/** A mapping laid over the columns that one file really has. */
export type Columns = {
  stream: StreamName
  /** The columns that are read, in order; `c1`, `c2` in SQL. */
  names: string[]
  origins: Map<string, Origin>
  events: { time: Origin; reason: Origin; outcome: Origin }[]
}

/** Fields that may be missing from the file although every row needs them: the load gives them a value. */
const given = ['source', 'service']
const nothing: Origin = { constant: '' }

/** Finds the mapped columns in the file. Throws LoadError naming what is missing and what is there. */
export function resolveColumns(
  file: Pick<CheckedFile, 'columns' | 'format'>,
  mapping: Mapping,
  wanted?: StreamName,
): Columns {
  const stream = wanted ?? mapping.stream ?? guessStream(file.columns, mapping)
  const declared: Stream = streams[stream]
  if (mapping.stream && mapping.stream !== stream)
    throw new LoadError(`The mapping ${mapping.name} is for ${mapping.stream}, not for ${stream}.`)
  const ownNames = Object.keys(mapping.columns).length === 0 && mapping.events.length === 0
  const wantedColumns: Record<string, string | string[]> = ownNames
    ? Object.fromEntries(Object.keys(declared.fields).map((name) => [name, name]))
    : mapping.columns
  // a text file is read by position, so all its columns are named; other formats are read by name
  const names = file.format === 'csv' ? file.columns : []
  const place = (name: string): number => {
    const at = names.indexOf(name)
    return at < 0 ? names.push(name) : at + 1
  }
  const find = (alternatives: string | string[]): Origin | undefined => {
    const wanted = [alternatives].flat()
    const first = wanted.find((name) => realName(file.columns, name) !== undefined)
    if (first === undefined) return undefined
    const real = realName(file.columns, first) ?? first
    // in CSV the first name that the header has is meant; in JSON each row may use another one
    if (file.format !== 'ndjson') return { columns: [place(real)], names: [real] }
    return { columns: wanted.map((name) => place(realName(file.columns, name) ?? name)), names: [real] }
  }
  /** A field of JSON that the first lines do not have may still come: it is read where it does. */
  const later = (alternatives: string | string[]): Origin | undefined => {
    const used = [alternatives].flat()
    return file.format === 'ndjson' ? { columns: used.map(place), names: used } : undefined
  }
  const findOrLater = (alternatives: string | string[] | undefined): Origin | undefined =>
    alternatives === undefined ? undefined : (find(alternatives) ?? later(alternatives))
  const required = (alternatives: string | string[], field: string): Origin =>
    find(alternatives) ?? fail(file.columns, alternatives, field)

  const withdraws = wantedColumns.deleted !== undefined && find(wantedColumns.deleted) !== undefined
  const origins = new Map<string, Origin>()
  const fromEvents = mapping.events.length > 0 ? ['event_id', 'activity', 'time'] : []
  for (const [name, field] of Object.entries(declared.fields)) {
    const constant = mapping.constants[name]
    const column = wantedColumns[name]
    // rows that withdraw others may say no more than their key; each row is checked for itself
    const ofWithdrawal = withdraws && !declared.key.includes(name)
    const mustBe = field.required && !given.includes(name) && !fromEvents.includes(name) && !ofWithdrawal
    const found = column === undefined ? undefined : find(column)
    if (found) origins.set(name, found)
    else if (constant !== undefined) origins.set(name, { constant })
    else if (mustBe) fail(file.columns, column ?? name, name)
    else if (column !== undefined && name !== 'seq') {
      const unseen = later(column)
      if (unseen) origins.set(name, unseen)
    }
  }
  // in JSON a moment that has not come is often left out
  const isTold = file.format === 'ndjson' && mapping.events.some(({ time }) => find(time) !== undefined)
  const events = mapping.events.map((event) => ({
    time:
      (event.optional || isTold ? findOrLater(event.time) : undefined) ??
      (event.optional ? nothing : required(event.time, `time of ${event.activity}`)),
    reason: findOrLater(event.reason) ?? nothing,
    outcome: findOrLater(event.outcome) ?? nothing,
  }))
  return { stream, names, origins, events }
}

function realName(columns: readonly string[], name: string): string | undefined {
  const exact = columns.filter((column) => column === name)
  const alike =
    exact.length > 0 ? exact : columns.filter((column) => column.toLowerCase() === name.toLowerCase())
  if (alike.length > 1)
    throw new LoadError(
      `The header has the column "${name}" ${alike.length} times. Rename or remove all but one.`,
    )
  return alike[0]
}

function fail(columns: readonly string[], alternatives: string | string[], field: string): never {
  const wanted = [alternatives].flat()
  throw new LoadError(
    `The column "${wanted[0]}" is missing (needed for ${field}${wanted.length > 1 ? `; also known as ${wanted.slice(1).join(', ')}` : ''}). The file has: ${shown(columns)}.`,
  )
}

/** Some of the names, on one line and none of them without end. */
function shown(columns: readonly string[]): string {
  const names = columns.slice(0, 40).map((name) => {
    const line = name.replace(/\s+/g, ' ')
    return line === '' ? '(no name)' : line.length > 60 ? `${line.slice(0, 60)}…` : line
  })
  return `${names.join(', ')}${columns.length > 40 ? ', …' : ''}`
}

/** The stream whose required fields are all in the header. */
function guessStream(columns: readonly string[], mapping: Mapping): StreamName {
  const fits = streamNames.filter((name) =>
    Object.entries(streams[name].fields).every(
      ([field, { required }]) =>
        !required || given.includes(field) || field in mapping.constants || columns.includes(field),
    ),
  )
  if (fits.length === 1 && fits[0]) return fits[0]
  const needs = streamNames.map((name) => {
    const fields = Object.entries(streams[name].fields).filter(
      ([field, { required }]) => required && !given.includes(field),
    )
    return `${name} needs ${fields.map(([field]) => field).join(', ')}`
  })
  throw new LoadError(
    `The header fits none of the streams: ${needs.join('; ')}. The file has: ${shown(columns)}. Choose a mapping, or rename the columns.`,
  )
}
