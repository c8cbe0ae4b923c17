import { between } from './between.ts'
import { Books, type Drawn } from './books.ts'
import type { Evidence } from './evidence.ts'
import type { Share } from './price.ts'
import { demandSigns, loopSigns, mixSigns } from './serviceSigns.ts'
import { grouped, isSure, type Sign } from './sign.ts'
import {
  batchSigns,
  paceSigns,
  pauseSigns,
  segmentsToProve,
  serverSigns,
  throughputSigns,
  type WaitSign,
  waitSigns,
} from './stageSigns.ts'

/** In its first weeks a log holds only the cases that came since it began: what changes then is the log. */
const settling = 13
/**
 * Less than this share above the earlier level of a stage, or of a whole service, is not worth a sentence. That other people ask is
 * worth one for less: what else became quicker hides it.
 */
const leastOf = (kind: Sign['kind'], stage: string | null): number =>
  kind === 'mix_shift' ? 0.005 : stage === null || kind === 'rework' ? 0.02 : 0.05

/** What another mix costs shows in full only where its cases are led through the service once more: it is judged after that. */
export const isWorthTelling = ({ extra, expected, stage, kind }: Drawn): boolean =>
  extra > 0 && extra > leastOf(kind, stage) * expected

/**
 * Everything that changed for good and made people wait longer in the period, dearest first. What changed is looked for in what does
 * not hang together by itself (the time work takes, the people at work, the ways cases take, who asks for what), and only then priced
 * in the waits it led to: a busy queue that swings by itself is no finding. Weeks up to `last` are priced; changes are looked for up
 * to `lastWhole`, the last week that is known in full.
 */
export function draw(known: Evidence, inPeriod: Share, last: number, lastWhole = last): Drawn[] {
  const books = new Books(known, last)
  const evidence = between(known, Number.NEGATIVE_INFINITY, lastWhole)
  const services = evidence.demand.filter(({ dimension }) => dimension === '').length
  const signs = [
    ...batchSigns(evidence.batches),
    ...pauseSigns(evidence.pauses),
    ...serverSigns(evidence.servers, (service, stage) => books.hours(service, stage)),
    ...throughputSigns(evidence),
    ...paceSigns(evidence.visits),
    ...loopSigns(evidence.edges),
    ...demandSigns(evidence),
    ...mixSigns(evidence.demand, (service, dimension, value, before) =>
      books.hoursPerCase(service, dimension, value, before),
    ),
  ].filter((sign) => isSure(sign, services))
  const explained = new Set(signs.map(({ service }) => service))
  const unexplained = waitSigns(evidence).filter(
    (sign) => !explained.has(sign.service) && isSure(sign, services),
  )
  const begun = new Map(evidence.demand.map(({ service, week }) => [service, (week[0] ?? 0) + settling]))
  const isSettled = ({ service, step }: Sign) => step.at >= (begun.get(service) ?? 0)
  const causes = oneForEach([...signs, ...likelyCauses(evidence, unexplained, books)]).filter(isSettled)
  const isKnown = (sign: Sign) =>
    causes.some((cause) => cause.service === sign.service && cause.stage === sign.stage && !isByStays(cause))
  const toProve = segmentsToProve(evidence.visits).filter(
    (sign) => isSure(sign, services) && isSettled(sign) && !isKnown(sign),
  )
  const alone = (sign: Sign) => !causes.some((other) => other !== sign && other.service === sign.service)
  return [...causes, ...toProve]
    .map((sign) => books.priced(sign, inPeriod, alone(sign)))
    .filter((drawn) => (drawn.kind === 'mix_shift' ? drawn.extra > 0 : isWorthTelling(drawn)))
    .sort((a, b) => b.extra - a.extra)
}

/** Only that people stay longer at a stage, and not why. */
const isByStays = ({ measure, segment }: Sign): boolean => measure === 'stay' && segment === null

/**
 * Where people surely wait longer, a change that alone would not be proof is the likely cause: more people who ask, fewer who work,
 * slower work. Without any of them the wait itself is the finding.
 */
function likelyCauses(evidence: Evidence, waits: readonly WaitSign[], books: Books): Sign[] {
  if (waits.length === 0) return []
  const weak = [
    ...demandSigns(evidence, likely),
    ...serverSigns(evidence.servers, (service, stage) => books.hours(service, stage), likely),
    ...paceSigns(evidence.visits, likely),
  ]
  return [...grouped(waits, ({ service }) => service).values()].flatMap((signs) => {
    const [wait] = signs.sort((a, b) => b.step.z - a.step.z)
    if (!wait) return []
    const causes = weak.filter(({ service, stage, step }) => {
      if (service !== wait.service || step.at > wait.step.latest) return false
      return stage === null || (stage === wait.stage && !wait.busier)
    })
    const [cause] = causes.sort((a, b) => Math.abs(b.step.z) - Math.abs(a.step.z))
    if (cause) return [cause]
    // a queue that grew while more was done swings with what came: neither is the work slower nor are people missing
    const { busier, ...sign } = signs.find((each) => !each.busier) ?? wait
    return busier ? [] : [sign]
  })
}
const likely = 3

/**
 * One change of a stage shows in several ways: handing on in batches makes the work seem slower, and so do pauses. The first
 * in this order explains the others.
 */
const firstCause = [
  'batching',
  'clock_stops',
  'segment',
  'slower_stage',
  'capacity',
  'rework',
  'arrivals',
  'mix_shift',
]

function oneForEach(signs: readonly Sign[]): Sign[] {
  return [...grouped(signs, ({ service, stage, kind }) => `${service}\n${stage ?? kind}`).values()].flatMap(
    (group) => group.sort((a, b) => firstCause.indexOf(a.kind) - firstCause.indexOf(b.kind)).slice(0, 1),
  )
}
