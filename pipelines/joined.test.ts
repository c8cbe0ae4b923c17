import { expect, test } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import { applyConfig } from '../sql/applyConfig.ts'
import { configSchema } from '../sql/config.ts'
import { filters } from '../sql/filters.ts'
import { satisfaction } from '../sql/satisfaction.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const mapping = await loadMapping('clearway')
const config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  channels: [
    { id: 'online', name: 'Online', digital: true },
    { id: 'post', name: 'Post' },
  ],
  services: [{ id: 'permits', name: 'Permits' }],
})

/** People content up to day 12 and much less after it. Who wrote by post is less content and hardly answers. */
function town() {
  const random = new Random('joined')
  return Array.from({ length: 1600 }, (_, id) => {
    const channel = id % 4 === 0 ? 'post' : 'online'
    const [check, work] = [random.between(0.5, 6), random.exponential(9)]
    const days = Math.floor(check + work)
    const chance = (days <= 12 ? 0.9 : 0.5) - (channel === 'post' ? 0.3 : 0)
    const rates = random.chance(channel === 'post' ? 0.22 : 0.8)
    const rating = rates ? (random.chance(chance) ? 5 : 2) : null
    return { id, channel, check, work, days, rating, no_opinion: !rates && random.chance(0.05) }
  })
}
const made = town()
const at = (days: number) =>
  new Date(Date.parse('2026-03-01T00:00:00Z') + Math.round(days * 86_400_000)).toISOString()
const events = [
  'case_id,service,channel,activity,time,clock',
  ...made.flatMap(({ id, channel, check, work }) => [
    `${id},permits,${channel},Ask,${at(0)},start`,
    `${id},permits,${channel},Check,${at(check)},`,
    `${id},permits,${channel},Decide,${at(check + work)},stop`,
  ]),
].join('\n')
const outcomes = [
  'outcome_id,case_id,service,channel,at,intended,offered,rating,no_opinion,speed,trust,recommend,thumbs,respondent',
  ...made.map(({ id, channel, check, work, rating, no_opinion }) =>
    [
      ...[id, id, 'permits', channel, at(check + work), 'yes', true, rating, no_opinion],
      ...(rating === null
        ? ['', '', '', '']
        : [rating - 1, id % 2 === 0 ? 4 : '', rating * 2, rating > 3 ? 'up' : 'down']),
      rating === null ? '' : `R${id - (id % 10 === 1 ? 1 : 0)}`,
    ].join(','),
  ),
].join('\n')

test('what people said is joined to how long they waited, where it took long, and weighed by who answered', async () => {
  await applyConfig(store.db, config)
  await load(store.db, { file: await store.file('events.csv', events), mapping, source: 'town' })
  await load(store.db, {
    file: await store.file('outcomes.csv', outcomes),
    ...{ mapping, source: 'town', stream: 'outcomes' },
  })
  const answer = await satisfaction(store.db, filters.parse({ from: '2026-03-01', until: '2026-08-01' }))

  const rated = made.filter(({ rating }) => rating !== null)
  const content = (of: readonly { rating: number | null }[]) => of.filter(({ rating }) => rating === 5).length
  const silent = made.filter(({ no_opinion }) => no_opinion).length
  expect(answer).toMatchObject({
    customers: 1600,
    answered: rated.length + silent,
    rated: rated.length,
    no_opinion: silent,
    satisfied: { numerator: content(rated), denominator: rated.length },
    coverage: { numerator: rated.length + silent, denominator: 1600 },
    joined: { numerator: rated.length, denominator: rated.length },
    thumbs_up: { numerator: content(rated), denominator: rated.length },
  })
  expect(answer.respondents).toBe(silent + new Set(rated.map(({ id }) => (id % 10 === 1 ? id - 1 : id))).size)
  // 10 recommends, 4 does not
  expect(answer.recommendation.value).toBeCloseTo((2 * content(rated)) / rated.length - 1, 12)
  expect(answer.drivers.find(({ id }) => id === 'speed')?.stat).toMatchObject({ numerator: content(rated) })
  expect(answer.drivers.find(({ id }) => id === 'trust')?.stat).toMatchObject({
    denominator: rated.filter(({ id }) => id % 2 === 0).length,
    value: 1,
  })
  expect(answer.drivers.find(({ id }) => id === 'ease')?.stat).toMatchObject({ status: 'not_applicable' })

  // by channel the truth is known: weights are the customers
  const byPost = rated.filter(({ channel }) => channel === 'post')
  const online = rated.filter(({ channel }) => channel === 'online')
  const weighted = 0.25 * (content(byPost) / byPost.length) + 0.75 * (content(online) / online.length)
  expect(answer.weighted.stat.value).toBeCloseTo(weighted, 12)
  expect(answer.bias).toMatchObject({
    shifts: true,
    warned: true,
    silent: [{ value: 'post', label: 'Post' }],
  })

  const { wait_curve } = answer
  const [low = 0, high = 0] = wait_curve?.break?.interval ?? []
  expect(answer.curve_of).toBe('intended')
  expect(wait_curve?.shape).toBe('break')
  expect(low <= 12 && 12 <= high && high - low <= 4).toBe(true)
  const upToThree = rated.filter(({ days }) => days >= 1 && days < 3)
  expect(answer.by_wait.find(({ from_days }) => from_days === 1)?.stat).toMatchObject({
    denominator: upToThree.length,
    numerator: content(upToThree),
  })

  // the stage that took longest beyond the median of all cases
  const median = (of: 'check' | 'work') => {
    const sorted = made.map((one) => one[of]).sort((a, b) => a - b)
    return ((sorted[799] ?? 0) + (sorted[800] ?? 0)) / 2
  }
  const [check, work] = [median('check'), median('work')]
  const stuck = (one: (typeof made)[number]) =>
    Math.max(one.check - check, one.work - work) <= 0
      ? ''
      : one.check - check > one.work - work
        ? 'Check'
        : 'Decide'
  for (const stage of ['', 'Check', 'Decide'])
    expect(answer.by_stage.find((row) => row.stage === stage)?.stat, stage).toMatchObject({
      numerator: content(rated.filter((one) => stuck(one) === stage)),
      denominator: rated.filter((one) => stuck(one) === stage).length,
    })
})
