import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { useStore } from './testStore.ts'

const store = useStore()
const mapping = await loadMapping('clearway')
const take = async (name: string, rows: Record<string, unknown>[]) =>
  load(store.db, {
    file: await store.file(
      name,
      rows
        .map((row) => JSON.stringify({ service: 'permits', at: '2026-03-02T10:00:00Z', ...row }))
        .join('\n'),
    ),
    mapping,
    source: 'form',
    stream: 'outcomes',
    maxRejectedShare: 1,
  })

test('every kind of answer counts as one, ratings alone make the share, and comments follow their outcome', async () => {
  await take('first.ndjson', [
    { outcome_id: 'rated', rating: 5, ease: 1, trust: 5, recommend: 0, comment: 'Fine.', language: 'en' },
    { outcome_id: 'driver', humanity: 2 },
    { outcome_id: 'thumb', thumbs: 'down' },
    { outcome_id: 'words', comment: 'Write to me@example.org or see https://example.org/me?x=1' },
    { outcome_id: 'none', no_opinion: true },
    { outcome_id: 'asked', offered: true },
    { outcome_id: 'told', outcome: 'granted' },
  ])
  const days = () =>
    store.rows('SELECT told, offered, answered, rated, satisfied, no_opinion FROM daily_outcomes')
  expect(await days()).toEqual([{ told: 7, offered: 6, answered: 5, rated: 1, satisfied: 1, no_opinion: 1 }])
  expect(
    await store.rows(
      'SELECT effectiveness, ease, trust, recommend, thumbs, commented FROM current_outcomes WHERE rating = 5',
    ),
  ).toEqual([{ effectiveness: null, ease: 1, trust: 5, recommend: 0, thumbs: '', commented: 1 }])
  const words = () => store.rows('SELECT outcome_id, rating, comment FROM comments ORDER BY outcome_id')
  expect(await words()).toEqual([
    { outcome_id: 'rated', rating: 5, comment: 'Fine.' },
    { outcome_id: 'words', rating: null, comment: 'Write to [mail] or see [link]' },
  ])
  expect(
    await store.rows("SELECT count() AS typed FROM outcomes WHERE comment LIKE '%example.org%'"),
  ).toEqual([{ typed: 0 }])

  // corrected to other words, corrected to none, withdrawn
  await take('second.ndjson', [
    { outcome_id: 'rated', rating: 2, comment: 'Not fine.' },
    { outcome_id: 'driver', humanity: 2, comment: 'Rude.' },
    { outcome_id: 'words', deleted: true },
  ])
  expect(await words()).toEqual([
    { outcome_id: 'driver', rating: null, comment: 'Rude.' },
    { outcome_id: 'rated', rating: 2, comment: 'Not fine.' },
  ])
  expect(await days()).toEqual([{ told: 6, offered: 5, answered: 4, rated: 1, satisfied: 0, no_opinion: 1 }])
})

test('an answer cannot be a rating and no opinion at once', async () => {
  const { load_id } = await take('both.ndjson', [{ outcome_id: 'both', rating: 3, no_opinion: 'yes' }]).catch(
    () => ({ load_id: '' }),
  )
  expect(load_id).toBe('')
  expect(await store.rows("SELECT field, rule FROM rejected_rows WHERE rule = 'without_rating'")).toEqual([
    { field: 'no_opinion', rule: 'without_rating' },
  ])
})
