import { completeFrom, type Feed } from './feeds.ts'
import type { FeedState } from './freshness.ts'
import { knownShare } from './reportingDelay.ts'

type About = {
  state: FeedState
  due: Date | null
  now: Date
  zone: string
  names: ReadonlyMap<string, string>
}

const rowWords = { case_events: 'events', wait_times: 'waits', outcomes: 'outcomes' } as const
const hour = 3_600_000

/** How fresh and complete a feed is, as a clerk would say it. */
export const feedSays = (feed: Feed, about: About): string =>
  [arrival(feed, about), filling(feed), lastGap(feed, about)].filter((part) => part !== '').join(' ')

function arrival(feed: Feed, { state, due, now, zone, names }: About): string {
  const { arrived, cadence } = feed
  const what = rowWords[feed.stream]
  const every = cadence ? everyWords(cadence.everyHours) : ''
  if (!arrived) return `No ${what} of “${feed.source}” have come yet, though they are expected ${every}.`
  const of = listed(feed.services.map((id) => names.get(id) ?? id)) || `“${feed.source}”`
  const came = `The last ${what} of ${of} came ${ago(now.getTime() - arrived.at)}`
  if (state === 'unknown') return `${came}; how often they come is not known yet.`
  if (state === 'fresh') return `${came}, as expected.`
  return `${came}, though they come ${every}: the next were due ${due ? at(due, now, zone) : 'before now'}.`
}

/** The days before that of the last delivery that are not complete yet. */
function filling({ delay, arrived, days }: Feed): string {
  if (!delay || !arrived) return ''
  const first = days[0]?.day ?? 0
  const shares: number[] = []
  for (let age = 1; age < delay.curve.length; age += 1) {
    const day = days[arrived.day - age - first]
    const share = knownShare(delay.curve, age)
    if (share >= completeFrom || !day) break
    // closed days neither fill nor end the days that do
    if (!(day.rows === 0 && (day.closed || day.expected === 0))) shares.push(share)
  }
  if (shares.length === 0) return ''
  const share = Math.round((shares.reduce((sum, each) => sum + each, 0) / shares.length) * 100)
  const known = share === 0 ? 'not known yet' : `about ${share} % complete`
  return shares.length === 1
    ? `The day before that is ${known}.`
    : `The ${shares.length} days before that are ${known}.`
}

/** The last gap, when it ended within four weeks of the last delivery. */
function lastGap({ gaps, arrived, lastDay }: Feed, { now, zone }: About): string {
  const gap = gaps.at(-1)
  if (!gap || !arrived || gap.until < Math.min(lastDay, arrived.day) - 28) return ''
  const share = Math.round((gap.rows / Math.max(1, gap.expected)) * 100)
  const amount = gap.rows === 0 ? 'Nothing' : `Only ${Math.max(1, share)} % of the usual rows`
  return `${amount} came ${span(gap.from, gap.until - 1, now, zone)}.`
}

const listed = (names: readonly string[]): string =>
  names.length <= 1
    ? (names[0] ?? '')
    : names.length === 2
      ? `${names[0]} and ${names[1]}`
      : `${names[0]}, ${names[1]} and ${names.length - 2} more`

function everyWords(hours: number): string {
  if (hours < 1.5) return hours < 0.75 ? `every ${Math.max(1, Math.round(hours * 60))} minutes` : 'every hour'
  if (hours < 36) return Math.round(hours) === 24 ? 'every day' : `every ${Math.round(hours)} hours`
  return Math.round(hours / 24) === 7 ? 'every week' : `every ${Math.round(hours / 24)} days`
}

function ago(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 90) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago`
  const hours = Math.round(ms / hour)
  return hours < 48 ? `${hours} hours ago` : `${Math.round(hours / 24)} days ago`
}

function at(moment: Date, now: Date, zone: string): string {
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone })
  return `on ${dayWords(moment.getTime(), now, zone)} at ${time.format(moment)}`
}

/** "on 3 March", "from 3 to 5 March"; both days inclusive, counted from 1970. */
function span(from: number, last: number, now: Date, zone: string): string {
  const words = (day: number) => dayWords(day * 24 * hour, now, 'UTC', zone)
  const [first, end] = [words(from), words(last)]
  if (from === last) return `on ${first}`
  const shared = first.replace(/^\d+/, '')
  return `from ${end.endsWith(shared) ? first.slice(0, first.length - shared.length) : first} to ${end}`
}

/** The day, with its year unless it is this year. */
function dayWords(moment: number, now: Date, zone: string, here = zone): string {
  const year = (at: number | Date, timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone }).format(at)
  const isNow = year(moment, zone) === year(now, here)
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(isNow ? {} : { year: 'numeric' as const }),
    timeZone: zone,
  }).format(moment)
}
