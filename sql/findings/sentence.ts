import { dimensionWord } from '../dimensionWord.ts'
import { labelOf } from '../kpiFigures.ts'
import type { Reading } from '../reader.ts'
import { days, hours, monthsOf } from '../words.ts'
import type { Drawn } from './books.ts'

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 })
const percent = (share: number): string => `${whole.format(share * 100)} %`

/** A finding in plain words: what changed, what it cost, since when. */
export function sentenceOf(drawn: Drawn, since: string, reading: Reading): string {
  const { extra, cases, hours: now, before_hours: before } = drawn
  const cost = `It cost people ${hours(extra)} more in ${monthsOf(reading.period)} than at the earlier level: ${days(now)} instead of ${days(before)} on average, ${whole.format(cases)} cases.`
  const queue = drawn.growth >= 1 ? ` The queue grows by ${whole.format(drawn.growth)} a week.` : ''
  return `${changeOf(drawn, reading)} ${cost}${whomWords(drawn, reading)} It began about ${since}.${queue}`
}

/** Of what, in how few groups: "84 % of it is in North (district), with 22 % of the cases." */
function whomWords({ whom, kind }: Drawn, reading: Reading): string {
  if (!whom) return ''
  const names = whom.values.map((value) => labelOf(reading, whom.dimension, value)).join(' and ')
  const groups = `${names} (${dimensionWord(whom.dimension)})`
  const what =
    kind === 'arrivals' ? 'the additional cases are' : kind === 'rework' ? 'the visits added are' : 'it is'
  return ` ${percent(whom.share)} of ${what} in ${groups}, with ${percent(whom.usual_share)} of the cases before.`
}

function changeOf({ kind, measure, before, after, ...drawn }: Drawn, reading: Reading): string {
  const service = labelOf(reading, 'service', drawn.service)
  const stage = `“${drawn.stage}” (${service})`
  const segment = drawn.segment
    ? `${labelOf(reading, drawn.segment.dimension, drawn.segment.value)} (${drawn.segment.dimension})`
    : ''
  const longer = `${whole.format(100 * (after / before - 1))} % longer`
  if (kind === 'arrivals')
    return `More people ask for ${service}: ${whole.format(after)} cases a week instead of ${whole.format(before)}.`
  if (kind === 'mix_shift')
    return `More of the cases of ${service} are ${segment}, which take longer: ${percent(after)} instead of ${percent(before)}.`
  if (kind === 'rework')
    return `More cases go back from “${drawn.from_stage}” to ${stage}: ${percent(after)} instead of ${percent(before)}.`
  if (kind === 'batching')
    return `${stage} hands its work on in fewer, larger batches: of two cases of a week, ${percent(after)} are done on the same day instead of ${percent(before)}.`
  if (kind === 'clock_stops')
    return `At ${stage} the clock is stopped for ${percent(after)} of the cases instead of ${percent(before)}.`
  if (kind === 'capacity' && measure === 'people')
    return `At ${stage} ${tenth.format(after)} cases are worked on at a time instead of ${tenth.format(before)} although people wait${segment ? `, at ${segment}` : ''}.`
  if (kind === 'capacity' && measure === 'cases')
    return `${stage} gets ${tenth.format(after)} cases done on a working day instead of ${tenth.format(before)}, although more are waiting.`
  if (kind === 'capacity')
    return `${stage} gets through fewer cases than come; those served at once are served as fast as before.`
  if (kind === 'segment') return `${stage} takes ${longer} for ${segment}, and for the others it does not.`
  return measure === 'work'
    ? `The work at ${stage} takes ${longer} for the same kind of case.`
    : `People stay ${longer} at ${stage} for the same kind of case.`
}
