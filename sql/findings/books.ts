import type { Evidence } from './evidence.ts'
import { besideChange, extraOf, ofService, type Share, type Stay, staysOf } from './price.ts'
import { grouped, type Sign } from './sign.ts'
import { type Group, type Whom, whomOf } from './whom.ts'

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
  /** Null where no group stands out. */
  whom: Whom | null
}

/** Hours and cases of every stage and service, week by week. */
export class Books {
  readonly #stages = new Map<string, Stay[]>()
  readonly #services = new Map<string, Stay[]>()
  /** Dimensions and values told of a stage, or of a service. */
  readonly #groups: ReadonlyMap<string, readonly { dimension: string; value: string }[]>
  readonly #evidence: Evidence

  constructor(evidence: Evidence, last: number) {
    this.#evidence = evidence
    const told = [...evidence.occupancy, ...evidence.demand.map((row) => ({ ...row, stage: '' }))]
    this.#groups = grouped(
      told.filter(({ dimension }) => dimension !== ''),
      ({ service, stage }) => keyOf(service, stage),
    )
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
    return { ...this.#priced(sign, inPeriod, alone), whom: this.#whom(sign, inPeriod) }
  }

  #priced(sign: Sign, inPeriod: Share, alone: boolean): Omit<Drawn, 'whom'> {
    const { kind, service, stage, from_stage, segment, step } = sign
    const of = (at: string | null, dimension = '', value = '') => this.#staysOf(service, at, dimension, value)
    const above = (stays: readonly Stay[], usual = 1) => extraOf(stays, step.at, inPeriod, usual)
    const priced = (
      { spent, expected, cases, perCase, growth }: ReturnType<typeof above>,
      extra: number,
    ): Omit<Drawn, 'whom'> => ({
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

  /** Of a stage, or of the whole service. */
  #staysOf(service: string, stage: string | null, dimension: string, value: string): readonly Stay[] {
    const books = stage === null ? this.#services : this.#stages
    return books.get(keyOf(service, stage ?? '', dimension, value)) ?? []
  }

  /**
   * The groups that a change hits: by the hours they lost, or by the cases that came (or came back) in addition. A change of one segment, or of the mix,
   * is known by it.
   */
  #whom({ kind, service, stage, step }: Sign, inPeriod: Share): Whom | null {
    if (kind === 'mix_shift' || kind === 'segment') return null
    const groups = (this.#groups.get(keyOf(service, stage ?? '')) ?? []).map(
      ({ dimension, value }): Group => {
        const stays = this.#staysOf(service, stage, dimension, value)
        return { dimension, value, weeks: besideChange(stays, step.at) }
      },
    )
    return whomOf(groups, {
      at: step.at,
      inPeriod,
      of: kind === 'arrivals' || kind === 'rework' ? 'cases' : 'hours',
    })
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
