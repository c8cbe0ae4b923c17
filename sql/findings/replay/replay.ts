import type { Case, Visit } from './cases.ts'
import type { OpenHours } from './openHours.ts'
import { Soonest } from './soonest.ts'

/** How a service works: whom the cases queue for, and which stages hand on at moments of their own instead. */
export type Office = {
  hours: OpenHours
  staff: (team: string, moment: number) => number
  urgent: string | null
  meetings: ReadonlyMap<string, Meetings>
}

/** The moments at which a stage hands on, and by how many seconds before one a case must be there. */
export type Meetings = { at: readonly number[]; notice: number }

type Turn = { of: Case; place: number; does: 'enter' | 'queue' | 'done' }
type Queue = { urgent: Turn[]; others: Turn[]; heads: { urgent: number; others: number }; busy: number }

/**
 * Leads cases through a service: they come in when they came, queue for the people there are, first come, first served, and take
 * as long as they took. Gives the person-hours spent between two moments.
 */
export function replay(cases: readonly Case[], office: Office, from: number, until: number): number {
  const { hours, staff, urgent, meetings } = office
  const agenda = new Soonest<Turn>()
  const queues = new Map<string, Queue>()
  const there = new Map<Case, number>()
  let seconds = 0
  const leave = (of: Case, moment: number) => {
    const since = there.get(of)
    if (since !== undefined) seconds += Math.max(0, Math.min(moment, until) - Math.max(since, from))
    there.delete(of)
  }
  const enter = (of: Case, place: number, moment: number) => {
    leave(of, moment)
    const visit = of.visits[place]
    if (!visit) return
    there.set(of, moment)
    const meeting = meetings.get(visit.stage)
    const next = meeting ? nextOf(meeting, moment) : moment + visit.paused
    agenda.add(next, { of, place, does: meeting ? 'done' : 'queue' })
  }
  const assign = (team: string, queue: Queue, moment: number) => {
    const worked = hours.worked(moment)
    while (queue.busy < staff(team, moment)) {
      const which = queue.heads.urgent < queue.urgent.length ? 'urgent' : 'others'
      const turn = queue[which][queue.heads[which]]
      if (!turn) return
      queue.heads[which]++
      queue.busy++
      agenda.add(hours.at(worked + Math.max(least, workOf(turn))), { ...turn, does: 'done' })
    }
  }
  for (const of of cases) agenda.add(of.arrived, { of, place: 0, does: 'enter' })
  while (agenda.at < until) {
    const happens = agenda.next()
    if (!happens) break
    const { at, what } = happens
    const { of, place } = what
    if (what.does === 'enter') {
      enter(of, place, at)
      continue
    }
    const visit = of.visits[place] as Visit
    if (what.does === 'done') {
      enter(of, place + 1, at)
      if (meetings.has(visit.stage)) continue
    }
    const queue = queues.get(visit.team) ?? {
      ...{ urgent: [], others: [], busy: 0 },
      heads: { urgent: 0, others: 0 },
    }
    queues.set(visit.team, queue)
    if (what.does === 'queue') queue[of.subtype === urgent ? 'urgent' : 'others'].push(what)
    else queue.busy--
    assign(visit.team, queue, at)
  }
  for (const of of [...there.keys()]) leave(of, until)
  return seconds / 3600
}

const least = 60
const workOf = ({ of, place }: Turn): number => of.visits[place]?.work ?? 0

/** The first moment at which a stage hands on whoever is there now; never, if there is none. */
function nextOf({ at, notice }: Meetings, moment: number): number {
  let [low, high] = [0, at.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] ?? 0) >= moment + notice) high = middle
    else low = middle + 1
  }
  return at[low] ?? Number.POSITIVE_INFINITY
}
