import { addDays } from '../../../server/words/days.ts'
import { formatCount, formatDay, formatPeriod } from '../../../server/words/format.ts'
import { andList, type Status } from '../../../server/words/words.ts'
import type { Feed, FeedDay, Load, LoadNow, Rejected, Sources } from '../../api.ts'

/** What the Data page says about deliveries, for people who have never seen one. */

export type Source = Sources['sources'][number]

/** What every kind of source is and what helps when it is in trouble. */
export const sourceKinds: Record<Source['kind'], { name: string; means: string; mend: string }> = {
  push: {
    name: 'Sent by programs',
    means: 'Other programs send their rows here with a key.',
    mend: 'Open the load to see why, mend the rows where they come from, and let the program send them again.',
  },
  folder: {
    name: 'Watched folder',
    means: 'A file that is put into this folder is loaded and then moved to “done”.',
    mend: 'The file is in the folder “failed”, with its reason beside it. Mend the file or the mapping, and put it back.',
  },
  http: {
    name: 'Web address',
    means: 'Asked again and again for what is new.',
    mend: 'Check that the address answers and that the access it needs is still valid. It is asked again by itself, or with “Look now”.',
  },
  mqtt: {
    name: 'MQTT topic',
    means: 'Messages of a topic are gathered and loaded.',
    mend: 'Check that the broker runs and that the user may read the topic. The connection is tried again by itself.',
  },
  kafka: {
    name: 'Kafka topic',
    means: 'Messages of a topic are gathered and loaded; none is marked as read before it is loaded.',
    mend: 'Check that the brokers run and that the user may read the topic. Reading goes on where it stopped.',
  },
}

export const sourceStates: Record<Source['state'], { status: Status; word: string }> = {
  ready: { status: 'on', word: 'Ready' },
  loading: { status: 'none', word: 'At work' },
  troubled: { status: 'off', word: 'In trouble' },
}

export const feedStates: Record<Feed['state'], { status: Status; word: string }> = {
  silent: { status: 'off', word: 'Silent' },
  late: { status: 'near', word: 'Late' },
  fresh: { status: 'on', word: 'Up to date' },
  unknown: { status: 'none', word: 'Not known yet' },
}

export const dayStates: Record<FeedDay['state'], string> = {
  complete: 'complete',
  filling: 'more is still to come',
  gap: 'gap: no rows or far too few',
  closed: 'closed, nothing expected',
}

/** The strip of days in one sentence: "24 May to 20 June 2026: 20 days complete, 2 with more still to come, a gap on 3 June 2026." */
export function daysWords(days: readonly FeedDay[]): string {
  const [first, last] = [days[0], days.at(-1)]
  if (!first || !last) return 'No days to show.'
  const number = (state: FeedDay['state']) => days.filter((day) => day.state === state).length
  const gaps = runs(days).map(({ from, until }) =>
    addDays(from, 1) === until ? formatDay(from) : formatPeriod({ from, until }),
  )
  const parts = [
    `${number('complete')} ${number('complete') === 1 ? 'day' : 'days'} complete`,
    number('filling') > 0 ? `${number('filling')} with more still to come` : '',
    number('closed') > 0 ? `${number('closed')} closed` : '',
    gaps.length > 0 ? `${gaps.length === 1 ? 'a gap' : 'gaps'}: ${andList(gaps)}` : 'no gap',
  ]
  const period = formatPeriod({ from: first.day, until: addDays(last.day, 1) })
  return `Rows per day, ${period}: ${parts.filter(Boolean).join(', ')}.`
}

/** Gap days that follow each other, as periods (until is exclusive). */
function runs(days: readonly FeedDay[]): { from: string; until: string }[] {
  const found: { from: string; until: string }[] = []
  for (const { day, state } of days) {
    if (state !== 'gap') continue
    const last = found.at(-1)
    if (last?.until === day) last.until = addDays(day, 1)
    else found.push({ from: day, until: addDays(day, 1) })
  }
  return found
}

/** The state of all feeds as the heading of the page; empty when nothing is known of any. */
export function freshnessTitle(feeds: readonly Feed[]): string {
  const known = feeds.filter(({ state }) => state !== 'unknown')
  const behind = known.filter(({ state }) => state !== 'fresh')
  if (known.length === 0) return ''
  if (behind.length === 0)
    return known.length === feeds.length
      ? 'Every source has delivered as expected'
      : 'No source is late; of some it is not known yet when they should deliver'
  const states = [...new Set(behind.map(({ state }) => state))].sort().join(' or ')
  const sources = [...new Set(behind.map(({ source }) => source))]
  const all = new Set(feeds.map(({ source }) => source)).size
  const who = sources.length > 2 ? `${sources.length} of ${all} sources` : andList(sources)
  return `${who} ${sources.length === 1 ? 'is' : 'are'} ${states}`
}

export const ended = ({ state }: { state: LoadNow['state'] }) =>
  state === 'done' || state === 'failed' || state === 'cancelled'

/** What people know a load by: its file, or who sent the rows. */
export function loadName({
  load_id,
  file_name,
  source,
}: Pick<Load, 'load_id' | 'file_name' | 'source'>): string {
  if (file_name && !file_name.startsWith(load_id)) return file_name
  return source ? `Rows sent by ${source}` : `Load ${load_id}`
}

/** "1 row", "1,204 rows". */
export const rowsWords = (rows: number) => `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`

/** "repairs.csv: 12 of 2,400 rows did not fit" */
export function loadTitle(load: LoadNow): string {
  const name = loadName(load)
  if (load.state === 'failed') return `${name}: not loaded`
  if (load.state === 'cancelled') return `${name}: cancelled`
  if (load.state === 'waiting') return `${name}: waiting for its turn`
  if (load.state !== 'done') return `${name}: being loaded`
  if (load.read > 0 && load.duplicates === load.read) return `${name}: every row was there already`
  return load.rejected === 0
    ? `${name}: every row fitted`
    : `${name}: ${formatCount(load.rejected)} of ${rowsWords(load.read)} did not fit`
}

/** What helps against a rule that rows broke. */
export function mendWords({ rule, field }: Pick<Rejected['by_rule'][number], 'rule' | 'field'>): string {
  if (rule.startsWith('not_before'))
    return 'Check both times in the source: one of them, or its year, is wrong.'
  if (rule === 'known')
    return 'Correct the id, or declare the service in clearway.config.json and load the file again.'
  return rules[rule] ?? `Correct ${field || 'the row'} in the source.`
}

const rules: Record<string, string> = {
  required: 'Fill it in. If the column has another name in your file, name it in the mapping.',
  time: 'Write it so, or name the way it is written and its time zone in the mapping.',
  not_in_future: 'Check the year, and whether day and month are swapped.',
  code: 'Use one of these words, or translate yours with a value table in the mapping.',
  flag: 'Write true or false, or translate your words with a value table in the mapping.',
  max_length: 'Shorten it. Often it means that a quote is not closed or that columns have slipped.',
  integer: 'Write digits only, without unit or thousands separator.',
  seconds: 'Write seconds as a plain number, like 540 for nine minutes.',
  range: 'Correct it in the source. Often it is in another unit, like minutes instead of seconds.',
  not_negative: 'Check which time came first, or say that it is a delay (kind).',
  json: 'Each line has to be one object in { }.',
}

/** What helps after a load that did not end well. */
export function nextStep({ state, error, rejected }: LoadNow): string {
  if (state === 'cancelled') return 'Nothing of it was kept. Load the file again whenever you like.'
  if (rejected > 0)
    return 'So many rows that do not fit are mostly a wrong mapping, not wrong rows. See the reasons below, mend the mapping, and load the file again.'
  if (/disk is full/i.test(error)) return 'Make room on the disk of the server, then load the file again.'
  if (/out of memory/i.test(error)) return 'Give the engine more memory, or load the file in smaller parts.'
  return 'Mend what is named above, then load the file again. Loading twice never counts rows twice.'
}

const quoted = (text: string) => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** The command that loads rows the way a load did: same mapping, source, service and stream. */
export function againCommand(
  load: Pick<Load, 'mapping' | 'source' | 'service' | 'stream'>,
  file: string,
): string {
  const options = [
    `--mapping ${quoted(load.mapping)}`,
    load.source && `--source ${quoted(load.source)}`,
    load.service && `--service ${quoted(load.service)}`,
    `--stream ${load.stream}`,
  ]
  return `npm run clearway -- ingest ${quoted(file)} ${options.filter(Boolean).join(' ')}`
}

/** The value a rejected row had in the field that did not fit; null when the row does not tell. */
export function rejectedValue({ raw, field, reason }: Rejected['rows'][number]): string | null {
  const column = /\(column ([^)]+)\)/.exec(reason)?.[1] ?? field
  try {
    const row: unknown = JSON.parse(raw)
    if (typeof row !== 'object' || row === null) return null
    const found = Object.entries(row).find(([name]) => name === column)
    if (!found) return null
    return typeof found[1] === 'string' ? found[1] : JSON.stringify(found[1])
  } catch {
    return null
  }
}

/** Seconds as people say them: "12 seconds", "about 3 minutes". */
export function leftWords(seconds: number): string {
  if (seconds < 60)
    return `${Math.max(1, Math.round(seconds))} ${Math.round(seconds) <= 1 ? 'second' : 'seconds'} left`
  const minutes = Math.round(seconds / 60)
  return `about ${formatCount(minutes)} ${minutes === 1 ? 'minute' : 'minutes'} left`
}

/** "case events" -> "Case events". */
export const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)
