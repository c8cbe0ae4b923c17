import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyConfig } from '../sql/applyConfig.ts'
import { type Cause, causeIds } from '../sql/causeNames.ts'
import { partsOf, waitParts } from '../sql/causes.ts'
import { configSchema } from '../sql/config.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const zone = 'Europe/London'
const minute = 60_000
const begin = Date.parse('2025-03-25T00:00:00Z')
const runs = 6
const rounds = Array.from({ length: runs }, (_, round) => round)

const config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: zone },
  calendars: [
    {
      ...{ id: 'office', from: '2025-01-01', until: '2025-12-31' },
      holidays: [{ day: '2025-04-03', name: 'holiday' }],
      hours: [
        { weekdays: [1, 2, 3, 4, 5], opens: '08:15', closes: '12:30' },
        { weekdays: [1, 2, 3, 4, 5], opens: '13:30', closes: '17:00' },
        // a night shift: work in the hour in which the clocks change
        { weekdays: [7], opens: '00:00', closes: '04:00' },
      ],
    },
  ],
  services: [
    ...rounds.flatMap((round) => [
      { id: `asked-${round}`, name: `Asked ${round}`, ...(round % 3 === 2 ? {} : { calendar: 'office' }) },
      { id: `other-${round}`, name: `Other ${round}` },
    ]),
  ],
})

type Clock = { time: number; kind: string; reason: string }
type Visit = {
  id: string
  case_id: string
  position: number
  service: string
  district: string
  team: string
  stage: string
  from: string
  entered: number
  started: number | null
  left: number | null
}
type Span = [from: number, until: number]

const moment = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => n * 30),
  fc.integer({ min: 0, max: 3_000 }),
)
const step = fc.record({
  stage: fc.integer({ min: 0, max: 2 }),
  team: fc.integer({ min: 0, max: 2 }),
  wait: moment,
  touch: fc.oneof(fc.constant(0), fc.constant(30), fc.integer({ min: 0, max: 700 })),
  pause: fc.option(
    fc.record({
      after: moment,
      length: fc.option(moment),
      reason: fc.constantFrom('Waiting for applicant', 'police report', 'budget'),
    }),
    { freq: 3 },
  ),
})
const oneCase = fc.record({
  asked: fc.oneof(
    fc.integer({ min: 0, max: 20 }).map((n) => n * 480),
    fc.integer({ min: 0, max: 9_000 }),
  ),
  other: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  district: fc.constantFrom('north', 'south'),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  closed: fc.boolean(),
  begunLast: fc.boolean(),
})
type Case = typeof oneCase extends fc.Arbitrary<infer T> ? T : never

/** Writes the cases as events; stage 2 never tells when it was started. */
function eventsOf(cases: readonly Case[], round: number) {
  const rows: { time: number; line: string }[] = []
  const clocks = new Map<string, Clock[]>()
  cases.forEach(({ asked, other, district, steps, closed, begunLast }, index) => {
    const id = `c${round}-${index}`
    const service = `${other ? 'other' : 'asked'}-${round}`
    const add = (
      activity: string,
      lifecycle: string,
      at: number,
      more: { team?: string; clock?: string; reason?: string } = {},
    ) => {
      const { team = '', clock = '', reason = '' } = more
      const iso = new Date(begin + at * minute).toISOString()
      rows.push({
        time: at,
        line: [id, service, district, activity, lifecycle, team, iso, clock, reason].join(),
      })
      if (clock)
        clocks.set(id, [...(clocks.get(id) ?? []), { time: begin + at * minute, kind: clock, reason }])
    }
    add('Ask', 'complete', asked, { clock: 'start' })
    let now = asked
    steps.forEach(({ stage, team: number, wait, touch, pause }, place) => {
      const activity = `Stage ${stage}`
      const team = number === 2 ? '' : `team-${round}-${number}`
      const lastOpen = !closed && place === steps.length - 1
      if (stage !== 2 && (!lastOpen || begunLast)) add(activity, 'start', now + wait, { team })
      if (pause) {
        add('Question', 'suspend', now + pause.after, { clock: 'pause', reason: pause.reason })
        if (pause.length !== null)
          add('Answer', 'resume', now + pause.after + pause.length, { clock: 'resume' })
      }
      now += wait + touch
      if (!lastOpen)
        add(activity, 'complete', now, { team, ...(place === steps.length - 1 ? { clock: 'stop' } : {}) })
    })
  })
  // clock events of equal times stand in the order of the file
  for (const turns of clocks.values()) turns.sort((a, b) => a.time - b.time)
  return { rows, clocks }
}

const whomOf: Record<string, Cause> = {
  'Waiting for applicant': 'applicant',
  'police report': 'third_party',
  budget: 'stopped',
}
type Pause = { from: number; until: number; cause: Cause }
const pausesOf = (clock: readonly Clock[]): Pause[] =>
  clock.flatMap(({ time, kind, reason }, index) =>
    kind === 'pause'
      ? [{ from: time, until: clock[index + 1]?.time ?? Infinity, cause: whomOf[reason] ?? 'stopped' }]
      : [],
  )

const within = (at: number, [from, until]: Span) => from <= at && at < until

/** The causes of every visit, told minute by minute. */
function slowCauses(
  visits: readonly Visit[],
  clocks: ReadonlyMap<string, Clock[]>,
  hours: readonly Span[] | null,
  service: string,
  [from, until]: Span,
  horizon: number,
) {
  const flags = new Uint8Array(60 * 1_440).fill(hours === null ? 1 : 0)
  for (const [opens, closes] of hours ?? [])
    flags.fill(1, Math.max(0, (opens - begin) / minute), Math.max(0, (closes - begin) / minute))
  const open = (at: number) => flags[(at - begin) / minute] === 1
  const openMinutes = (a: number, b: number) => {
    let count = 0
    for (let at = a; at < b; at += minute) if (open(at)) count += 1
    return count
  }
  const known = visits
    .filter(({ entered, started }) => Math.min(entered, started ?? entered) < until)
    .map((visit) => {
      const told = visit.started !== null
      const end = visit.left ?? horizon
      const cut = visit.left === null ? horizon : until
      const entered = visit.position === 1 ? (visit.started ?? visit.entered) : visit.entered
      const stop = Math.min(visit.started ?? end, cut)
      const begun = visit.started !== null && visit.started < cut
      const pauses = pausesOf(clocks.get(visit.case_id) ?? [])
      const ready = Math.max(
        entered,
        ...pauses.filter((pause) => pause.until > entered && pause.until <= stop).map((pause) => pause.until),
      )
      const ended = visit.left !== null && visit.left < until
      const scope = visit.team === '' ? `${visit.service}/${visit.stage}` : visit.team
      return {
        ...visit,
        told,
        entered,
        stop,
        gone: Math.min(end, cut),
        begun,
        pauses,
        ready,
        ended,
        scope,
        batchFrom: -Infinity,
        batch: ready,
      }
    })
  type Known = (typeof known)[number]

  // where open cases that are not begun go next, and whether starts are told there
  const next = (visit: Known): { stage: string; team: string; told: boolean } | undefined => {
    const groups = new Map<string, { stage: string; team: string; n: number; starts: number }>()
    for (const each of visits) {
      if (each.service !== service || each.position < 2 || each.left === null) continue
      if (each.from !== visit.from || each.district !== visit.district) continue
      const key = `${each.stage}\n${each.team}`
      const group = groups.get(key) ?? { stage: each.stage, team: each.team, n: 0, starts: 0 }
      groups.set(key, { ...group, n: group.n + 1, starts: group.starts + Number(each.started !== null) })
    }
    const order = ({ n, stage, team }: { n: number; stage: string; team: string }) =>
      `${String(n).padStart(6, '0')}\n${stage}\n${team}`
    const [most] = [...groups.values()].sort((a, b) => (order(a) < order(b) ? 1 : -1))
    return most && { stage: most.stage, team: most.team, told: most.starts * 2 > most.n }
  }
  for (const visit of known)
    if (visit.left === null && visit.started === null) {
      const followed = visit.service === service ? next(visit) : undefined
      visit.stage = followed?.stage ?? ''
      visit.team = followed?.team ?? ''
      visit.told = followed?.told ?? false
      visit.scope = visit.team === '' ? `${visit.service}/${visit.stage}` : visit.team
    }

  // batches: begun, or else ended, together
  const lines = new Map<string, Known[]>()
  for (const visit of known) {
    if (visit.service !== service || visit.position === 1 || !(visit.begun || (visit.ended && !visit.told)))
      continue
    const line = `${visit.stage}\n${visit.team}\n${visit.told}`
    lines.set(line, [...(lines.get(line) ?? []), visit])
  }
  for (const line of lines.values()) {
    line.sort((a, b) => a.stop - b.stop)
    let chain: Known[] = []
    let since = -Infinity
    const close = () => {
      const first = chain[0]?.stop ?? 0
      const members = chain.filter(({ ready }) => ready <= first)
      const last = Math.max(...members.map(({ ready }) => ready))
      if (members.length < 3) return
      for (const member of members) [member.batchFrom, member.batch] = [since, last]
    }
    for (const visit of line) {
      const before = chain.at(-1)
      if (before && openMinutes(before.stop, visit.stop) > 15) {
        close()
        chain = []
        since = before.stop
      }
      chain.push(visit)
    }
    close()
  }

  const paused = (visit: Known, at: number) =>
    visit.pauses.find((pause) => within(at, [pause.from, pause.until]))
  const found = new Map<string, Record<Cause, number>>()
  for (const visit of known) {
    if (visit.service !== service || visit.position === 1 || visit.stage === '') continue
    if (visit.left !== null && visit.left < from) continue
    const parts = Object.fromEntries(causeIds.map((cause) => [cause, 0])) as Record<Cause, number>
    const others = known.filter(
      ({ scope, begun, stop, gone }) =>
        begun && scope === visit.scope && stop < visit.stop && gone > visit.entered,
    )
    let queuedSince = visit.entered
    for (let at = visit.entered; at < visit.stop; at += minute) {
      const pause = paused(visit, at)
      if (pause) {
        parts[pause.cause] += minute
        queuedSince = at + minute
      } else if (!open(at)) parts.closed += minute
      else if (queuedSince >= visit.ready && at >= visit.batchFrom && at < visit.batch)
        parts.batching += minute
      else if (!visit.told) parts.undivided += minute
      else {
        const busy = others.filter((other) => within(at, [other.stop, other.gone]) && !paused(other, at))
        const later = busy.filter(({ ready }) => ready > queuedSince).length
        if (busy.length === 0) parts.unexplained += minute
        else {
          parts.prioritisation += (minute * later) / busy.length
          parts.contention += (minute * (busy.length - later)) / busy.length
        }
      }
    }
    found.set(visit.id, parts)
  }
  return found
}

test('the causes of every wait equal a count minute by minute and add up to the wait, with ties, pauses, batches, open cases and a change of clocks', async () => {
  await applyConfig(store.db, config)
  const mapping = await loadMapping('clearway')
  const spans = await store.rows<{ opens: number; closes: number }>(
    `SELECT span.1 / 1000 AS opens, span.2 / 1000 AS closes FROM worked_days FINAL ARRAY JOIN spans AS span WHERE calendar = 'office' ORDER BY opens`,
  )
  const office = spans.map(({ opens, closes }): Span => [opens, closes])
  const compared = { visits: 0, open: 0 }
  const seen = new Set<Cause>()
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(oneCase, { minLength: 60, maxLength: 60 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 6, max: 16 }),
      async (cases, fromDay, untilDay) => {
        const [now, service] = [round, `asked-${round++}`]
        const { rows, clocks } = eventsOf(cases, now)
        const header = 'case_id,service,district,activity,lifecycle,team,time,clock,reason'
        const file = await store.file(
          `${now}.csv`,
          `${[header, ...rows.map(({ line }) => line)].join('\n')}\n`,
        )
        await load(store.db, { file, mapping, source: `source-${now}` })
        const ms = (column: string) => `toUnixTimestamp64Milli(${column})`
        const columns = (left: string) =>
          `concat(source, ' ', case_id, ' ', toString(position)) AS id, case_id, position, service, district, team, activity AS stage, from_activity AS from, ${ms('entered_at')} AS entered, ${ms('started_at')} AS started, ${left} AS left`
        const visits = await store.rows<Visit>(
          `SELECT ${columns(`toNullable(${ms('left_at')})`)} FROM stage_visits WHERE source = 'source-${now}'
           UNION ALL SELECT ${columns('NULL')} FROM open_visits WHERE source = 'source-${now}'`,
        )
        const dayOf = (day: number) => new Date(begin + day * 1_440 * minute).toISOString().slice(0, 10)
        const period = { from: dayOf(fromDay), until: dayOf(untilDay) }
        const midnight = (day: string) => Date.parse(`${day}T00:00:00${day > '2025-03-30' ? '+01:00' : 'Z'}`)
        const span: Span = [midnight(period.from), midnight(period.until)]
        const last = begin + Math.max(...rows.map(({ time }) => time)) * minute
        const answer = await waitParts(store.db, {
          ...{ service: [], department: [], district: [], channel: [], team: [], zone },
          ...{ ...period, one_service: service, stage: '', by_visit: 1 },
          ...{ source_ids: ['', `source-${now}`], source_ends: [0, last * 1000] },
        })
        const expected = slowCauses(
          ...([
            visits,
            clocks,
            now % 3 === 2 ? null : office,
            service,
            span,
            Math.min(span[1], last),
          ] as const),
        )
        expect(answer.map(({ visit }) => visit).sort()).toEqual([...expected.keys()].sort())
        for (const row of answer) {
          const parts = partsOf(row)
          const slow = expected.get(row.visit)
          for (const cause of causeIds) {
            expect(parts[cause], `${row.visit} ${cause}`).toBeGreaterThanOrEqual(0)
            const difference = Math.abs(parts[cause] - (slow?.[cause] ?? Number.NaN) * 1000)
            // equal to the second where a moment is shared among cases, exactly elsewhere
            const shared = cause === 'contention' || cause === 'prioritisation'
            expect(
              difference,
              `${row.visit} ${cause}: ${parts[cause]} and ${slow?.[cause]}`,
            ).toBeLessThanOrEqual(shared ? 100_000 : 0)
            if (parts[cause] > 0) seen.add(cause)
          }
          const sum = causeIds.reduce((total, cause) => total + parts[cause], 0)
          expect(sum).toBe(row.wait_us)
          compared.visits += 1
          compared.open += 1 - row.ended
        }
      },
    ),
    { numRuns: runs, endOnFailure: true, seed: 11 },
  )
  expect(compared.visits).toBeGreaterThan(300)
  expect(compared.open).toBeGreaterThan(50)
  expect([...seen].sort()).toEqual([...causeIds].sort())
}, 180_000)
