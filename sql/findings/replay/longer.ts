import { grouped } from '../sign.ts'
import type { Case, Visit } from './cases.ts'
import type { Service } from './service.ts'

/** The logarithm of the factor by which work takes longer since a change, and its standard error. */
export type Longer = { change: number; error: number }

/** How much longer the chosen visits take since the change for the same kind of case. Null where there is nothing to compare. */
export function longerSince(service: Service, isChosen: (of: Case, visit: Visit) => boolean): Longer | null {
  const chosen = service.cases.flatMap((of) =>
    of.visits
      .filter((visit) => visit.left <= service.end && visit.work >= 0 && isChosen(of, visit))
      .map((visit) => ({ kind: `${of.subtype}\n${of.channel}\n${visit.team}`, visit })),
  )
  let [longer, weight, squares, free] = [0, 0, 0, 0]
  for (const kind of grouped(chosen, (each) => each.kind).values()) {
    const logs = (of: (visit: Visit) => boolean) =>
      kind.filter(({ visit }) => of(visit)).map(({ visit }) => Math.log(Math.max(60, visit.work)))
    const [before, since] = [
      logs(({ begun }) => begun < service.change),
      logs(({ begun }) => begun >= service.change),
    ]
    if (before.length === 0 || since.length === 0) continue
    const own = (before.length * since.length) / (before.length + since.length)
    longer += own * (mean(since) - mean(before))
    weight += own
    for (const side of [before, since]) {
      squares += side.reduce((sum, each) => sum + (each - mean(side)) ** 2, 0)
      free += side.length - 1
    }
  }
  if (weight === 0) return null
  return { change: longer / weight, error: Math.sqrt(squares / Math.max(1, free) / weight) }
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length
