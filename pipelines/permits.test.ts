import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { realData, useStore, withRealData } from './testStore.ts'

const store = useStore()
const blds = await loadMapping('blds')

withRealData('5,000 permits of Calgary load with their dates in local time and without names', async () => {
  const file = realData('permits-blds/building-permits.csv.gz')
  const result = await load(store.db, { file, mapping: blds })
  // every permit was applied for; 216 have no day of issue (refused, cancelled, still in review), 561 are not completed
  expect(result).toMatchObject({ read: 5000, accepted: 5000, rejected: 0, facts: 5000 + 4784 + 4439 })
  expect(
    await store.rows(
      `SELECT activity, toString(time) AS at, toString(clock) AS clock, outcome, district, subtype FROM case_events FINAL
       WHERE source = 'permits' AND case_id = 'BP2013-09623' ORDER BY time`,
    ),
  ).toEqual(
    [
      ['Applied', '2013-07-08 06:00:00.000000', 'start', ''],
      ['Issued', '2013-07-23 06:00:00.000000', '', ''],
      ['Completed', '2014-01-31 07:00:00.000000', 'stop', 'completed'],
    ].map(([activity, at, clock, outcome]) => ({
      ...{ activity, at, clock, outcome },
      ...{ district: 'SADDLE RIDGE', subtype: 'Single Construction Permit' },
    })),
  )
  expect(
    await store.rows(
      `SELECT outcome, count() AS cases FROM cases WHERE source = 'permits' GROUP BY outcome ORDER BY outcome`,
    ),
  ).toEqual([
    { outcome: '', cases: 561 },
    { outcome: 'cancelled', cases: 178 },
    { outcome: 'closed', cases: 5 },
    { outcome: 'completed', cases: 4163 },
    { outcome: 'expired', cases: 79 },
    { outcome: 'refused', cases: 14 },
  ])
})

const header =
  'PermitNum,StatusCurrent,AppliedDate,IssuedDate,CompletedDate,ApplicantName,ContractorName,OriginalAddress\n'

test('a permit issued before it was applied for is rejected in plain words and without names', async () => {
  const rows = [
    'P1,Completed,2026-01-05,2026-01-20,2026-02-01,Ann Applicant,Bob Builder,1 Main St',
    'P2,Completed,2026-01-20,2026-01-05,2026-02-01,Ann Applicant,Bob Builder,1 Main St',
    'P3,Completed,2026-01-20,,2026-01-05,Ann Applicant,Bob Builder,1 Main St',
    'P4,In Review,2026-01-20,,,Ann Applicant,Bob Builder,1 Main St',
  ]
  const json = rows.map((row) => {
    const cells = row.split(',')
    return JSON.stringify(
      Object.fromEntries(
        header
          .trim()
          .split(',')
          .map((name, at) => [name, cells[at]]),
      ),
    )
  })
  const files = [
    await store.file('permits.csv', `${header}${rows.join('\n')}\n`),
    await store.file('permits.ndjson', `${json.join('\n')}\n`),
  ]
  for (const file of files) {
    const { load_id, ...counts } = await load(store.db, {
      ...{ file, mapping: blds, source: file, maxRejectedShare: 0.6 },
      now: new Date('2026-03-01T00:00:00Z'),
    })
    expect(counts).toMatchObject({ read: 4, accepted: 2, rejected: 2, facts: 4 })
    const rejected = await store.rows<{ rule: string; reason: string; raw: string }>(
      'SELECT rule, reason, raw FROM rejected_rows FINAL WHERE load_id = {load_id: String} ORDER BY line',
      { load_id },
    )
    expect(rejected).toMatchObject([
      {
        rule: 'not_before_applied',
        reason: 'Issued (column IssuedDate) lies before Applied (column AppliedDate).',
      },
      { rule: 'not_before_applied', reason: expect.stringContaining('Completed (column CompletedDate)') },
    ])
    for (const { raw } of rejected) {
      expect(JSON.parse(raw)).toHaveProperty('PermitNum')
      expect(raw).not.toMatch(/Ann|Bob|Main/)
    }
  }
  const names = `SELECT count() FROM case_events WHERE arrayExists(t -> match(t, 'Ann|Bob|Main'), [case_id, activity, reason, outcome, team, district, subtype])`
  expect(await store.value(names)).toBe(0)
})

test('the status history of a permit joins the events of the permit', async () => {
  const permits = await store.file('one.csv', `${header}H1,In Review,2026-01-05,,,A,B,C\n`)
  const history = await store.file(
    'history.csv',
    'PermitNum,StatusPrevious,StatusPreviousDate,StatusPreviousMapped,Comments\nH1,Plan check,2026-01-07,In Review,called Ann\n',
  )
  const now = new Date('2026-03-01T00:00:00Z')
  await load(store.db, { file: permits, mapping: blds, now })
  await load(store.db, { file: history, mapping: await loadMapping('blds-history'), now })
  expect(
    await store.rows(
      `SELECT activity FROM case_events FINAL WHERE source = 'permits' AND case_id = 'H1' ORDER BY time`,
    ),
  ).toEqual([{ activity: 'Applied' }, { activity: 'In Review' }])
})
