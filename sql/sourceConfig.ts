import { z } from 'zod'

/** How what a source delivers is read and loaded. */
const delivered = {
  /** Tells the sources apart on the Data page; what it is found by (path, address, topic) when not given. */
  name: z.string().min(1).max(200).optional(),
  /** The name of a shipped mapping, or a .json file; a path that is not absolute starts at the data folder. */
  mapping: z.string().min(1),
  service: z.string().min(1).optional(),
  /** The system the rows come from, where they name none. */
  source: z.string().min(1).max(200).optional(),
  stream: z.enum(['case_events', 'wait_times', 'outcomes']).optional(),
  /** Above this share of rejected rows nothing of a file is published. */
  max_rejected_share: z.number().min(0).max(1).default(0.05),
}

const folder = z.strictObject({
  kind: z.literal('folder'),
  /** Watched for files; a path that is not absolute starts at the data folder. */
  path: z.string().min(1),
  ...delivered,
})

/** Values of a request: `$NAME` in them is read from the environment, so that secrets stay out of this file. */
const values = z.record(z.string(), z.string()).default({})

/** How the next request is told what is known already. */
const cursor = z.discriminatedUnion('kind', [
  /** The whole answer each time; rows that are known change nothing. */
  z.strictObject({ kind: z.literal('none') }),
  /** Rows changed since a moment: the start of the last request that was loaded less the overlap, as ISO 8601. */
  z.strictObject({ kind: z.literal('since'), parameter: z.string().min(1), first: z.iso.datetime() }),
  /**
   * Rows of a span of time, from `first` to now: `from` and `until` name the parameters, as ISO 8601, in windows of at most `days` that
   * are halved when an answer is full. Where they ask for when a case began, the overlap must be as long as cases stay open.
   */
  z.strictObject({
    kind: z.literal('window'),
    from: z.string().min(1),
    until: z.string().min(1),
    first: z.iso.datetime(),
    days: z.number().min(0.01).max(366).default(30),
    /** So many rows in one answer mean that more were cut off. */
    full: z.int().min(2),
  }),
])

const address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''), {
    error: 'must not carry a user or password: write $NAME in headers and set it in the environment',
  })

const http = z.strictObject({
  kind: z.literal('http'),
  url: address,
  /** The type of the answers; told by Content-Type, the ending of the address or the first bytes when not given. */
  format: z.enum(['csv', 'tsv', 'ndjson', 'json', 'parquet', 'xes', 'xml']).optional(),
  /** Where the rows are in a JSON answer that is an object with several lists, like `result.records`. */
  rows: z.string().min(1).optional(),
  headers: values,
  /** Parameters of every request, added to those of the address. */
  query: values,
  every_minutes: z.number().min(0.1).max(44_640).default(60),
  /** Asked again each time, because rows arrive late: minutes before the last moment asked for. */
  overlap_minutes: z.number().min(0).max(525_600).default(60),
  requests_per_minute: z.number().positive().max(6_000).default(30),
  /** An address that is silent for so long is asked again. */
  timeout_seconds: z.number().positive().max(300).default(60),
  /** Larger answers are refused. */
  max_megabytes: z.number().positive().max(10_240).default(1_024),
  cursor: cursor.default({ kind: 'none' }),
  ...delivered,
})

/** Messages are gathered into one load when so many are there, or so many seconds after the first. */
const gathered = {
  batch_messages: z.int().min(1).max(1_000_000).default(10_000),
  batch_seconds: z.number().min(0.05).max(3_600).default(5),
}

const mqtt = z.strictObject({
  kind: z.literal('mqtt'),
  /** mqtt://, mqtts://, ws:// or wss://; a user and password come from the environment by `$NAME`. */
  url: z
    .url({
      protocol: /^(mqtts?|wss?)$/,
      error: 'must be an address that begins with mqtt://, mqtts://, ws:// or wss://',
    })
    .refine(
      (url) => !/^\w+:\/\/[^/]*@/.test(url),
      'names a user: write user and password as settings of their own',
    ),
  topic: z.string().min(1),
  user: z.string().optional(),
  password: z.string().optional(),
  ...gathered,
  ...delivered,
})

const kafka = z.strictObject({
  kind: z.literal('kafka'),
  brokers: z.array(z.string().regex(/^[^\s:]+:\d+$/, 'write a broker as host:port')).min(1),
  /** Read from its beginning when the group is new. */
  topic: z.string().min(1),
  /** A group of its own for each topic: members of one group must read the same. `clearway-` and the topic when not given. */
  group: z.string().min(1).optional(),
  tls: z.boolean().default(false),
  user: z.string().optional(),
  password: z.string().optional(),
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('plain'),
  ...gathered,
  ...delivered,
})

/** Where data comes from by itself while the server runs. */
export const sourceConfig = z.discriminatedUnion('kind', [folder, http, mqtt, kafka])

export type SourceConfig = z.output<typeof sourceConfig>
export type FolderConfig = z.output<typeof folder>
export type HttpConfig = z.output<typeof http>
export type MqttConfig = z.output<typeof mqtt>
export type KafkaConfig = z.output<typeof kafka>

/** How a source is named where it has no name of its own. */
export function sourceName(source: SourceConfig): string {
  if (source.name !== undefined) return source.name
  if (source.kind === 'folder') return source.path
  if (source.kind === 'http') return new URL(source.url).host + new URL(source.url).pathname
  return source.topic
}

/** What a system is expected to send, so that silence can be told from quiet. Without it, what it sent before is the measure. */
export const expectation = z.strictObject({
  /** The system as the rows name it, and the stream. */
  source: z.string().min(1),
  stream: z.enum(['case_events', 'wait_times', 'outcomes']).default('case_events'),
  /** Hours between two deliveries. */
  every_hours: z.number().positive().max(8_784),
  /** Fewer rows on a day on which the service is open are a gap. */
  rows_per_day: z.number().nonnegative().optional(),
})
