import type {
  Bottlenecks,
  KpiFigure,
  Kpis,
  Meta,
  OutcomesAnswer,
  SatisfactionAnswer,
} from '../answerTypes.ts'
import {
  formatCount,
  formatDuring,
  formatInterval,
  formatShare,
  formatStat,
  missingReasons,
} from './format.ts'
import { changeWords, findingWords } from './words.ts'

/** The answer of a page or a section in one sentence. */

const real = ({ change }: Pick<KpiFigure, 'change'>) =>
  change.verdict === 'better' || change.verdict === 'worse'

/** ", up from 12 days": only where the change is real. */
const direction = ({ change, compare }: Pick<KpiFigure, 'change' | 'compare'>): string =>
  real({ change }) && compare && change.absolute !== null
    ? `, ${change.absolute > 0 ? 'up' : 'down'} from ${formatStat(compare)}`
    : ''

/** Whether requests or waits are told of a service. */
export const kindOf = ({ streams }: Pick<Meta['services'][number], 'streams'>) =>
  streams.includes('case_events') ? ('cases' as const) : ('waits' as const)

/** How one service did: how many of its requests were in time or, without a promise, how long it took. */
export function serviceTitle(service: Meta['services'][number], { kpis, period }: Kpis): string {
  const main = kindOf(service) === 'cases' ? 'time_to_outcome_median' : 'wait_median'
  const onTime = kpis.find(({ id }) => id === 'on_time_rate')
  const time = kpis.find(({ id }) => id === main)
  const when = formatDuring(period)
  const lead = onTime?.stat.value != null && onTime.target !== null ? onTime : time
  if (!lead || lead.stat.value === null) return `${service.name}: nothing to report ${when}`
  if (lead === onTime)
    return `${service.name}: ${formatStat(lead.stat)} closed on time ${when}${direction(lead)}`
  const noun = main === 'wait_median' ? 'a typical wait of' : 'typically'
  return `${service.name}: ${noun} ${formatStat(lead.stat)} ${when}${direction(lead)}`
}

/** How many of those who answered were satisfied. */
export function satisfactionTitle({
  answered,
  satisfied,
  satisfied_compare,
  change,
  period,
}: SatisfactionAnswer): string {
  const when = formatDuring(period)
  if (answered === 0) return `Nobody answered ${when}`
  if (satisfied.status !== 'ok') return `Satisfaction ${when}: ${missingReasons[satisfied.status]}`
  return `${formatStat(satisfied)} of those who answered were satisfied ${when}${direction({ change, compare: satisfied_compare })}`
}

/** How sure that is, how it changed, and how many answered at all. */
export const satisfactionLead = (data: SatisfactionAnswer): string =>
  [
    formatInterval(data.satisfied) && `${formatInterval(data.satisfied)}.`,
    changeWords(data.change, data.satisfied, data.compare_period),
    `${formatCount(data.answered)} of ${formatCount(data.offered)} people asked gave an answer (${formatStat(data.response)}), ${formatCount(data.no_opinion)} of them without an opinion: those who stay silent may think otherwise.`,
  ]
    .filter((words) => words !== '')
    .join(' ')

/** Where it got worse most. */
export function bottlenecksTitle({ findings, stages, period }: Bottlenecks, name: (id: string) => string) {
  const when = formatDuring(period)
  const top = findings[0]
  if (stages.length === 0) return `No stages to compare ${when}`
  if (!top) return `Nothing changed for good that made people wait longer ${when}`
  const what = top.stage ?? findingWords[top.kind].name.toLowerCase()
  return `${name(top.service)}: ${what} cost people ${costWords(top.extra_hours)} more than before`
}

const twoDigits = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 2, maximumFractionDigits: 0 })

/** What a finding cost, as exactly as it is known: "4,600 person-hours". */
export const costWords = (hours: number) => `${twoDigits.format(hours)} person-hours`

/** How many got what they came for. */
export function outcomesTitle({ intended, period, closed }: OutcomesAnswer): string {
  const when = formatDuring(period)
  return intended.status === 'ok'
    ? `How it ended: ${formatStat(intended)} got what they came for ${when}`
    : `How it ended: what the end of ${formatCount(closed)} closed requests means is not known ${when}`
}

type Codes = OutcomesAnswer['classes'][number]['codes']
export const codeWords = (list: Codes) =>
  list.map(({ code, cases }) => `${code === '' ? 'none told' : code} (${formatCount(cases)})`).join(', ')

/** What the classes of outcomes count, and in plain words what nothing is known of. */
export function outcomesSummary({ classes, closed, intended }: OutcomesAnswer): string {
  const of = (name: OutcomesAnswer['classes'][number]['class']) => classes.find((one) => one.class === name)
  const [unmapped, duplicate, notEligible] = [of('unmapped'), of('duplicate'), of('not_eligible')]
  const said = [`${formatCount(closed)} requests were closed.`]
  if (notEligible?.cases) said.push('Who was rightly told not to be eligible got a proper answer.')
  if (duplicate?.cases) said.push('A duplicate is closed, not solved: it is neither for nor against.')
  if (unmapped?.cases)
    said.push(
      `Of ${formatCount(unmapped.cases)} (${formatShare(unmapped.cases / closed)}) it is not known what their end means: ${codeWords(unmapped.codes.slice(0, 3))}. They are never counted as solved.`,
    )
  if (intended.status === 'ok' && intended.n !== closed)
    said.push(
      `The share above is of the ${formatCount(intended.n)} ends that are known to be, or not to be, what people came for.`,
    )
  return said.join(' ')
}
