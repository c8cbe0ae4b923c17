import type { Place } from '../../sql/cube.ts'
import type { About, Frozen, Stream } from './frozen.ts'
import type { Layout } from './layouts.ts'
import { measureOf } from './measures.ts'
import type { Row } from './published.ts'

/** Stands for a district or channel that was not stated. */
export const notStated = 'not-stated'

/** What a row of a table is about, as its ids. */
export const placeOf = ({
  service = 'all',
  district = 'all',
  channel = 'all',
  period = '',
}: Row['at']): Place => ({
  service,
  district: stored(district),
  channel: stored(channel),
  period,
})
const stored = (id: string) => (id === notStated ? '' : id)
const shown = (id: string) => (id === '' ? notStated : id)

/** The count behind a figure: a total, or one of the answers or ends it is made of. */
export function countOf(measure: string, { answer = 'all', outcome = 'all' }: Row['at']): string {
  if (answer !== 'all') return answer
  return outcome === 'all' ? measure : `closed_${outcome}`
}

/** Months and quarters of the release, in order, and the quarters that are told by district and channel. */
export function periodsOf({ periods }: About) {
  const months = periods.filter(({ id }) => !id.includes('Q'))
  const quarters = periods.filter(({ id }) => id.includes('Q'))
  return { months, quarters, parts: quarters.slice(-4) }
}

/** The month before a month, the quarter before a quarter. */
export function periodBefore(period: string): string {
  const [year = '', part = ''] = period.split('-')
  const first = part === 'Q1' || part === '01'
  const [before, last] = part.startsWith('Q')
    ? [`Q${Number(part.slice(1)) - 1}`, 'Q4']
    : [String(Number(part) - 1).padStart(2, '0'), '12']
  return first ? `${Number(year) - 1}-${last}` : `${year}-${before}`
}

/** Ids of the districts or channels of the release: the declared ones, and `not-stated` where that is. */
export function valuesOf(frozen: Frozen, by: 'district' | 'channel'): string[] {
  const { about, seen } = frozen
  const found = by === 'district' ? seen.districts : seen.channels
  const known = (by === 'district' ? about.districts : about.channels).map(({ id }) => id)
  return [...known, ...(found.has('') ? [shown('')] : [])]
}

/** The services that tell anything in a stream. */
export const servicesWith = ({ about }: Frozen, stream: Stream): string[] =>
  about.services.filter(({ streams }) => streams.includes(stream)).map(({ id }) => id)

/** Streams that a count comes from. Whether people got what they came for is told in outcomes, or by the ends of requests. */
export function streamOf(count: string): readonly Stream[] {
  if (count === 'outcomes_told' || count === 'outcomes_intended') return ['outcomes', 'case_events']
  if (count.startsWith('closed_') || count.startsWith('open_')) return ['case_events']
  if (count === 'neither' || count === 'dissatisfied') return ['outcomes']
  return [measureOf(count).stream]
}

/** Whether a service tells anything that a count is made of. */
export const tells = (frozen: Frozen, count: string, service: string): boolean =>
  streamOf(count).some((stream) =>
    service === 'all'
      ? servicesWith(frozen, stream).length > 0
      : servicesWith(frozen, stream).includes(service),
  )

/** The services of a table. */
export function servicesOf(frozen: Frozen, { services }: Layout): string[] {
  const known = frozen.about.services.filter(({ streams }) => streams.length > 0)
  const ids = (list: typeof known) => list.map(({ id }) => id)
  if (services === 'with_all') return ['all', ...ids(known)]
  if (services === 'with_cases') return ids(known.filter(({ streams }) => streams.includes('case_events')))
  if (services === 'with_promise') return ids(known.filter(({ standards }) => standards.length > 0))
  return ids(known)
}
