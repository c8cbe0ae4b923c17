import type { Figure, Mark, Measure, Profile, PublishedService } from '../../server/releases/published.ts'
import {
  formatCount,
  formatDifference,
  formatPeriod,
  formatShare,
  formatValue,
} from '../../server/words/format.ts'
import { andList, type Status, statusAgainst } from '../../server/words/words.ts'
import { daysOf, promiseMeasures, type Release, standardOf, statOf, timeMeasures } from './release.ts'

/** The words of the public pages: short sentences that a child of eleven can read. */

/** What a mark says, for everybody. Whether a hidden number is small itself is never told. */
export const markWords: Record<Mark, { name: string; means: string }> = {
  c: {
    name: 'Hidden',
    means:
      'We keep this number back to protect people. It is small, or it would help to work out a small one.',
  },
  x: { name: 'Not available', means: 'We cannot tell this number: the data is not there, or not there yet.' },
  z: { name: 'Does not apply', means: 'The service does not work this way.' },
  p: { name: 'May change', means: 'More data may still come in.' },
  r: { name: 'Changed', means: 'We said another number before. The old one stands beside it.' },
  u: { name: 'Few cases', means: 'It comes from few cases, so it may be far off.' },
  b: { name: 'Break', means: 'It was counted in another way before. Do not compare across it.' },
}

/** The figure as text without its other marks: "72%", or why there is none. */
export function figureWords(figure: Figure | undefined, measure: Measure): string {
  if (!figure) return 'Not in this table'
  if (figure.value !== null) return formatValue(figure.value, measure.unit)
  const why = figure.marks.find((mark) => mark === 'c' || mark === 'x' || mark === 'z' || mark === 'u')
  return why ? markWords[why].name : 'No value'
}

/** "was 70%, now 2 points more". */
export function changeWords(was: number, now: number, measure: Measure): string {
  if (was === now) return `was ${formatValue(was, measure.unit)}, the same when rounded`
  const size =
    measure.unit === 'count'
      ? formatCount(Math.abs(now - was))
      : formatDifference(now - was, null, measure.unit)
  return `was ${formatValue(was, measure.unit)}, now ${size} ${now > was ? 'more' : 'less'}`
}

/** The sentence on how small numbers are kept back. */
export const profileWords = ({ k, base, zeros_tell }: Profile) =>
  [
    `Numbers of people from 1 to ${k - 1} are hidden.`,
    zeros_tell ? 'None and all are hidden too.' : '',
    base > 1 ? `All others are rounded to the nearest ${base}.` : '',
  ]
    .filter(Boolean)
    .join(' ')

export const periodWords = (period: string) => formatPeriod(daysOf(period))

export type Standing = {
  service: PublishedService
  /** How often it was kept. */
  measure: Measure | undefined
  figure: Figure | undefined
  target: number | null
  status: Status
}

/** How a service stands against what it promised. */
export function promiseOf(release: Release, service: PublishedService): Standing {
  const measure = release.firstOf(service.id, promiseMeasures)
  const figure = measure && release.monthly(service.id, measure.id)
  const target = standardOf(service)?.target ?? null
  const status = measure ? statusAgainst(statOf(figure, measure), target, 'higher') : 'none'
  return { service, measure, figure, target, status }
}

/** The status in a word: a standard is met or it is not. */
export function promiseWord({ figure, target, status }: Standing): string {
  if (target === null) return 'No standard'
  if (status === 'none') return figure?.marks.includes('c') ? 'Hidden' : 'Not known'
  return { on: 'Standard met', near: 'Just missed', off: 'Standard not met' }[status]
}

/** "80% within 30 working days". */
export function standardWords(standard: PublishedService['standards'][number]): string {
  const unit = standard.unit.replace('_', ' ')
  return `${formatShare(standard.target)} within ${standard.value} ${standard.value === 1 ? unit.replace(/s$/, '') : unit}`
}

const keptWords: Record<string, string> = {
  on_time_rate: 'closed on time',
  wait_in_time_rate: 'served in time',
}

/** The answer of a service as its title. */
export function serviceTitle(release: Release, promise: Standing): string {
  const { service, measure, figure, target } = promise
  const when = periodWords(release.month)
  if (measure && figure?.value != null) {
    const kept = `${service.name}: ${formatShare(figure.value)} ${keptWords[measure.id] ?? 'in time'} in ${when}`
    return target === null ? kept : `${kept}; the promise was ${formatShare(target)}`
  }
  const time = release.firstOf(service.id, timeMeasures)
  const taken = time && release.monthly(service.id, time.id)
  if (time && taken?.value != null) {
    const what = time.id === 'wait_median' ? 'people waited' : 'requests took'
    return `${service.name}: half of all ${what} ${formatValue(taken.value, time.unit)} or less in ${when}`
  }
  if (figure?.marks.includes('c'))
    return `${service.name}: the numbers for ${when} are hidden to protect people`
  return `${service.name} in ${when}`
}

/** The answer of the city as its title. */
export function cityTitle(release: Release, promises: readonly Standing[]): string {
  const when = periodWords(release.month)
  const known = promises.filter(({ status }) => status !== 'none')
  if (known.length === 0) return `How services did in ${when}`
  const met = known.filter(({ status }) => status === 'on').length
  if (known.length === 1)
    return `${known[0]?.service.name} ${met ? 'met' : 'did not meet'} its standard in ${when}`
  if (met === known.length) return `All ${met} services with a standard met it in ${when}`
  return `${met === 0 ? 'None' : met} of ${known.length} services met ${met === 1 ? 'its' : 'their'} standard in ${when}`
}

/** Which services fell short, the furthest first. */
export function shortWords(promises: readonly Standing[]): string {
  const short = promises
    .filter(({ status }) => status === 'off' || status === 'near')
    .map(({ service, figure, target }) => ({
      service,
      figure,
      target,
      by: (target ?? 0) - (figure?.value ?? 0),
    }))
    .sort((a, b) => b.by - a.by)
  const [first] = short
  if (!first || first.figure?.value == null || first.target === null) return ''
  const names = short.slice(1, 4).map(({ service }) => service.name)
  const rest =
    names.length === 0 ? '' : ` ${andList(names)}${short.length > 4 ? ' and others' : ''} also fell short.`
  return `${first.service.name} was furthest from its promise: ${formatShare(first.figure.value)} in time, where ${formatShare(first.target)} was promised.${rest}`
}

/** A moment in the time of the jurisdiction, to the minute: "15 July 2026, 09:30". */
export function formatMinute(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
    .format(new Date(iso))
    .replace(' at ', ', ')
}
