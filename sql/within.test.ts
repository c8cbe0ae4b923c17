import { expect, test } from 'vitest'
import { useStore } from '../pipelines/testStore.ts'
import { columnClasses } from './columnClasses.ts'
import { grantsOf } from './grants.ts'
import { type Scope, scopes } from './keys.ts'
import { everything } from './rowScope.ts'
import { conditionOf, scopedTables, spelt } from './scopedTables.ts'
import { within } from './within.ts'

const store = useStore()
const rows = { department: ['planning'], service: [], district: [] }

test('every table says what of it is seen by whoever may not see all', async () => {
  const tables = await store.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View' AND NOT match(name, '(_next|_[0-9a-f]{16})$')`,
  )
  expect(tables.map(({ name }) => name).filter((name) => !(name in scopedTables))).toEqual([])
})

test('names with signs of their own end no condition', async () => {
  const part = spelt({ ...rows, department: [`o'brien\\`, `'); DROP TABLE cases; --`] }, [])
  const reader = await within(store.db, [part])
  expect(conditionOf('cases', [part])).toContain(`o\\'brien\\\\`)
  const answer = await reader.query({ query: 'SELECT count() AS n FROM cases', format: 'JSONEachRow' })
  expect(await answer.json()).toEqual([{ n: 0 }])
})

test('what somebody sees can be read only', async () => {
  const reader = await within(store.db, [rows])
  await expect(reader.command({ query: 'TRUNCATE TABLE cases' })).rejects.toThrow('read')
  expect((await within(store.db, everything)).sight.parts).toBeNull()
})

const placed = [{ service: 'permits', department: 'planning' }]

test('a role of a server is limited by statements that the engine understands', async () => {
  const statements = grantsOf('planning_readers', { rows: [rows], may: ['figures'] }, { placed }, 'clearway')
  expect(statements.some((one) => one.includes('`clearway`.`cases` FOR SELECT USING department IN'))).toBe(
    true,
  )
  expect(statements.some((one) => one.includes('api_keys'))).toBe(false)
  for (const query of statements)
    await store.db
      .query({ query: `EXPLAIN AST ${query}`, format: 'JSONEachRow' })
      .then((answer) => answer.json())
})

/** The columns of protected classes that a role with these scopes is granted. */
const granted = (...may: Scope[]) =>
  grantsOf('readers', { rows: everything, may }, { placed }, 'clearway').flatMap((statement) => {
    const [, columns = '', table = ''] = /^GRANT (.*) ON `clearway`.`(\w+)`/.exec(statement) ?? []
    if (table !== '') expect(columns).toMatch(/^SELECT\(`.*`\)$/)
    return [...columns.matchAll(/`(\w+)`/g)].flatMap(([, column = '']) =>
      ['figure', 'place', 'time', 'declared'].includes(columnClasses[table]?.[column] ?? '')
        ? []
        : [`${table}.${column}`],
    )
  })

test('a role of a server is granted columns by their class, and none that its scopes do not open', () => {
  const words = ['annotations.text']
  expect(granted('figures')).toEqual(words)
  expect(granted('figures', 'cases').sort()).toEqual(
    [
      ...words,
      ...['case_events.case_id', 'case_events.event_key', 'wait_times.wait_id', 'wait_times.case_id'],
      ...['outcomes.outcome_id', 'outcomes.case_id', 'outcomes.respondent', 'cases.case_id'],
      ...['stage_visits.case_id', 'open_visits.case_id', 'current_waits.wait_id', 'comments.outcome_id'],
      ...['current_outcomes.outcome_id', 'current_outcomes.case_id', 'current_outcomes.respondent'],
    ].sort(),
  )
  expect(granted('comments')).toEqual(['comments.comment'])
  expect(granted('rejected')).toEqual(['rejected_rows.raw'])
  expect(granted('loads')).toEqual(
    expect.arrayContaining(['loads.file_name', 'loads.error', 'case_events.load_no']),
  )
  expect(granted('audit')).toEqual(['annotations.author'])
  expect(granted('ingest:*')).toEqual([])
  expect(granted(...scopes)).not.toContain('outcomes.comment')
})
