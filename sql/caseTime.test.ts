import { expect, test } from 'vitest'
import { spentTime } from './caseTime.ts'

/** Repeatable chance: the same seed gives the same cases. */
function chance(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const moment = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString()

test('whatever a source says, every moment of a case is told once and the parts add up to the whole', () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = chance(seed)
    const at = (most: number) => Math.floor(random() * most)
    let left = at(500)
    const visits = Array.from({ length: at(6) }, (_, index) => {
      const entered = left
      left += at(400)
      const began = random() < 0.5 ? entered + at(left - entered + 1) : null
      return {
        ...{ position: index + 1, stage: `S${at(3)}`, from_stage: '', team: '', repetition: 1 },
        ...{ entered_at: moment(entered), left_at: moment(left) },
        started_at: began === null ? null : moment(began),
      }
    })
    // pauses and stops anywhere, also before the beginning, after the end, and without a way back
    const times = Array.from({ length: at(6) }, () => at(left + 300)).sort((a, b) => a - b)
    const clock = times.map((time) => ({
      ...{ time: moment(time), stage: '', reason: '' },
      event: (['start', 'pause', 'resume', 'stop'] as const)[at(4)] ?? 'start',
    }))
    const started = at(600)
    const closed = random() < 0.5 ? moment(started + at(2_000)) : null
    const spent = spentTime({
      started_at: moment(started),
      closed_at: closed,
      extended_due_at: null,
      paused_since: null,
      last_event_at: moment(left),
      known_until_us: random() < 0.5 ? Date.parse(moment(left + at(900))) * 1000 : undefined,
      visits,
      clock,
    })
    const { wait_hours, touch_hours, paused_hours, ended_hours, hours, pieces } = spent
    const sum = wait_hours + (touch_hours ?? 0) + paused_hours + ended_hours
    expect(sum, `seed ${seed}`).toBeCloseTo(hours, 9)
    let reached = moment(started)
    for (const piece of pieces) {
      expect(piece.from, `seed ${seed}`).toBe(reached)
      reached = piece.until
    }
    expect(reached, `seed ${seed}`).toBe(spent.known_until)
  }
})
