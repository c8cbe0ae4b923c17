import type { Evidence } from './evidence.ts'
import { extraOf, ofService, type Share, type Stay, staysOf } from './price.ts'
import { demandSigns, loopSigns, mixSigns } from './serviceSigns.ts'
import { grouped, type Sign, upTo } from './sign.ts'
import {
  batchSigns,
  paceSigns,
  pauseSigns,
  serverSigns,
  throughputSigns,
  type WaitSign,
  waitSigns,
} from './stageSigns.ts'

/** A change with its price: person-hours of the period above the earlier level. */
export type Drawn = Sign & {
  extra: number
  spent: number
  expected: number
  /** Cases by which those who wait grow in a week. */
  growth: number
  /** Cases that came to the stage, or began, in the period since the change. */
  cases: number
  /** Hours a case before and in the period. */
  before_hours: number
  hours: number
}

/** In its first weeks a log holds only the cases that came since it began: what changes then is the log. */
const settling = 13
/**
 * Less than this share above the earlier level of a stage, or of a whole service, is not worth a sentence. That other people ask is
 * worth one whenever it makes people wait longer: what else became quicker hides it.
 */
const leastOf = (kind: Sign['kind'], stage: string | null): number =>
  kind === 'mix_shift' ? 0 : stage === null || kind === 'rework' ? 0.02 : 0.05

/**
 * Everything that changed for good and made people wait longer in the period, dearest first. What changed is looked for in what does
 * not hang together by itself (the time work takes, the people at work, the ways cases take, who asks for what), and only then priced
 * in the waits it led to: a busy queue that swings by itself is no finding. Weeks up to `last` are priced; changes are looked for up
 * to `lastWhole`, the last week that is known in full.
 */
export function draw(known: Evidence, inPeriod: Share, last: number, lastWhole = last): Drawn[] {
  const books = new Books(known, last)
  const evidence = upTo(known, lastWhole)
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
  ]
  const explained = new Set(signs.map(({ service }) => service))
  const unexplained = waitSigns(evidence).filter(({ service }) => !explained.has(service))
  const begun = new Map(evidence.demand.map(({ service, week }) => [service, (week[0] ?? 0) + settling]))
  const causes = oneForEach([...signs, ...likelyCauses(evidence, unexplained, books)]).filter(
    ({ service, step }) => step.at >= (begun.get(service) ?? 0),
  )
  const alone = (sign: Sign) => !causes.some((other) => other !== sign && other.service === sign.service)
  return causes
    .map((sign) => books.priced(sign, inPeriod, alone(sign)))
    .filter(({ extra, expected, stage, kind }) => {
      return extra > 0 && extra > leastOf(kind, stage) * expected
    })
    .sort((a, b) => b.extra - a.extra)
}

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

/** Hours and cases of every stage and service, week by week. */
class Books {
  readonly #stages = new Map<string, Stay[]>()
  readonly #services = new Map<string, Stay[]>()
  readonly #evidence: Evidence

  constructor(evidence: Evidence, last: number) {
    this.#evidence = evidence
    for (const row of evidence.occupancy)
      this.#stages.set(keyOf(row.service, row.stage, row.dimension, row.value), staysOf(row, last))
    for (const { service, dimension, value, week, cases } of evidence.demand) {
      const own = evidence.occupancy.filter(
        (row) => row.service === service && row.dimension === dimension && row.value === value,
      )
      const stages = own.map((row) => this.#stages.get(keyOf(service, row.stage, dimension, value)) ?? [])
      this.#services.set(
        keyOf(service, '', dimension, value),
        ofService(stages, new Map(week.map((at, index) => [at, cases[index] ?? 0]))),
      )
    }
  }

  /** All hours spent in a stage. */
  hours(service: string, stage: string): number {
    return (this.#stages.get(keyOf(service, stage, '', '')) ?? []).reduce((sum, { hours }) => sum + hours, 0)
  }

  /** Hours a case of a segment took on average before a week. */
  hoursPerCase(service: string, dimension: string, value: string, before: number): number {
    const stays = (this.#services.get(keyOf(service, '', dimension, value)) ?? []).filter(
      ({ week }) => week < before,
    )
    const came = stays.reduce((sum, each) => sum + each.came, 0)
    return stays.reduce((sum, { hours }) => sum + hours, 0) / Math.max(1, came)
  }

  /** `alone`: nothing else changed in the service, so that all it lost is lost by this. */
  priced(sign: Sign, inPeriod: Share, alone: boolean): Drawn {
    const { kind, service, stage, from_stage, segment, step } = sign
    const of = (at: string | null, dimension = '', value = '') =>
      (at === null ? this.#services : this.#stages).get(keyOf(service, at ?? '', dimension, value)) ?? []
    const above = (stays: readonly Stay[], usual = 1) => extraOf(stays, step.at, inPeriod, usual)
    const priced = (
      { spent, expected, cases, perCase, growth }: ReturnType<typeof above>,
      extra: number,
    ): Drawn => ({
      ...sign,
      ...{
        extra,
        spent,
        expected,
        cases,
        growth,
        before_hours: perCase,
        hours: spent / Math.max(1e-9, cases),
      },
    })
    const more = sign.after - sign.before
    switch (kind) {
      case 'arrivals': {
        const whole = above(of(null), Math.exp(-step.change))
        return priced(whole, whole.extra)
      }
      case 'mix_shift': {
        const whole = above(of(null))
        const slower = this.hoursPerCase(service, segment?.dimension ?? '', segment?.value ?? '', step.at)
        // the others are quicker by what this part of the cases was slower
        const apart = (slower - whole.perCase) / Math.max(0.1, 1 - sign.before)
        const direct = more * apart * whole.cases
        return priced(whole, alone && whole.extra > swing * whole.expected ? whole.extra : direct)
      }
      case 'rework': {
        // the loop costs where cases go it: by the cases of the service, because its visits are more of them than before
        const loop = [stage, ...(from_stage === stage ? [] : [from_stage])]
        const extra = loop.reduce((sum, at) => sum + above(this.#byCases(service, at ?? '')).extra, 0)
        const way = loop.map((at) => above(of(at)))
        const again = way.reduce((sum, { spent, cases }) => sum + spent / Math.max(1, cases), 0)
        // at least the visits made again, without the queue they lengthen
        return priced(above(of(null)), Math.max(extra, more * again * (way.at(-1)?.cases ?? 0)))
      }
      case 'clock_stops': {
        const own = above(of(stage))
        const paused = this.#paused(sign, inPeriod)
        // clocks that stand while people wait no longer than before hide a wait; they do not make one
        return priced(own, own.extra > 0.25 * paused ? own.extra : paused)
      }
      case 'batching': {
        // what is handed on in batches queues once more at the next stage
        const [own, next] = [above(of(stage)), above(of(this.#next(service, stage)))]
        return priced(own, own.extra + Math.max(0, next.extra))
      }
      case 'segment': {
        const own = above(of(stage, segment?.dimension, segment?.value))
        // those who come later leave the others a shorter queue: together they lose no more than the stage
        const whole = above(of(stage)).extra
        return priced(own, whole > 0 ? Math.min(own.extra, whole) : own.extra)
      }
      default: {
        const own = above(of(stage))
        return priced(own, own.extra)
      }
    }
  }

  /** The stage that most cases go to from here; empty where most end. */
  #next(service: string, stage: string | null): string {
    const ways = this.#evidence.edges.filter((edge) => edge.service === service && edge.from_stage === stage)
    const total = (cases: readonly number[] = []) => cases.reduce((sum, each) => sum + each, 0)
    const all = total(ways.find((way) => way.stage === '')?.cases)
    return ways.find((way) => way.stage !== '' && !way.is_back && total(way.cases) > 0.5 * all)?.stage ?? ''
  }

  /** The hours of a stage beside the cases that began in the service, however often they come to it. */
  #byCases(service: string, stage: string): Stay[] {
    const began = new Map(
      this.#services.get(keyOf(service, '', '', ''))?.map(({ week, came }) => [week, came]),
    )
    return (this.#stages.get(keyOf(service, stage, '', '')) ?? []).map((stay) => ({
      ...stay,
      came: began.get(stay.week) ?? 0,
    }))
  }

  /** Hours of stopped clocks above what they were. */
  #paused({ service, stage, step }: Sign, inPeriod: Share): number {
    const row = this.#evidence.pauses.find((each) => each.service === service && each.stage === stage)
    if (!row) return 0
    const stays = row.week.map((week, index) => ({
      week,
      hours: row.hours[index] ?? 0,
      came: row.visits[index] ?? 0,
      net: 0,
    }))
    return extraOf(stays, step.at, inPeriod).extra
  }
}

/** The hours of a whole service swing by themselves by so much: less is no measure. */
const swing = 0.1

const keyOf = (...parts: string[]) => parts.join('\n')
