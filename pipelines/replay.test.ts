import { expect, test } from 'vitest'
import type { CauseKind } from '../fixtures/truth/causes.ts'
import { makeCity } from '../fixtures/truth/city.ts'
import { simulateCity } from '../fixtures/truth/make.ts'
import type { Case, Visit } from '../sql/findings/replay/cases.ts'
import { costOf } from '../sql/findings/replay/cost.ts'
import { proofOf } from '../sql/findings/replay/proof.ts'
import { Service } from '../sql/findings/replay/service.ts'
import type { Sign } from '../sql/findings/sign.ts'

/** The cases of a made city's struck service as its log tells them. */
function struck(cause: CauseKind, seed: number) {
  const { truth, runs } = simulateCity({ seed, cause })
  const { office, from, until } = makeCity(seed, 2, 1)
  const hit = runs.find(({ with: run }) => run.service.id === truth.service)
  if (!hit) throw new Error(`seed ${seed} strikes nothing`)
  const { service, cases, visits } = hit.with
  const local = (moment: number) => moment + office.offset(moment)
  const told = new Map<(typeof cases)[number], Visit[]>()
  for (const { of, stage, round, team, entered, paused, resumed, started, completed } of visits) {
    if (of.arrived < from || completed === undefined || completed >= until) continue
    const stood = paused === undefined ? 0 : (resumed ?? completed) - paused
    const own = told.get(of) ?? []
    told.set(of, own)
    own.push({
      ...{ stage: service.stages[stage]?.name ?? '', team, round, paused: stood, begun: Number.NaN },
      ...{
        entered: local(entered),
        queued: local(entered) + stood,
        left: local(completed),
        work: Number.NaN,
      },
      started: service.logsStart && started !== undefined ? local(started) : null,
    })
  }
  const all = cases
    .filter(({ arrived }) => arrived >= from && arrived < until)
    .map((of): Case => {
      const closed = of.closed !== undefined && of.closed < until
      return {
        district: service.districts[of.district]?.name ?? '',
        channel: String(of.channel),
        subtype: service.subtypes[of.subtype]?.name ?? '',
        ...{ closed, arrived: local(of.arrived), visits: told.get(of) ?? [] },
        open: closed ? null : { stage: '', pausedSince: null },
      }
    })
  const secondOf = (day: string) => Date.parse(day) / 1000
  const [change, end] = [secondOf(truth.since ?? ''), secondOf(truth.until)]
  return { truth, service, all, change, end }
}

const unpriced = {
  ...{ service: '', from_stage: null, bar: 5, before: 1, after: 1 },
  step: { at: 0, day: 0, earliest: 0, latest: 0, change: 0, error: 1, z: 0 },
}

test('who works and who is taken first follows from completions alone', () => {
  const { service, all, change, end } = struck('capacity', 37)
  expect(service.logsStart).toBe(false)
  const found = new Service(all, change, end)
  expect(found.urgent).toBe(service.subtypes[service.urgent ?? -1]?.name)
  const staff = (team: string) => service.teams.find(({ name }) => name === team)?.staff
  for (const team of found.lines.keys()) expect([team, found.staff(team, 0)]).toEqual([team, staff(team)])
})

test('a district whose work takes longer is told from one whose queue only swings, by completions alone', () => {
  const proof = ({ all, change, end }: Pick<ReturnType<typeof struck>, 'all' | 'change' | 'end'>) => {
    const service = new Service(all, change, end)
    return (stage: string | null, district: string) =>
      proofOf(
        {
          ...{ ...unpriced, kind: 'segment', measure: 'stay', stage },
          segment: { dimension: 'district', value: district },
        },
        service,
      )
  }
  const slow = struck('segment', 83)
  const { stage, segment } = slow.truth
  const ofSlow = proof(slow)
  expect(ofSlow(stage, segment?.value ?? '')).toBeGreaterThan(5)
  for (const { name } of slow.service.districts)
    if (name !== segment?.value) expect([name, ofSlow(stage, name)]).toEqual([name, 0])
  // more people came to all; in the south they stayed longer than elsewhere, by 6.2 standard errors
  const swinging = struck('arrivals', 41)
  const change = Date.parse('2023-07-03') / 1000
  expect(proof({ ...swinging, change })('Decision', 'south')).toBe(0)
})

test.each([
  ['capacity', 37],
  ['slower_stage', 99],
  // four people would do as well as the five there are: nobody is done out of turn
  ['slower_stage', 18],
] as const)('what a change cost is what the city would have been spared without it: %s', (kind, seed) => {
  const { truth, all, change, end } = struck(kind, seed)
  // told as the other of the two: where only completions are told a longer stay says neither
  const other = kind === 'capacity' ? 'slower_stage' : 'capacity'
  const sign: Sign = { ...unpriced, stage: truth.stage, segment: null, kind: other, measure: 'stay' }
  const cost = costOf(sign, new Service(all, change, end), { from: change, until: end })
  expect(cost?.kind).toBe(kind)
  expect((cost?.extra ?? 0) / truth.extra_hours).toBeGreaterThan(0.9)
  expect((cost?.extra ?? 0) / truth.extra_hours).toBeLessThan(1.1)
})
