import { expect, test } from 'vitest'
import { ingest } from '../../pipelines/ingest.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { retention } from './privacyConfig.ts'
import { applyRetention } from './retention.ts'

const store = useStore()
const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()

test('what people wrote, rows that did not fit and who read them are forgotten when their time is over; figures stay', async () => {
  const { db } = store
  const answers = (name: string, ages: number[]) =>
    store.file(
      name,
      `source,service,outcome_id,at,rating,comment\n${ages.map((age) => `form,permits,${name}-${age},${ago(age)},4,It took ${age} days\n`).join('')}`,
    )
  await ingest(db, await answers('first.csv', [400, 20]), { mapping: 'clearway' })
  const rejected = [20, 5].map((age) => ({ load_id: 'a', line: age, raw: 'x', rejected_at: ago(age) }))
  const settings = { date_time_input_format: 'best_effort' } as const
  await db.insert({
    table: 'rejected_rows',
    values: rejected,
    format: 'JSONEachRow',
    clickhouse_settings: settings,
  })
  const readings = [4_000, 10].map((age) => ({ purpose: `${age}`, at: ago(age) }))
  await db.insert({
    table: 'comment_readings',
    values: readings,
    format: 'JSONEachRow',
    clickhouse_settings: settings,
  })

  await applyRetention(db, retention.parse({ comments: 365, rejected_rows: 10 }))
  const definitions = () =>
    store.rows(
      "SELECT name, create_table_query FROM system.tables WHERE create_table_query LIKE '%TTL%' ORDER BY name",
    )
  const wanted = await definitions()
  await applyRetention(db, retention.parse({ comments: 365, rejected_rows: 10 }))
  expect(await definitions()).toEqual(wanted)
  for (const table of ['comments', 'outcomes', 'rejected_rows', 'comment_readings'])
    await db.command({
      query: `OPTIMIZE TABLE ${table} FINAL`,
      clickhouse_settings: { optimize_throw_if_noop: 0 },
    })

  expect(await store.rows('SELECT comment FROM comments')).toEqual([{ comment: 'It took 20 days' }])
  expect(await store.rows('SELECT outcome_id, comment FROM outcomes ORDER BY outcome_id')).toEqual([
    { outcome_id: 'first.csv-20', comment: 'It took 20 days' },
    { outcome_id: 'first.csv-400', comment: '' },
  ])
  expect(await store.value('SELECT count() FROM rejected_rows')).toBe(1)
  expect(await store.rows('SELECT purpose FROM comment_readings')).toEqual([{ purpose: '10' }])
  expect(await store.value('SELECT sum(satisfied) FROM daily_outcomes')).toBe(2)

  // loads go on, and what is kept longer again is kept longer
  await ingest(db, await answers('second.csv', [500, 3]), { mapping: 'clearway' })
  await applyRetention(db, retention.parse({}))
  expect(await store.value('SELECT count() FROM current_outcomes')).toBe(4)
  expect(await store.value("SELECT count() FROM comments WHERE comment = 'It took 3 days'")).toBe(1)
  expect(
    await store.value(
      "SELECT countIf(create_table_query LIKE '%TTL%') FROM system.tables WHERE name IN ('comments', 'outcomes')",
    ),
  ).toBe(0)
}, 180_000)
