import type { Db } from '../sql/db.ts'
import { subjectHashSql } from '../sql/privacy/subjects.ts'
import { tableLike } from '../sql/tableLike.ts'
import type { CheckedFile } from './check.ts'
import type { Columns, Origin } from './columns.ts'
import { factTables } from './facts.ts'
import type { Mapping } from './mapping.ts'
import { caseNameSql, type Naming } from './privacy/pseudonyms.ts'
import { scrubbed } from './scrub.ts'
import { literal, literals } from './sqlText.ts'
import { drivers, type Field, type Stream, type StreamName, streams } from './streams.ts'
import { parseTime, timeExample } from './times.ts'

/** A rule that a row can break; its place in the list is its bit in the column `broken`. */
export type Rule = { field: string; rule: string; reason: string; broken: string }

export type Plan = {
  rules: Rule[]
  /** Statements that make the tables of one load, in order. */
  create: string[]
  /** The insert for one chunk, which the chunk's bytes follow. */
  insert: (firstLine: number) => string
  /** Whether `seq` is content of the row or only its place in the file. */
  ownSeq: boolean
}

export type PlanOptions = {
  /** The engine's version. */
  version: string
  loadId: string
  loadNo: number
  mapping: Mapping
  zone: string
  /** Used where a row names none. */
  source: string
  service: string
  services: readonly string[]
  /** Hex key with which ids of respondents are hashed. */
  respondentKey: string
  /** Hex key with which those who were erased are told; undefined while there are none. */
  erasureKey?: string | undefined
  /** How cases are named of sources whose ids are not stored; undefined: by their ids. */
  naming?: Naming | undefined
  now: Date
}

/** Names of the tables that exist while a load runs. */
export const loadTables = (loadId: string) => ({
  raw: `raw_${loadId}`,
  landing: `landing_${loadId}`,
  stage: `stage_${loadId}`,
  rejects: `rejects_${loadId}`,
  fresh: `fresh_${loadId}`,
  views: [`raw_view_${loadId}`, `stage_view_${loadId}`, `rejects_view_${loadId}`],
})

/**
 * Where the source names no `seq`, it is made from the line number and the place of the event in its row. Made numbers lie above
 * all numbers of sources, so that the two can be told apart: they are no content of the row.
 */
export const madeSeq = { from: 2n ** 60n, eventsPerRow: 64 }

/**
 * The SQL of one load. Chunks land in a Null table as text with line numbers; one view gives them types and checks every rule
 * of the stream, two more part the rows into stage and rejects. So the engine reads, checks and parts each chunk in one pass.
 */
export function planLoad(file: CheckedFile, columns: Columns, options: PlanOptions): Plan {
  const tables = loadTables(options.loadId)
  const typed = new Typing(columns, options, file.format === 'parquet')
  const facts = factTables[columns.stream]
  const isJson = file.format === 'ndjson'
  const cells = columns.names.map((_, index) => `c${index + 1}`)
  const values = typed.factColumns()
  const omit = [...options.mapping.omit, ...privateColumns(columns, options.naming !== undefined)].map(
    (name) => name.toLowerCase(),
  )
  const shown = columns.names
    .map((name, index) => ({ name: name === '' ? `column ${index + 1}` : name, cell: `c${index + 1}` }))
    .filter(({ name }) => !omit.includes(name.toLowerCase()))
  const named = literals(shown.map(({ name }) => name))
  const asTold =
    isJson && omit.length > 0
      ? `concat('{', arrayStringConcat(arrayMap(p -> concat(toJSONString(p.1), ':', p.2), arrayFilter(p -> lower(p.1) NOT IN ${literals(omit)}, JSONExtractKeysAndValuesRaw(text))), ','), '}')`
      : 'text'

  // `line`, the cells, and `text` (the row as it was)
  const rawColumns = isJson
    ? 'line UInt64, text String'
    : `line UInt64, ${cells.map((cell) => `${cell} String`).join(', ')}`
  const tuple = `Tuple(${columns.names.map((name) => `\`${name.replace(/[\\`]/g, '\\$&')}\` String`).join(', ')})`
  const unpacked = isJson
    ? `SELECT line, text, JSONExtract(text, ${literal(tuple)}) AS row, ${cells.map((cell, index) => `row.${index + 1} AS ${cell}`).join(', ')} FROM ${tables.raw} WHERE text NOT IN ('', '\\r')`
    : `SELECT *, toJSONString(mapFromArrays(${named}, ${shown.length > 0 ? `[${shown.map(({ cell }) => cell).join(', ')}]` : 'CAST([] AS Array(String))'})) AS text FROM ${tables.raw}`
  if (isJson)
    typed.rule(
      '',
      'json',
      'The line is not a JSON object.',
      "NOT isValidJSON(text) OR NOT startsWith(trimLeft(text), '{')",
    )
  const rules = typed.finish()
  if (options.erasureKey !== undefined && columns.origins.has('case_id'))
    rules.push(erasedRule(options.erasureKey))
  if (rules.length > 63) throw new Error('A stream may have at most 63 rules.')
  const broken = rules
    .map((rule, bit) => `toUInt64(ifNull(${rule.broken}, 1)) * ${2n ** BigInt(bit)}`)
    .join('\n + ')
  const view = `
    SELECT line, ${facts.columns.map((column) => `${values[column]} AS ${column}_`).join(',\n      ')},
      broken, if(${['broken = 0', ...isErased(rules)].join(' OR ')}, '', substringUTF8(${file.format === 'parquet' ? `toValidUTF8(${asTold})` : asTold}, 1, 20000)) AS raw
    FROM
    (
      SELECT *, ${broken} AS broken, arrayJoin(if(broken = 0, ${typed.events()}, [${typed.noEvent()}])) AS event
      FROM (SELECT *, ${typed.parsed().join(',\n        ')} FROM (SELECT *, ${typed.texts().join(',\n          ')} FROM (${unpacked})))
    )`
  const create = [
    `CREATE TABLE ${tables.raw} (${rawColumns}) ENGINE = Null`,
    ...likeFacts(options, tables.stage, columns.stream),
    `CREATE TABLE ${tables.rejects} (line UInt64, broken UInt64, raw String) ENGINE = MergeTree ORDER BY line`,
    `CREATE TABLE ${tables.landing} ENGINE = Null AS SELECT toUInt64(0) AS line, toUInt64(0) AS broken, '' AS raw, ${facts.columns.map((column) => `${column} AS ${column}_`).join(', ')} FROM ${columns.stream} WHERE 0`,
    `CREATE MATERIALIZED VIEW ${tables.views[1]} TO ${tables.stage} AS SELECT ${facts.columns.map((column) => `${column}_ AS ${column}`).join(', ')} FROM ${tables.landing} WHERE broken = 0`,
    `CREATE MATERIALIZED VIEW ${tables.views[2]} TO ${tables.rejects} AS SELECT line, broken, raw FROM ${tables.landing} WHERE broken != 0`,
    `CREATE MATERIALIZED VIEW ${tables.views[0]} TO ${tables.landing} AS ${view}`,
  ]
  const insert = (firstLine: number): string => {
    const line = `toUInt64(${firstLine}) + rowNumberInAllBlocks()`
    if (isJson)
      return `INSERT INTO ${tables.raw} SELECT ${line}, line FROM input('line String') FORMAT LineAsString`
    if (file.format === 'csv')
      return `INSERT INTO ${tables.raw} SELECT ${line}, ${cells.join(', ')} FROM input('${cells.map((cell) => `${cell} String`).join(', ')}') FORMAT CSV`
    const structure = columns.names
      .map((name) => `\`${name.replace(/[\\`]/g, '\\$&')}\` Nullable(String)`)
      .join(', ')
    const read = columns.names.map((name) => {
      const text = `ifNull(\`${name.replace(/[\\`]/g, '\\$&')}\`, '')`
      return file.utcColumns.includes(name) ? `if(${text} = '', '', concat(${text}, 'Z'))` : text
    })
    return `INSERT INTO ${tables.raw} SELECT ${line}, ${read.join(', ')} FROM input(${literal(structure)}) FORMAT Parquet`
  }
  return { rules, create, insert, ownSeq: columns.origins.has('seq') && columns.events.length === 0 }
}

/** A row about somebody who was erased: it is counted, and nothing of it is kept. */
export const erasedRule = (key: string): Rule => ({
  field: '',
  rule: 'erased',
  reason: 'The row is about somebody whose data was erased: it was left out.',
  broken: `${subjectHashSql(key, 't_source', 't_case_id')} IN (SELECT hash FROM erased_subjects)`,
})

/** The bit of that rule in `broken`, where it holds. */
export const isErased = (rules: readonly Rule[]): string[] => {
  const bit = rules.findIndex(({ rule }) => rule === 'erased')
  return bit < 0 ? [] : [`bitTest(broken, ${bit})`]
}

/** Columns that hold nothing but free text or who somebody is: they stay out of what is kept of a rejected row. */
function privateColumns({ stream, names, origins }: Columns, hidesIds: boolean): string[] {
  const fields: Record<string, Field> = streams[stream].fields
  const isHidden = (name: string) =>
    ['personal', 'free text'].includes(fields[name]?.class ?? '') || (hidesIds && name === 'case_id')
  const read = (isPrivate: boolean): number[] =>
    [...origins].flatMap(([name, origin]) =>
      'columns' in origin && isHidden(name) === isPrivate ? origin.columns : [],
    )
  const others = read(false)
  return read(true).flatMap((at) => (others.includes(at) ? [] : (names[at - 1] ?? [])))
}

/**
 * A table whose parts can be attached to the facts. It keeps every version of a row: nothing is merged and no block counts as a
 * repeat of another before the rows are judged.
 */
export const likeFacts = (db: Pick<Db, 'version'>, table: string, stream: StreamName): string[] =>
  tableLike(db, table, stream, 'non_replicated_deduplication_window = 0')

/** What people answered as numbers. */
const scales = ['rating', ...Object.keys(drivers), 'recommend']

/** Whether a field comes from a column of the file. */
const isRead = (origin: Origin | undefined): boolean => origin !== undefined && 'columns' in origin

/** Turns the declared fields of a stream into expressions over the cells, and its rules into conditions. */
class Typing {
  readonly #rules: Rule[] = []
  readonly #stream: Stream
  readonly #fields: [string, Field][]

  constructor(
    readonly columns: Columns,
    readonly options: PlanOptions,
    /** Text is checked for UTF-8 row by row, because nobody has done so with the file. */
    readonly unchecked: boolean,
  ) {
    this.#stream = streams[columns.stream]
    this.#fields = Object.entries(this.#stream.fields)
  }

  rule(field: string, rule: string, reason: string, broken: string): void {
    this.#rules.push({ field, rule, reason, broken })
  }

  /** The text of a field: trimmed unless the mapping keeps it as published, missing values emptied, translated by the mapping's table. */
  #text(field: string, origin: Origin | undefined, fallback = ''): string {
    if (!origin) return literal(fallback)
    if ('constant' in origin) return literal(origin.constant)
    const { mapping } = this.options
    const asPublished = mapping.untrimmed.includes(field)
    const trimmed = origin.columns.map((column) => (asPublished ? `c${column}` : `trimBoth(c${column})`))
    let text = trimmed[0] ?? "''"
    if (trimmed.length > 1)
      text = trimmed.reduceRight(
        (rest, cell) => (rest === '' ? cell : `if(${cell} != '', ${cell}, ${rest})`),
        '',
      )
    if (mapping.missing.length > 0) {
      const days = mapping.missing.filter((value) => /^\d{4}-\d{2}-\d{2}$/.test(value))
      const inDays =
        days.length > 0 ? ` OR (substring(${text}, 1, 10) IN (${days.map(literal).join(', ')}))` : ''
      text = `if(${text} IN (${mapping.missing.map(literal).join(', ')})${inDays}, '', ${text})`
    }
    const type = this.#stream.fields[field]?.type.kind
    if (type === 'code' || type === 'flag') text = `lower(${text})`
    const table = mapping.values[field]
    if (table) {
      const pairs = Object.entries(table.table)
      const lower = type === 'code' || type === 'flag'
      const from = literals(pairs.map(([key]) => (lower ? key.toLowerCase() : key)))
      const otherwise =
        table.otherwise === undefined ? text : `if(${text} = '', '', ${literal(table.otherwise)})`
      text = `transform(${text}, ${from}, ${literals(pairs.map(([, value]) => value))}, ${otherwise})`
    }
    return fallback === '' ? text : `if(${text} = '', ${literal(fallback)}, ${text})`
  }

  texts(): string[] {
    const { origins, events } = this.columns
    const fallbacks: Record<string, string> = { source: this.options.source, service: this.options.service }
    return [
      ...this.#fields.map(([name]) => `${this.#text(name, origins.get(name), fallbacks[name])} AS t_${name}`),
      ...events.flatMap((event, index) => [
        `${this.#text('time', event.time)} AS te_${index}`,
        `${this.#text('reason', event.reason)} AS re_${index}`,
        `${this.#text('outcome', event.outcome)} AS oe_${index}`,
      ]),
      `t_deleted IN ('true', '1', 'yes') AS is_deleted`,
    ]
  }

  /** Times and numbers, NULL where the text is none. */
  parsed(): string[] {
    const { mapping, zone } = this.options
    const parsed: string[] = []
    for (const [name, { type }] of this.#fields) {
      if (type.kind === 'time') parsed.push(`${parseTime(`t_${name}`, mapping.times, zone)} AS v_${name}`)
      if (type.kind === 'integer') parsed.push(`toInt64OrNull(t_${name}) AS v_${name}`)
      if (type.kind === 'seconds') parsed.push(`toFloat64OrNull(t_${name}) AS v_${name}`)
    }
    this.columns.events.forEach((_, index) => {
      parsed.push(`${parseTime(`te_${index}`, mapping.times, zone)} AS ve_${index}`)
    })
    return parsed
  }

  /** All rules of the stream for the columns at hand. */
  finish(): Rule[] {
    const { mapping, now } = this.options
    const wide = this.columns.events.length > 0
    const tomorrow = `toDateTime64(${literal(new Date(now.getTime() + 86_400_000).toISOString().slice(0, 19))}, 6, 'UTC')`
    const example = timeExample(mapping.times)
    const time = (name: string, column: string, text: string, value: string): void => {
      this.rule(
        name,
        'time',
        `${column} is not a time written like ${example}.`,
        `${text} != '' AND isNull(${value})`,
      )
      if (name === this.#stream.time)
        this.rule(
          name,
          'not_in_future',
          `${column} lies more than a day in the future.`,
          `${text} != '' AND ifNull(${value}, toDateTime64(0, 6, 'UTC')) > ${tomorrow}`,
        )
    }
    for (const [name, { type, required }] of this.#fields) {
      if (wide && ['event_id', 'activity', 'time', 'lifecycle', 'clock'].includes(name)) continue
      const origin = this.columns.origins.get(name)
      const text = `t_${name}`
      const column =
        origin && 'names' in origin && origin.names[0] !== name ? `${name} (column ${origin.names[0]})` : name
      const inKey = this.#stream.key.includes(name)
      if (required)
        this.rule(
          name,
          'required',
          `${column} is empty.`,
          `${text} = ''${inKey ? '' : ` AND NOT ${this.#keyAlone(name)}`}`,
        )
      if (!origin && name !== 'source' && name !== 'service') continue
      if (this.unchecked && type.kind === 'text' && isRead(origin)) this.#utf8(name, column, [text])
      if (type.kind === 'text' && type.maxLength !== undefined)
        this.rule(
          name,
          'max_length',
          `${column} is longer than ${type.maxLength} characters.`,
          `lengthUTF8(${text}) > ${type.maxLength}`,
        )
      if (type.kind === 'code')
        this.rule(
          name,
          'code',
          `${column} is none of ${type.values.join(', ')}.`,
          `${text} NOT IN ('', ${type.values.map(literal).join(', ')})`,
        )
      if (type.kind === 'flag')
        this.rule(
          name,
          'flag',
          `${column} is neither true nor false.`,
          `${text} NOT IN ('', 'true', 'false', '1', '0', 'yes', 'no')`,
        )
      if (type.kind === 'time') time(name, column, text, `v_${name}`)
      if (type.kind === 'integer' || type.kind === 'seconds') {
        const what = type.kind === 'integer' ? 'a whole number' : 'a number of seconds'
        this.rule(
          name,
          type.kind,
          `${column} is not ${what}.`,
          `${text} != '' AND (isNull(v_${name}) OR NOT isFinite(ifNull(v_${name}, 0)))`,
        )
        const { min = -9_007_199_254_740_991, max = 9_007_199_254_740_991 } = type
        this.rule(
          name,
          'range',
          `${column} is not between ${min} and ${max}.`,
          `${text} != '' AND ifNull(v_${name}, ${min}) NOT BETWEEN ${min} AND ${max}`,
        )
      }
    }
    if (wide) {
      const events = this.columns.events.map((_, index) => `te_${index}`)
      const names = this.columns.events.map(({ time }) => ('names' in time ? (time.names[0] ?? '') : ''))
      this.rule(
        'time',
        'required',
        `${names.filter((name) => name !== '').join(' and ')} are empty: the row tells no event.`,
        events.map((text) => `${text} = ''`).join(' AND '),
      )
      this.columns.events.forEach((_, index) => {
        if (names[index] !== '') time('time', `time (column ${names[index]})`, `te_${index}`, `ve_${index}`)
      })
      if (this.unchecked)
        for (const [field, cell] of [
          ['reason', 're_'],
          ['outcome', 'oe_'],
        ] as const) {
          const read = this.columns.events.flatMap((event, index) =>
            isRead(event[field]) ? [`${cell}${index}`] : [],
          )
          if (read.length > 0) this.#utf8(field, field, read)
        }
      for (const [first, second] of mapping.order) {
        const [before, after] = [first, second].map((id) =>
          mapping.events.findIndex((e) => e.event_id === id),
        )
        if (before === undefined || after === undefined) continue
        const words = [after, before].map((at) => `${mapping.events[at]?.activity} (column ${names[at]})`)
        this.rule(
          'time',
          `not_before_${first}`,
          `${words.join(' lies before ')}.`,
          `ifNull(ve_${after} < ve_${before}, 0)`,
        )
      }
    }
    for (const { field, rule, reason, broken } of this.#stream.rules)
      if (this.columns.origins.has(field)) this.rule(field, rule, reason, broken)
    const known = this.options.services
    this.rule(
      'service',
      'known',
      'service is not a service of the configuration.',
      `t_service != '' AND t_service NOT IN (${known.length > 0 ? known.map(literal).join(', ') : "''"})`,
    )
    return this.#rules
  }

  #utf8(field: string, column: string, texts: readonly string[]): void {
    const broken = texts.map((text) => `NOT isValidUTF8(${text})`).join(' OR ')
    this.rule(field, 'utf8', `${column} is not text in UTF-8.`, broken)
  }

  /** Whether the row only withdraws another one, so that this field may be empty. */
  #keyAlone(field: string): string {
    // without an id an event is known by its activity and time
    return this.columns.stream === 'case_events' && field !== 'service'
      ? `(is_deleted AND t_event_id != '')`
      : 'is_deleted'
  }

  /** Array of (event_id, activity, lifecycle, time, clock, reason, outcome, place in the row, taken back). */
  events(): string {
    const { mapping } = this.options
    if (mapping.events.length === 0) return `[${this.noEvent()}]`
    const events = mapping.events.map((event, index) => {
      const parts = [
        ...[event.event_id, event.activity, event.lifecycle].map(literal),
        // an event taken back lies where the row lies
        `coalesce(ve_${index}, ${event.withdraw ? `${mapping.events.map((_, other) => `ve_${other}`).join(', ')}, ` : ''}toDateTime64(0, 6, 'UTC'))`,
        literal(event.clock),
        `re_${index}`,
        `oe_${index}`,
        `te_${index} != ''`,
        event.withdraw ? 'toUInt8(1)' : 'toUInt8(0)',
      ]
      return `(${parts.join(', ')})`
    })
    return `arrayMap((e, i) -> (e.1, e.2, e.3, e.4, e.5, e.6, e.7, toUInt8(i - 1), toUInt8(NOT e.8)), arrayFilter(e -> e.8 OR e.9, [${events.join(', ')}]) AS told, arrayEnumerate(told))`
  }

  /** What stands for a row that is itself the event, or that was rejected. */
  noEvent(): string {
    return this.options.mapping.events.length === 0
      ? 'tuple(toUInt8(0))'
      : `('', '', '', toDateTime64(0, 6, 'UTC'), '', '', '', toUInt8(0), toUInt8(0))`
  }

  /** The SQL of each column of the facts. */
  factColumns(): Record<string, string> {
    const { loadNo, respondentKey } = this.options
    const wide = this.columns.events.length > 0
    const epoch = "toDateTime64(0, 6, 'UTC')"
    const text = (name: string): string => `t_${name}`
    // a value outside the list belongs to a rejected row, and may not stop the chunk
    const code = (name: string, otherwise: string): string => {
      const type = this.#stream.fields[name]?.type
      const values = type?.kind === 'code' ? type.values : []
      return `if(t_${name} IN (${values.map(literal).join(', ')}), t_${name}, ${literal(otherwise)})`
    }
    const yes = (name: string): string => `t_${name} IN ('true', '1', 'yes')`
    const version = `if(isNull(v_recorded_at), toUInt64(${loadNo}), accurateCastOrDefault(toUnixTimestamp64Milli(assumeNotNull(v_recorded_at)), 'UInt64'))`
    const { naming } = this.options
    const common: Record<string, string> = {
      ...Object.fromEntries(
        ['source', 'service', 'department', 'district', 'channel', 'team', 'outcome'].map((name) => [
          name,
          text(name),
        ]),
      ),
      case_id: naming ? caseNameSql(naming, 't_source', 't_case_id') : text('case_id'),
      version,
      deleted: wide ? 'toUInt8(is_deleted OR event.9)' : 'toUInt8(is_deleted)',
      load_no: `toUInt32(${loadNo})`,
    }
    if (this.columns.stream === 'wait_times')
      return {
        ...common,
        wait_id: text('wait_id'),
        asked_at: `ifNull(v_asked_at, ${epoch})`,
        wait_ms: `accurateCastOrNull(round(v_wait * 1000), 'Int64')`,
        kind: code('kind', 'wait'),
        status: code('status', 'served'),
      }
    if (this.columns.stream === 'outcomes')
      return {
        ...common,
        outcome_id: text('outcome_id'),
        at: `ifNull(v_at, ${epoch})`,
        intended: code('intended', ''),
        ...Object.fromEntries(scales.map((name) => [name, `accurateCastOrNull(v_${name}, 'UInt8')`])),
        no_opinion: `toUInt8(${yes('no_opinion')})`,
        thumbs: code('thumbs', ''),
        comment: this.columns.origins.has('comment')
          ? scrubbed(withoutOwnIds('t_comment'), 't_language')
          : "''",
        language: text('language'),
        offered: `toUInt8(if(t_offered = '', ${[...scales, 'thumbs', 'comment'].map((name) => `t_${name} != ''`).join(' OR ')} OR ${yes('no_opinion')}, ${yes('offered')}))`,
        respondent: `if(t_respondent = '', toUInt64(0), sipHash64Keyed((${keyHalves(respondentKey)}), t_respondent))`,
      }
    const key = (id: string, activity: string, lifecycle: string, time: string): string =>
      `if(${id} != '', bitOr(cityHash64(${id}), 1), bitAnd(cityHash64(${activity}, ${lifecycle}, ${time}), bitNot(toUInt64(1))))`
    const lifecycle = `if(t_lifecycle = '', 'complete', t_lifecycle)`
    const place = `toUInt64(${madeSeq.from}) + line * ${madeSeq.eventsPerRow} + ${wide ? 'event.8' : '0'}`
    const events: Record<string, string> = wide
      ? {
          event_key: key('event.1', 'event.2', 'event.3', 'event.4'),
          activity: 'event.2',
          lifecycle: 'event.3',
          time: 'event.4',
          clock: 'event.5',
          reason: `if(event.6 != '', event.6, t_reason)`,
          outcome: `if(event.7 != '', event.7, t_outcome)`,
          seq: place,
        }
      : {
          event_key: key('t_event_id', 't_activity', lifecycle, `ifNull(v_time, ${epoch})`),
          activity: text('activity'),
          lifecycle,
          time: `ifNull(v_time, ${epoch})`,
          clock: code('clock', ''),
          reason: text('reason'),
          seq: `ifNull(accurateCastOrNull(v_seq, 'UInt64'), ${place})`,
        }
    return { ...common, subtype: text('subtype'), claimed: text('claimed'), due_at: 'v_due_at', ...events }
  }
}

/** Ids of the row itself, which its comment may name. Short ones may be ordinary words. */
const withoutOwnIds = (text: string): string =>
  ['t_case_id', 't_respondent'].reduce(
    (sql, id) => `if(lengthUTF8(${id}) >= 4, replaceAll(${sql}, ${id}, '[id]'), ${sql})`,
    text,
  )

function keyHalves(hex: string): string {
  return [hex.slice(0, 16), hex.slice(16, 32)].map((half) => `toUInt64(${BigInt(`0x${half}`)})`).join(', ')
}

/** SQL that writes the rejected rows of a load, one row for each rule broken, with words for people. */
export function keepRejected(loadId: string, rules: readonly Rule[]): string {
  const reasons = rules.map(({ field, rule, reason }) => `(${[field, rule, reason].map(literal).join(', ')})`)
  return `INSERT INTO rejected_rows (load_id, line, field, rule, reason, raw, rejected_at)
    SELECT ${literal(loadId)}, line, broke.1, broke.2, broke.3, raw, now('UTC')
    FROM (SELECT line, raw, arrayJoin(arrayMap(bit -> [${reasons.join(', ')}][bit + 1], bitPositionsToArray(broken))) AS broke FROM ${loadTables(loadId).rejects})`
}
