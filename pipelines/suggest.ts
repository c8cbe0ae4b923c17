import { open } from 'node:fs/promises'
import path from 'node:path'
import { readParquetFooter } from './decoders/parquet.ts'
import { packingOf, unpack } from './decoders/unpack.ts'
import { LoadError } from './loadError.ts'
import { type MappingInput, mappingSchema } from './mapping.ts'
import { likelyDelimiter, splitRecord } from './scan.ts'
import type { StreamName } from './streams.ts'

/** A draft of a mapping and what a person has to look at before using it. */
export type Suggestion = { mapping: MappingInput; notes: string[] }

type Column = { name: string; key: string; values: string[] }
type Sample = { columns: Column[] }

const sampleBytes = 1 << 20
const sampleRows = 2_000

/**
 * Drafts a mapping from the names and the first values of a file: names by what they are called elsewhere, times by their shape.
 * The draft passes the check of mappings; its notes say what could not be known. Throws LoadError when there is nothing to go by.
 */
export async function suggestMapping(file: string): Promise<Suggestion> {
  const sample = await readSample(file)
  const notes: string[] = []
  const stem = path.basename(file).replace(/(\.\w+)?(\.(gz|zst))?$/i, '')
  const id = slug(stem)
  const times = new Times(sample.columns)
  const people = sample.columns.filter(({ key }) => personal.test(key)).map(({ name }) => name)
  const free = sample.columns.filter(({ name }) => !people.includes(name))
  const finder = new Finder(free, times)

  const rating = finder.rating()
  const wait = rating ? undefined : finder.numbers('wait')
  const stream: StreamName = rating ? 'outcomes' : wait ? 'wait_times' : 'case_events'
  const common = finder.all(['department', 'district', 'channel', 'team'])
  const draft: MappingInput = { name: id, title: stem, stream }
  let columns: Record<string, string> = {}
  if (rating) {
    columns = { ...finder.must('outcome_id', notes), ...finder.first('respondent'), rating: rating.name }
    Object.assign(columns, finder.moment('at', notes))
    const outside = [...new Set(rating.values)].filter((value) => !/^[1-5]$/.test(value) && value !== '')
    draft.values = {
      rating: { table: Object.fromEntries([...'12345'].map((value) => [value, value])), otherwise: '' },
    }
    notes.push(
      `Ratings are read from "${rating.name}" with 5 as very satisfied. Turn the table in values.rating round if 1 is the best answer there.`,
    )
    if (outside.length > 0)
      notes.push(
        `The answers ${outside.sort().join(', ')} are taken as no rating; say in values.rating what they mean.`,
      )
  } else if (wait) {
    columns = { ...finder.must('wait_id', notes), wait: wait.name, ...finder.moment('asked_at', notes) }
    notes.push(
      `"${wait.name}" is taken as seconds. Clearway stores no other unit: convert minutes before loading.`,
    )
  } else {
    const activity = finder.take('activity')
    columns = {
      ...finder.must('case_id', notes),
      ...finder.all(['due_at', 'recorded_at', 'subtype', 'claimed']),
    }
    if (activity)
      Object.assign(
        columns,
        { activity: activity.name },
        finder.all(['lifecycle', 'event_id']),
        finder.moment('time', notes),
      )
    else Object.assign(draft, wideEvents(finder, times, notes))
  }
  Object.assign(columns, common)

  const used = new Set([...Object.values(columns), ...(draft.events ?? []).map(({ time }) => String(time))])
  draft.times = times.formats(used)
  if (times.needZone(used)) {
    draft.zone = 'UTC'
    notes.push(
      'The times carry no offset: set "zone" to the time zone they were written in, like Europe/London.',
    )
  }
  if (times.isAmbiguous(used))
    notes.push('No day above the 12th was seen: check whether the day or the month comes first in "times".')
  const nothing = missingValues(sample.columns.filter(({ name }) => used.has(name)))
  if (nothing.length > 0) {
    draft.missing = nothing
    notes.push(`These values are taken as missing: ${nothing.join(', ')}.`)
  }
  if (people.length > 0) {
    draft.omit = people
    notes.push(`These columns may tell who somebody is and are never taken: ${people.join(', ')}.`)
  }
  draft.columns = columns
  draft.constants = { service: id }
  draft.source = id
  draft.service = {
    id,
    name: sentence(stem),
    closes: draft.events?.some(({ clock }) => clock === 'stop') ? 'stop' : 'last_event',
  }
  notes.push(
    `The rows go to a new service "${id}". Name it, and the department that answers for it, as people know them.`,
  )
  mappingSchema.parse(draft)
  return { mapping: draft, notes }
}

/** Names that fields have elsewhere, most telling first; compared without case, blanks and signs. */
const synonyms = {
  case_id:
    'caseid caseenquiryid casenumber permitnum permitnumber permitid servicerequestid servicerequestnumber requestid srnumber caseconceptname ticketid applicationid applicationnumber referencenumber reference objectid id',
  event_id: 'eventid conceptinstance identityid',
  activity: 'activity conceptname event eventname step statusprevious',
  lifecycle: 'lifecycle lifecycletransition transition',
  time: 'time timetimestamp timestamp eventtime datetime date',
  due_at:
    'dueat due duedate target targetdt targetdate slatargetdt sladate expecteddatetime expecteddate deadline',
  recorded_at: 'recordedat updatedat updated updateddatetime updateddate lastupdated lastmodified modified',
  claimed: 'ontime withinsla slastatus',
  subtype:
    'subtype type requesttype casetype permittype servicename category complainttype casetitle permitclassmapped subject',
  outcome: 'outcome casestatus resolution disposition decision status statuscurrent closurereason',
  department:
    'department agency agencyresponsible dept responsibleunit directorate trust organisation organization',
  district: 'district neighborhood neighbourhood borough communityname community ward area councildistrict',
  channel: 'channel source origin methodreceived contactmethod intake opendatachanneltype',
  team: 'team queue orggroup assignedteam unit servicetype2 servicetype1 route routeid counter',
  outcome_id: 'outcomeid respondentid responseid answerid surveyid feedbackid commentid id',
  respondent: 'respondent respondentid personid',
  rating: 'rating score satisfaction satisfactionscore csat stars fftcategoricalanswer fftanswer answer',
  at: 'at answeredat respondedat submittedat responsedate date timestamp created',
  wait_id: 'waitid ticketid ticketnumber visitid callid queueid id',
  asked_at: 'askedat arrivedat arrivaltime tickettime queuedat starttime calltime timestamp time date',
  wait: 'wait waitseconds waittime waitingtime waits delay delayseconds',
} satisfies Record<string, string>
type FieldName = keyof typeof synonyms

/** Parts of column names that tell about people, or hold their own words. */
const personal =
  /applicant|contractor|ownername|firstname|lastname|surname|fullname|username|nameof|email|phone|mobile|address|street|zip|postcode|postal|latitude|longitude|^lat$|^l(on|ng|ong)$|point$|location|geojson|wkt|birth|comment$|comments$|description|notes$|photo|mediaurl|ssn|taxid|resource$/

const key = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Hands out columns to fields; each column is given once. */
class Finder {
  readonly #taken = new Set<string>()

  constructor(
    readonly columns: readonly Column[],
    readonly times: Times,
  ) {}

  take(field: FieldName, fits: (column: Column) => boolean = () => true): Column | undefined {
    for (const name of synonyms[field].split(' ')) {
      const found = this.columns.find(
        (column) => column.key === name && !this.#taken.has(column.name) && fits(column),
      )
      if (!found) continue
      this.#taken.add(found.name)
      return found
    }
    return undefined
  }

  /** Like take, but the column may serve another field as well. */
  first(field: FieldName): Record<string, string> {
    const names = synonyms[field].split(' ')
    const found = this.columns.find((column) => names.includes(column.key))
    return found ? { [field]: found.name } : {}
  }

  all(fields: readonly FieldName[]): Record<string, string> {
    const found: Record<string, string> = {}
    for (const field of fields) {
      const isTime = field === 'due_at' || field === 'recorded_at'
      const column = this.take(field, ({ name }) => this.times.has(name) === isTime)
      if (column) found[field] = column.name
    }
    return found
  }

  /** The id of a row: by name, else the first column whose values are all different. */
  must(field: FieldName, notes: string[]): Record<string, string> {
    const hasValues = ({ values }: Column) => values.length === 0 || values.some((value) => value !== '')
    const byName = this.take(field, hasValues)
    if (byName) return { [field]: byName.name }
    const distinct = this.columns.find(
      ({ name, values }) =>
        !this.times.has(name) &&
        !this.#taken.has(name) &&
        values.length > 1 &&
        !values.includes('') &&
        new Set(values).size === values.length,
    )
    if (!distinct) throw new LoadError(`No column looks like the ${field}. Write a mapping by hand.`)
    this.#taken.add(distinct.name)
    notes.push(`"${distinct.name}" is taken as the ${field}, since its values are all different. Check it.`)
    return { [field]: distinct.name }
  }

  moment(field: 'time' | 'at' | 'asked_at', notes: string[]): Record<string, string> {
    const found = this.take(field, ({ name }) => this.times.has(name)) ?? this.dates()[0]
    if (!found) throw new LoadError('No column holds times in a known format. Write a mapping by hand.')
    if (!synonyms[field].split(' ').includes(found.key))
      notes.push(`"${found.name}" is taken as the time. Check it.`)
    this.#taken.add(found.name)
    return { [field]: found.name }
  }

  /** Columns of times that no field has. */
  dates(): Column[] {
    return this.columns.filter(({ name }) => this.times.has(name) && !this.#taken.has(name))
  }

  numbers(field: FieldName): Column | undefined {
    return this.take(field, ({ values }) =>
      values.every((value) => value === '' || !Number.isNaN(Number(value))),
    )
  }

  rating(): Column | undefined {
    return this.take('rating', ({ values }) => values.every((value) => /^(\d|10|)$/.test(value)))
  }
}

/** Words by which a date of a wide row is known. */
const starts =
  /^(open|opened|created?|creation|requested|applied|application|received|submitted|reported|lodged|start)/
const stops = /^(closed?|completed?|completion|resolved|finaled|finished|ended)/

function wideEvents(finder: Finder, times: Times, notes: string[]): Pick<MappingInput, 'events' | 'values'> {
  const dates = finder.dates()
  if (dates.length === 0)
    throw new LoadError(
      'No column holds times in a known format, so no event can be told. Write a mapping by hand.',
    )
  const outcome = finder.take('outcome', ({ name }) => !times.has(name))
  const start = dates.find(({ key }) => starts.test(key)) ?? dates[0]
  const stop = dates.find((column) => column !== start && stops.test(column.key))
  const events = dates.map((column) => {
    const words = column.key.replace(/(datetime|date|dt|time|at|on)$/, '') || column.key
    return {
      event_id: slug(words),
      activity: sentence(words),
      time: column.name,
      ...(column === start ? { clock: 'start' as const } : {}),
      ...(column === stop ? { clock: 'stop' as const, ...(outcome ? { outcome: outcome.name } : {}) } : {}),
    }
  })
  notes.push(
    `The clock runs from "${start?.name}" to ${stop ? `"${stop.name}"` : 'nothing that was recognised: give one event "clock": "stop"'}.`,
  )
  return { events }
}

const shapes: readonly { format: string; shape: RegExp; dayFirst?: boolean; hasZone?: boolean }[] = [
  {
    format: 'iso',
    shape: /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?(\d{2})?)$/,
    hasZone: true,
  },
  { format: 'iso', shape: /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/ },
  ...['', ' %H:%i', ' %H:%i:%s', ' %h:%i:%s %p'].flatMap((clock) => {
    const rest = clock
      .replace('%H', '\\d{2}')
      .replace('%h', '\\d{2}')
      .replace('%i', '\\d{2}')
      .replace('%s', '\\d{2}')
      .replace('%p', '[AP]M')
    return [
      {
        format: `%d/%m/%Y${clock}`,
        shape: new RegExp(`^(0[1-9]|[12]\\d|3[01])/(0[1-9]|1[0-2])/\\d{4}${rest}$`),
        dayFirst: true,
      },
      {
        format: `%m/%d/%Y${clock}`,
        shape: new RegExp(`^(0[1-9]|1[0-2])/(0[1-9]|[12]\\d|3[01])/\\d{4}${rest}$`),
        dayFirst: false,
      },
      {
        format: `%d.%m.%Y${clock}`,
        shape: new RegExp(`^(0[1-9]|[12]\\d|3[01])\\.(0[1-9]|1[0-2])\\.\\d{4}${rest}$`),
      },
    ]
  }),
  { format: 'unix', shape: /^1\d{9}$/, hasZone: true },
  { format: 'unix_ms', shape: /^1\d{12}$/, hasZone: true },
]

/** Which columns hold times, and how these are written. */
class Times {
  readonly #found = new Map<string, (typeof shapes)[number][]>()
  readonly #ambiguous = new Set<string>()

  constructor(columns: readonly Column[]) {
    for (const { name, key, values } of columns) {
      const told = values.filter((value) => value !== '')
      const count = (shape: RegExp) => told.filter((value) => shape.test(value)).length
      const best = shapes
        .map((shape) => ({ shape, fits: count(shape.shape) }))
        .filter(
          ({ shape, fits }) =>
            fits > 0 && (!shape.format.startsWith('unix') || /time|date|stamp|at$/.test(key)),
        )
        .sort((a, b) => b.fits - a.fits)
      const first = best[0]
      if (!first || first.fits < told.length * 0.9) continue
      this.#found.set(name, [first.shape])
      const rival = best.find(({ shape }) => shape.dayFirst === !first.shape.dayFirst)
      if (first.shape.dayFirst !== undefined && rival?.fits === first.fits) this.#ambiguous.add(name)
    }
  }

  has(name: string): boolean {
    return this.#found.has(name)
  }

  formats(used: ReadonlySet<string>): string[] {
    const formats = [...this.#found].flatMap(([name, found]) =>
      used.has(name) ? found.map(({ format }) => format) : [],
    )
    return formats.length > 0 ? [...new Set(formats)] : ['iso']
  }

  needZone(used: ReadonlySet<string>): boolean {
    return [...this.#found].some(([name, found]) => used.has(name) && found.some(({ hasZone }) => !hasZone))
  }

  isAmbiguous(used: ReadonlySet<string>): boolean {
    return [...this.#ambiguous].some((name) => used.has(name))
  }
}

function missingValues(columns: readonly Column[]): string[] {
  const known = /^(n\/?a|null|none|empty|unknown|-|\.|1900-01-01.*)$/i
  const found = columns.flatMap(({ values }) => values.filter((value) => known.test(value)))
  return [...new Set(found.map((value) => (value.startsWith('1900-01-01') ? '1900-01-01' : value)))].sort()
}

const slug = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'file'

function sentence(words: string): string {
  const spaced = words.replace(/[-_]+/g, ' ')
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** The names and first values of a file that the engine can read. */
async function readSample(file: string): Promise<Sample> {
  const { bytes, isWhole } = await firstBytes(file)
  const name = path.basename(file)
  if (bytes.length === 0) throw new LoadError(`The file ${name} is empty.`)
  if (bytes.toString('latin1', 0, 4) === 'PAR1') {
    const { columns } = await readParquetFooter(file)
    return { columns: columns.map((column) => ({ name: column, key: key(column), values: [] })) }
  }
  const text = new TextDecoder('utf-8').decode(bytes)
  if (text.startsWith('<'))
    throw new LoadError(
      `${name} is XML. Event logs load with --mapping xes, Open311 requests with --mapping open311.`,
    )
  const rows = /^[{[]/.test(text.trimStart()) ? jsonRows(text, name) : csvRows(text, bytes, isWhole)
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  if (rows.length === 0 || names.length < 2)
    throw new LoadError(`The file ${name} has no rows with columns to go by.`)
  return {
    columns: names.map((column) => ({
      ...{ name: column, key: key(column) },
      values: rows.map((row) => (row.get(column) ?? '').trim()),
    })),
  }
}

async function firstBytes(file: string): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const handle = await open(file).catch(() => {
    throw new LoadError(`The file ${file} does not exist or may not be read.`)
  })
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sampleBytes), 0, sampleBytes, 0)
    const bytes = buffer.subarray(0, bytesRead)
    const packing = packingOf(bytes)
    if (!packing) return { bytes, isWhole: bytesRead < sampleBytes }
    const blocks: Buffer[] = []
    let size = 0
    for await (const block of unpack(packing, file, path.basename(file), () => {})) {
      blocks.push(block)
      size += block.length
      if (size >= sampleBytes) return { bytes: Buffer.concat(blocks), isWhole: false }
    }
    return { bytes: Buffer.concat(blocks), isWhole: true }
  } finally {
    await handle.close()
  }
}

function csvRows(text: string, bytes: Buffer, isWhole: boolean): Map<string, string>[] {
  const delimiter = String.fromCharCode(likelyDelimiter(bytes))
  const records: string[] = []
  let record = ''
  for (const line of text.split(/\r?\n/)) {
    record += record === '' ? line : `\n${line}`
    // an odd number of quotes: the line end belongs to a cell
    if ((record.split('"').length - 1) % 2 === 1) continue
    if (record !== '') records.push(record)
    record = ''
    if (records.length > sampleRows) break
  }
  if (!isWhole && records.length > 1) records.pop()
  const [header = '', ...rest] = records
  const names = splitRecord(header.replace(/^\uFEFF/, ''), delimiter)
  return rest.map((row) => {
    const cells = splitRecord(row, delimiter)
    return new Map(names.flatMap((name, at) => (name === '' ? [] : [[name, cells[at] ?? '']])))
  })
}

function jsonRows(text: string, name: string): Map<string, string>[] {
  const parse = (json: string): unknown[] => {
    try {
      return [JSON.parse(json)].flat()
    } catch {
      return []
    }
  }
  const found = text.trimStart().startsWith('[')
    ? parse(text)
    : text.split('\n').slice(0, sampleRows).flatMap(parse)
  if (found.length === 0)
    throw new LoadError(
      `The file ${name} is not JSON that can be sampled. Give a part of it with one object a line.`,
    )
  return found
    .slice(0, sampleRows)
    .flatMap((row) =>
      row !== null && typeof row === 'object'
        ? [
            new Map(
              Object.entries(row).map(([column, value]) => [column, value === null ? '' : String(value)]),
            ),
          ]
        : [],
    )
}
