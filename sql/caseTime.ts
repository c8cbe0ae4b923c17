import { days } from './words.ts'

type Visit = {
  position: number
  stage: string
  from_stage: string
  team: string
  entered_at: string
  started_at: string | null
  left_at: string
  repetition: number
}
type ClockEvent = {
  time: string
  event: 'start' | 'pause' | 'resume' | 'stop'
  stage: string
  reason: string
}
type Facts = {
  started_at: string
  closed_at: string | null
  extended_due_at: string | null
  paused_since: string | null
  last_event_at: string
  /** Where what is known of the source ends, in microseconds since 1970. */
  known_until_us: number | undefined
  visits: Visit[]
  clock: ClockEvent[]
}

/** `paused`: the clock stood still. `ended`: between an end and being opened again. */
export const pieceKinds = ['wait', 'touch', 'paused', 'ended'] as const
export type PieceKind = (typeof pieceKinds)[number]

/** A stretch of a case's time. `position` is the visit it belongs to; null is after the last one. */
export type Piece = {
  kind: PieceKind
  position: number | null
  from: string
  until: string
  hours: number
  reason: string
}

/** Microseconds since 1970 of a moment with up to six decimals. */
function micros(moment: string): number {
  const fraction = /\.(\d+)/.exec(moment)?.[1] ?? ''
  return Date.parse(moment.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

const momentOf = (us: number): string => new Date(Math.floor(us / 1000)).toISOString()
const hoursOf = (us: number): number => us / 3.6e9

type Stretch = { from: number; until: number }
type Still = Stretch & { kind: 'paused' | 'ended'; reason: string }

/** When the clock stood still: from a pause or a stop to the next thing that happened to it. */
function stills(clock: ClockEvent[], end: number): Still[] {
  return clock.flatMap(({ event, time, reason }, at) => {
    if (event !== 'pause' && event !== 'stop') return []
    const next = clock[at + 1]
    const until = next ? micros(next.time) : end
    return [{ from: micros(time), until, kind: event === 'pause' ? 'paused' : 'ended', reason } as const]
  })
}

/** Cuts the stretches in which the clock stood still out of one of wait or touch. */
function cut(stretch: Stretch, kind: 'wait' | 'touch', position: number | null, still: Still[]): Piece[] {
  const pieces: Piece[] = []
  const add = (kind: PieceKind, from: number, until: number, reason = '') => {
    if (until <= from) return
    pieces.push({
      kind,
      position,
      from: momentOf(from),
      until: momentOf(until),
      hours: hoursOf(until - from),
      reason,
    })
  }
  let at = stretch.from
  for (const pause of still) {
    const [from, until] = [Math.max(at, pause.from), Math.min(stretch.until, pause.until)]
    if (until <= from) continue
    add(kind, at, from)
    add(pause.kind, from, until, pause.reason)
    at = until
  }
  add(kind, at, stretch.until)
  return pieces
}

/** Divides the time of a case, from its beginning to its end (or to what is known), into wait, touch and pauses. */
export function spentTime(facts: Facts) {
  const { visits, clock, closed_at, extended_due_at, paused_since } = facts
  const start = micros(facts.started_at)
  const lastEvent = micros(facts.last_event_at)
  const end = Math.max(start, closed_at ? micros(closed_at) : Math.max(lastEvent, facts.known_until_us ?? 0))
  const still = stills(clock, end)
  const pieces: Piece[] = []
  let at = start
  // whatever the source says, every moment is told once
  const upTo = (until: number, kind: 'wait' | 'touch', position: number | null) => {
    const stretch = { from: at, until: Math.min(until, end) }
    if (stretch.until <= at) return
    pieces.push(...cut(stretch, kind, position, still))
    at = stretch.until
  }
  for (const { position, started_at, left_at } of visits) {
    if (started_at) upTo(micros(started_at), 'wait', position)
    upTo(micros(left_at), started_at ? 'touch' : 'wait', position)
  }
  upTo(end, 'wait', null)
  const sum = (kind: PieceKind, position?: number) =>
    pieces
      .filter((piece) => piece.kind === kind && (position === undefined || piece.position === position))
      .reduce((hours, piece) => hours + piece.hours, 0)
  // while the clock stands still nothing gets later
  const lateAt = closed_at || !paused_since ? end : Math.min(end, micros(paused_since))
  const late = extended_due_at ? hoursOf(lateAt - micros(extended_due_at)) : null
  return {
    known_until: momentOf(end),
    hours: hoursOf(end - start),
    wait_hours: sum('wait'),
    /** Null where the source tells only when activities ended: the wait then includes the work. */
    touch_hours: visits.some(({ started_at }) => started_at !== null) ? sum('touch') : null,
    paused_hours: sum('paused'),
    ended_hours: sum('ended'),
    late_by_hours: late !== null && late > 0 ? late : null,
    visits: visits.map((visit) => ({
      ...visit,
      wait_hours: sum('wait', visit.position),
      touch_hours: visit.started_at ? sum('touch', visit.position) : null,
      paused_hours: sum('paused', visit.position) + sum('ended', visit.position),
    })),
    pieces,
  }
}

type Spent = ReturnType<typeof spentTime>

/** Where the time of a case went, in plain words. */
export function timeSentence(
  one: Spent & { closed_at: string | null; extended_due_at: string | null; current_stage: string },
): string {
  const { closed_at, hours, wait_hours, touch_hours, paused_hours, ended_hours, late_by_hours } = one
  const parts = [
    touch_hours === null
      ? `${days(wait_hours)} of waiting and work, which this source does not tell apart`
      : `${days(wait_hours)} of waiting`,
    ...(touch_hours ? [`${days(touch_hours)} of work`] : []),
    ...(paused_hours > 0
      ? [`${days(paused_hours)} in which the clock stood still${reasons(one.pieces)}`]
      : []),
    ...(ended_hours > 0 ? [`${days(ended_hours)} closed before it was opened again`] : []),
  ]
  const whole = closed_at ? `It took ${days(hours)}` : `It has been open for ${days(hours)}`
  const longest = longestWait(one)
  const due = one.extended_due_at
  const late = late_by_hours
    ? closed_at
      ? `It ended ${days(late_by_hours)} after it was due.`
      : `It is ${days(late_by_hours)} past its due time.`
    : due
      ? closed_at
        ? 'It ended in time.'
        : 'It is not late yet.'
      : 'Nothing was promised for it.'
  return [`${whole}: ${listing(parts)}.`, longest, late].filter(Boolean).join(' ')
}

function longestWait({
  pieces,
  visits,
  closed_at,
  current_stage,
}: Parameters<typeof timeSentence>[0]): string {
  const waits = new Map<number | null, number>()
  for (const { kind, position, hours } of pieces)
    if (kind === 'wait') waits.set(position, (waits.get(position) ?? 0) + hours)
  const [longest] = [...waits].sort((a, b) => b[1] - a[1])
  if (!longest) return ''
  const [position, waited] = longest
  const stage = visits.find((visit) => visit.position === position)?.stage
  if (stage) return `The longest wait was ${days(waited)}, before ${stage}.`
  return closed_at
    ? `The longest wait was ${days(waited)}, after ${current_stage}.`
    : `The longest wait is the present one: ${days(waited)} since ${current_stage}.`
}

function reasons(pieces: Piece[]): string {
  const told = new Map<string, number>()
  for (const { kind, reason, hours } of pieces)
    if (kind === 'paused' && reason) told.set(reason, (told.get(reason) ?? 0) + hours)
  const sorted = [...told].sort((a, b) => b[1] - a[1])
  return sorted.length > 0
    ? ` (${sorted.map(([reason, hours]) => `${reason}: ${days(hours)}`).join(', ')})`
    : ''
}

const listing = (parts: string[]): string =>
  parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
