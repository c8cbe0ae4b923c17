import { expect, test } from 'vitest'
import { useStore } from '../pipelines/testStore.ts'
import { grantsOf } from './grants.ts'
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

test('a role of a server is limited by statements that the engine understands', async () => {
  const placed = [{ service: 'permits', department: 'planning' }]
  const statements = grantsOf('planning_readers', [rows], { placed }, 'clearway')
  expect(statements.some((one) => one.includes('`clearway`.`cases` FOR SELECT USING department IN'))).toBe(
    true,
  )
  expect(statements.some((one) => one.includes('api_keys'))).toBe(false)
  for (const query of statements)
    await store.db
      .query({ query: `EXPLAIN AST ${query}`, format: 'JSONEachRow' })
      .then((answer) => answer.json())
})
