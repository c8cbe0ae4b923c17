import type { Evidence } from './evidence.ts'
import { grouped, levels, means, type Sign, yearOfWeeks } from './sign.ts'
import { stepOf } from './step.ts'

/** Few services are looked at, and each once: chance alone stays below one in a thousand. */
const surelyOfDemand = 3.7
const surely = 5
const fewestWeeks = 3

/** A service that more people ask for. The yearly wave is taken out. */
export function demandSigns(
  { demand, batches }: Pick<Evidence, 'demand' | 'batches'>,
  bar = surelyOfDemand,
): Sign[] {
  const open = openDays(batches)
  return demand
    .filter(({ dimension }) => dimension === '')
    .flatMap(({ service, week, cases }) => {
      const counts = week.map((at, index) => ({ at, value: cases[index] ?? 0, weight: 1 }))
      const beside = week.map((at) => open.get(at) ?? workingDays)
      const step = stepOf(counts, { fewest: fewestWeeks, season: yearOfWeeks, family: 'count', beside })
      if (!step || step.z < bar || step.change < Math.log(1.08)) return []
      const about = { service, stage: null, from_stage: null, segment: null }
      return [
        {
          ...about,
          kind: 'arrivals' as const,
          measure: 'cases' as const,
          step,
          bar,
          ...levels(counts, step.at),
        },
      ]
    })
}

/** On how many days of a week anybody in the city completed anything: fewer people come in weeks with holidays. */
function openDays(batches: Evidence['batches']): Map<number, number> {
  const open = new Map<number, number>()
  for (const { week, days } of batches)
    for (const [index, at] of week.entries()) open.set(at, Math.max(open.get(at) ?? 0, days[index] ?? 0))
  return open
}
const workingDays = 5

/** A service that is asked for by another mix of people: `hoursOf` tells the hours a case of a segment takes. */
export function mixSigns(
  demand: Evidence['demand'],
  hoursOf: (service: string, dimension: string, value: string, before: number) => number,
): Sign[] {
  const wholes = new Map(demand.filter(({ dimension }) => dimension === '').map((row) => [row.service, row]))
  const found = demand
    .filter(({ dimension }) => dimension !== '')
    .flatMap(({ service, dimension, value, week, cases }) => {
      const whole = wholes.get(service)
      if (!whole) return []
      const own = new Map(week.map((at, index) => [at, cases[index] ?? 0]))
      const points = means(
        whole.week,
        whole.week.map((at) => own.get(at) ?? 0),
        whole.cases,
      )
      const step = stepOf(points, {
        ...{ fewest: fewestWeeks, season: yearOfWeeks, floor: 0.01 },
        family: 'share',
      })
      if (!step || Math.abs(step.z) < surely || step.change < 0.04) return []
      const [usual, slower] = [hoursOf(service, '', '', step.at), hoursOf(service, dimension, value, step.at)]
      const about = { service, stage: null, from_stage: null, segment: { dimension, value } }
      const { before, after } = levels(points, step.at)
      return [
        {
          ...about,
          kind: 'mix_shift' as const,
          measure: 'share' as const,
          step,
          bar: surely,
          before,
          after,
          weight: step.change * (slower - usual),
        },
      ]
    })
  return [...grouped(found, ({ service }) => service).values()].flatMap((signs) => {
    const [best] = signs.sort((a, b) => b.weight - a.weight)
    if (!best) return []
    const { weight: _, ...sign } = best
    return [sign]
  })
}

/** A way back that more cases take than before. */
export function loopSigns(edges: Evidence['edges']): Sign[] {
  const leaving = new Map(
    edges.filter(({ stage }) => stage === '').map((row) => [`${row.service}\n${row.from_stage}`, row]),
  )
  const found = edges.flatMap(({ service, from_stage, stage, is_back, week, cases }) => {
    const all = leaving.get(`${service}\n${from_stage}`)
    if (!is_back || !all) return []
    const taken = new Map(week.map((at, index) => [at, cases[index] ?? 0]))
    const points = means(
      all.week,
      all.week.map((at) => taken.get(at) ?? 0),
      all.cases,
    )
    const step = stepOf(points, { fewest: fewestWeeks, floor: 0.01, family: 'share' })
    if (!step || step.z < surely || step.change < 0.04) return []
    const about = { service, stage, from_stage, segment: null }
    return [
      {
        ...{ ...about, kind: 'rework' as const, measure: 'share' as const, step, bar: surely },
        ...levels(points, step.at),
      },
    ]
  })
  // one loop makes several ways back fuller: the one that grew most is where it begins
  return [...grouped(found, ({ service }) => service).values()].flatMap((signs) =>
    signs.sort((a, b) => b.step.change - a.step.change).slice(0, 1),
  )
}
