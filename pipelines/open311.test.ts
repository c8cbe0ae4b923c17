import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { filters } from '../sql/filters.ts'
import { kpiAnswer } from '../sql/kpiFigures.ts'
import { readOpen311Services } from './decoders/open311.ts'
import { load } from './load.ts'
import { loadMapping } from './mapping.ts'
import { realData, useStore, withRealData } from './testStore.ts'

const store = useStore()
const mapping = await loadMapping('open311')
const casesOf = (source: string) =>
  store.rows(
    `SELECT case_id, service, subtype, department, outcome, toString(started_at) AS started, toString(closed_at) AS closed, toString(due_at) AS due
     FROM cases WHERE source = {source: String} ORDER BY case_id`,
    { source },
  )

const expected = [
  {
    ...{ case_id: '638344', service: 'open311', subtype: 'Sidewalk and Curb Issues', department: '' },
    ...{ outcome: 'duplicate', started: '2010-04-14 14:37:38.000000', closed: '2010-04-14 14:37:38.000000' },
    due: '2010-04-15 14:37:38.000000',
  },
  {
    ...{ case_id: '638349', service: 'open311', subtype: 'Sidewalk and Curb Issues', department: '' },
    ...{
      outcome: '',
      started: '2010-04-19 14:37:38.000000',
      closed: null,
      due: '2010-04-19 14:37:38.000000',
    },
  },
]

withRealData('requests in XML load, and a closed duplicate is not taken for solved', async () => {
  const result = await load(store.db, { file: realData('open311/service-requests.xml'), mapping })
  expect(result).toMatchObject({ source: 'open311', read: 2, accepted: 2, rejected: 0 })
  expect(await casesOf('open311')).toEqual(expected)
  const one = await load(store.db, { file: realData('open311/service-request.xml'), mapping })
  expect(one).toMatchObject({ read: 1, accepted: 0, duplicates: 1 })
})

withRealData('the same requests as JSON give the same cases', async () => {
  const xml = await readFile(realData('open311/service-requests.xml'), 'utf8')
  const requests = [...xml.matchAll(/<request>([\s\S]*?)<\/request>/g)].map(([, body = '']) =>
    Object.fromEntries(
      [...body.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, text]) => [
        name,
        name === 'service_request_id' ? Number(text) : text || null,
      ]),
    ),
  )
  const file = await store.file('requests.json', JSON.stringify(requests, null, 2))
  await load(store.db, { file, mapping, source: 'as-json' })
  expect(await casesOf('as-json')).toEqual(expected)
})

withRealData('a service list is read, and is refused where requests are expected', async () => {
  const file = realData('open311/dc-services.xml')
  const services = await readOpen311Services(createReadStream(file))
  expect(services).toHaveLength(((await readFile(file, 'utf8')).match(/<service>/g) ?? []).length)
  expect(services[1]).toMatchObject({ service_code: 'S0003', type: 'realtime' })
  await expect(load(store.db, { file, mapping })).rejects.toThrow(/<services>; Open311 requests/)
  await expect(load(store.db, { file: realData('open311/discovery-dc.xml'), mapping })).rejects.toThrow(
    /<discovery>/,
  )
})

test('a request without an expected time counts neither as on time nor as late, and nothing personal is kept', async () => {
  const request = (id: string, more: object) => ({
    ...{
      service_request_id: id,
      service_code: '7',
      service_name: 'Graffiti',
      agency_responsible: 'Public Works',
    },
    ...{ requested_datetime: '2026-03-02T09:00:00-05:00', updated_datetime: '2026-03-03T09:00:00-05:00' },
    ...{ status: 'closed', description: 'call Ann', address: '1 Main St', lat: 1.5, long: 2.5 },
    ...more,
  })
  const file = await store.file(
    'some.json',
    JSON.stringify([
      request('on-time', { expected_datetime: '2026-03-04T09:00:00-05:00' }),
      request('late', { expected_datetime: '2026-03-02T10:00:00-05:00' }),
      request('no-promise', { expected_datetime: null, extended_attributes: { channel: 'app', ward: '9' } }),
      request('open', {
        status: 'open',
        requested_datetime: '2026-03-05T10:00:00-05:00',
        updated_datetime: null,
      }),
      request('backwards', { requested_datetime: '2026-03-05T09:00:00-05:00' }),
    ]),
  )
  const result = await load(store.db, {
    ...{ file, mapping, source: 'some', maxRejectedShare: 0.5 },
    now: new Date('2026-04-01T00:00:00Z'),
  })
  expect(result).toMatchObject({ read: 5, accepted: 4, rejected: 1 })
  const answer = await kpiAnswer(
    store.db,
    filters.parse({ from: '2026-03-01', until: '2026-04-01', compare: 'none' }),
  )
  const onTime = answer.kpis.find(({ id }) => id === 'on_time_rate')?.stat
  expect(onTime).toMatchObject({ numerator: 1, denominator: 2 })
  expect(
    await store.rows(
      `SELECT district, channel, department FROM cases WHERE source = 'some' AND case_id = 'no-promise'`,
    ),
  ).toEqual([{ district: '9', channel: 'app', department: 'Public Works' }])
  const [rejected] = await store.rows<{ reason: string; raw: string }>(
    `SELECT reason, raw FROM rejected_rows WHERE load_id = {id: String}`,
    { id: result.load_id },
  )
  expect(rejected?.reason).toBe(
    'Closed (column closed_datetime) lies before Opened (column requested_datetime).',
  )
  expect(rejected?.raw).not.toMatch(/Ann|Main/)
})

test('a request that was closed and is open again is open, in whatever order the answers arrive', async () => {
  const answers = [
    { status: 'open', updated_datetime: '2026-03-02T09:00:00Z' },
    { status: 'closed', updated_datetime: '2026-03-03T09:00:00Z' },
    { status: 'open', updated_datetime: '2026-03-04T09:00:00Z' },
  ]
  const files = await Promise.all(
    answers.map((answer, at) =>
      store.file(
        `answer-${at}.json`,
        JSON.stringify([{ service_request_id: 'R', requested_datetime: '2026-03-01T09:00:00Z', ...answer }]),
      ),
    ),
  )
  const state = async (source: string, order: number[]) => {
    for (const at of order) await load(store.db, { file: files[at] ?? '', mapping, source })
    return store.rows(
      'SELECT toString(started_at) AS started, toString(closed_at) AS closed, visits FROM cases WHERE source = {source: String}',
      { source },
    )
  }
  const open = [{ started: '2026-03-01 09:00:00.000000', closed: null, visits: 1 }]
  const closed = [{ ...open[0], closed: '2026-03-03 09:00:00.000000', visits: 2 }]
  expect(await state('forth', [0, 1])).toEqual(closed)
  expect(await state('forth', [2])).toEqual(open)
  expect(await state('back', [2, 1, 0])).toEqual(open)
  expect(await state('late', [1, 0])).toEqual(closed)
})

test.each([
  [
    'an entity bomb',
    '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><service_requests>&c;</service_requests>',
    /DOCTYPE/,
  ],
  [
    'an external entity',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><service_requests/>',
    /DOCTYPE/,
  ],
  ['an error answer', '<errors><error><code>403</code></error></errors>', /error answer/],
  ['a cut file', '<service_requests><request><status>op', /not well-formed|cannot be read/],
  ['a text', 'id,status\n1,open\n', /neither XML nor JSON/],
  ['a list of numbers', '[1,2]', /Record 1 .* no object/],
])('%s is refused in one clear sentence', async (name, content, says) => {
  const file = await store.file(`bad-${name}.xml`, content)
  await expect(load(store.db, { file, mapping, source: name })).rejects.toThrow(says)
})
