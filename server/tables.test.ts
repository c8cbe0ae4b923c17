import { expect, test } from 'vitest'
import { bottlenecksTable } from './tables.ts'

const period = { from: '2026-06-01', until: '2026-07-01' }
const finding = {
  rank: 1,
  kind: 'capacity' as const,
  service: 'permits',
  stage: 'Review',
  from_stage: null,
  segment: null,
  explained_by: { dimension: 'district', values: ['north', 'south'], share: 0.84, usual_share: 0.3 },
  since: '2026-05-11',
  since_between: ['2026-05-04', '2026-05-18'] as [string, string],
  extra_hours: 4_100,
  extra_hours_per_case: 41,
  cases: 100,
  before_mean_hours: 30,
  mean_hours: 71,
  growth_per_week: 9,
  measure: 'people' as const,
  before: 4,
  after: 3,
  certainty: 6.2,
  sentence: 'Fewer hands.',
}

test('the CSV of the findings has every figure of a finding', () => {
  const head = { period, compare_period: null, as_of: null, data_version: '1', missing: [] }
  const { columns, rows } = bottlenecksTable({ ...head, findings: [finding], stages: [] })
  const { since_between, segment, explained_by, cases, before, after, ...same } = finding
  expect(Object.fromEntries(columns.map((name, at) => [name, rows[0]?.[at]]))).toMatchObject({
    ...same,
    ...period,
    since_earliest: since_between[0],
    since_latest: since_between[1],
    n: cases,
    explained_dimension: 'district',
    explained_values: 'north; south',
    explained_share: 0.84,
    explained_usual_share: 0.3,
    level_before: before,
    level_after: after,
  })
})
