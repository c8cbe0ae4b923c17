import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { filters } from '../sql/filters.ts'
import { kpiAnswer, kpiBy } from '../sql/kpiFigures.ts'
import { satisfaction } from '../sql/satisfaction.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { realData, useStore, withRealData } from './testStore.ts'

const store = useStore()
const mapping = await loadMapping('fft')
const answers = () =>
  store.rows<{ service: string; rating: number | null; people: number }>(
    `SELECT service, rating, count() AS people FROM current_outcomes WHERE source = 'fft' AND offered
     GROUP BY service, rating ORDER BY service, rating`,
  )

withRealData('every respondent counts once, with 1 of the source as very satisfied', async () => {
  const file = realData('satisfaction-fft/answers.csv.gz')
  const result = await load(store.db, { file, mapping })
  expect(result).toMatchObject({ read: 7908, rejected: 0 })

  // the same count without the engine: the last row of each respondent
  const text = gunzipSync(await readFile(file))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  const cells = [...text.matchAll(/("(?:[^"]|"")*"|[^,\n\r]*)(,|\r?\n|$)/g)]
  const [header = [], ...rows] = cells.reduce<string[][]>(
    (table, [, cell = '', end]) => {
      table.at(-1)?.push(cell.replace(/^"|"$/g, ''))
      if (end !== ',') table.push([])
      return table
    },
    [[]],
  )
  const at = (row: string[], name: string) => row[header.indexOf(name)] ?? ''
  const people = new Map(
    rows.filter((row) => row.length === header.length).map((row) => [at(row, 'Respondent ID'), row]),
  )
  expect(people.size).toBe(4466)
  const services: Record<string, string> = {
    ...{ 'See and Convey': 'see-and-convey', '111': 'nhs-111', 'Local partnerships- MH': 'mental-health' },
    ...{ 'Community health services': 'community-health', Forensic: 'forensic' },
    'Specialist Services and CYP': 'specialist-services',
  }
  const counts = new Map<string, number>()
  for (const row of people.values()) {
    const named = at(row, 'Service type 1')
    const service = named.startsWith('PTS') ? 'patient-transport' : (services[named] ?? 'nhs-other')
    const answer = Number(at(row, 'FFT categorical answer'))
    const key = `${service} ${answer > 5 ? null : 6 - answer}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const found = await answers()
  expect(Object.fromEntries(found.map((row) => [`${row.service} ${row.rating}`, row.people]))).toEqual(
    Object.fromEntries(counts),
  )

  const sum = (ratings: (rating: number | null) => boolean) =>
    found.filter(({ rating }) => ratings(rating)).reduce((all, row) => all + row.people, 0)
  const { kpis } = await kpiAnswer(store.db, filters.parse({ compare: 'none' }))
  const stat = (id: string) => kpis.find((kpi) => kpi.id === id)?.stat
  expect(stat('satisfied_share')).toMatchObject({
    numerator: sum((rating) => (rating ?? 0) >= 4),
    denominator: sum((rating) => rating !== null),
  })
  expect(stat('response_rate')).toMatchObject({ numerator: 4466, denominator: 4466 })

  // share by service with its interval, straight from the file; no opinion beside it and not in it
  const answer = await satisfaction(store.db, filters.parse({ compare: 'none' }))
  expect(answer).toMatchObject({
    respondents: 4466,
    answered: 4466,
    rated: sum((rating) => rating !== null),
    no_opinion: sum((rating) => rating === null),
    counts: [1, 2, 3, 4, 5].map((rating) => sum((own) => own === rating)),
  })
  const { rows: byService } = await kpiBy(store.db, 'satisfied_share', 'service', filters.parse({}))
  expect(byService.length).toBeGreaterThan(3)
  for (const { value: service, stat: share } of byService) {
    const count = (rating: number | null) => counts.get(`${service} ${rating}`) ?? 0
    const [happy, all] = [count(4) + count(5), count(1) + count(2) + count(3) + count(4) + count(5)]
    expect(share, service).toMatchObject({ numerator: happy, denominator: all })
    // Wilson's limits are the shares from which what was counted lies 1.96 standard errors away
    for (const limit of share.interval ?? []) {
      const away = Math.abs(happy / all - limit) / Math.sqrt((limit * (1 - limit)) / all)
      if (limit > 1e-9 && limit < 1 - 1e-9) expect(away, service).toBeCloseTo(1.959964, 5)
    }
  }
  expect(
    await store.rows('SELECT sum(rated) AS rated, sum(no_opinion) AS no_opinion FROM daily_outcomes'),
  ).toEqual([{ rated: sum((rating) => rating !== null), no_opinion: sum((rating) => rating === null) }])
  expect(await load(store.db, { file, mapping })).toMatchObject({ accepted: 0, duplicates: 7908 })
})

test('only services that occur are registered, and an unknown one is counted with the others', async () => {
  const file = await store.file(
    'fft.csv',
    'Trust,Respondent ID,Date,Service type 1,Service type 2,FFT categorical answer\nX,R1,02/03/2026,Forensic,,2\nX,R2,3/2/2026,Dentist,,6\n',
  )
  await load(store.db, { file, mapping, source: 'small' })
  expect(
    await store.rows(
      `SELECT outcome_id, service, rating, offered, toString(at) AS day FROM current_outcomes WHERE source = 'small' ORDER BY outcome_id`,
    ),
  ).toEqual([
    { outcome_id: 'R1', service: 'forensic', rating: 4, offered: 1, day: '2026-03-02 00:00:00.000000' },
    { outcome_id: 'R2', service: 'nhs-other', rating: null, offered: 1, day: '2026-03-02 00:00:00.000000' },
  ])
})
