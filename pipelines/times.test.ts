import { expect, test } from 'vitest'
import { useStore } from './testStore.ts'
import { parseTime } from './times.ts'

const store = useStore()

const read = async (texts: string[], formats: string[], zone: string) => {
  const rows = await store.db.query({
    query: `SELECT ${parseTime('text', formats, zone)} AS time FROM (SELECT arrayJoin({texts: Array(String)}) AS text)`,
    query_params: { texts },
    format: 'JSONEachRow',
  })
  return (await rows.json<{ time: string | null }>()).map(({ time }) => time)
}

test('iso times keep offset, zone and microseconds', async () => {
  const wanted = {
    '2011-10-11 13:45:40.276000+02:00': '2011-10-11T11:45:40.276000Z',
    '2011-10-11T13:45:40.276+02:00': '2011-10-11T11:45:40.276000Z',
    '2010-12-30 14:32:00+01:00': '2010-12-30T13:32:00.000000Z',
    '2026-03-02T10:15:00Z': '2026-03-02T10:15:00.000000Z',
    '2026-03-02T10:15:00.123456789Z': '2026-03-02T10:15:00.123456Z',
    '2026-03-02T10:15:00-0330': '2026-03-02T13:45:00.000000Z',
    '2026-03-02T10:15:00+14:00': '2026-03-01T20:15:00.000000Z',
    '2026-03-02 10:15-1200': '2026-03-02T22:15:00.000000Z',
    '2026-03-02 10:15': '2026-03-02T15:15:00.000000Z',
    '2026-07-02': '2026-07-02T04:00:00.000000Z',
    '1955-07-02T00:00:00.5Z': '1955-07-02T00:00:00.500000Z',
  }
  expect(await read(Object.keys(wanted), ['iso'], 'America/New_York')).toEqual(Object.values(wanted))
})

test('what is not exactly a time is none: nothing is guessed', async () => {
  const texts = [
    ...[
      '01/02/2026',
      '2026-1-2',
      '2026-02-30',
      '2026-13-01',
      '2026-01-01T24:00:00Z',
      '2026-01-01 10:60',
      '2026-01-01 10:00:60',
    ],
    ...[
      '2026-01-01T10',
      'yesterday',
      '',
      '20260101',
      '2026-01-01T10:00:00+2',
      '2026-01-01T10:00:00+14:01',
      '2026-01-01T10:00:00-1500',
      '2026-01-01T10:00:00.5+99',
      '2026-01-01 10:00+01:60',
      '2026-01-01  10:00',
      '0001-01-01',
      '2026-01-01T10:00:00Z ',
    ],
  ]
  expect(await read(texts, ['iso'], 'UTC')).toEqual(texts.map(() => null))
})

test('other formats are read as declared, in the order declared', async () => {
  const read2 = await read(
    ['03/02/2026 10:15', '2026-03-02 10:15', '32/13/2026 10:15'],
    ['%m/%d/%Y %H:%i', 'iso'],
    'Europe/Berlin',
  )
  expect(read2).toEqual(['2026-03-02T09:15:00.000000Z', '2026-03-02T09:15:00.000000Z', null])
  expect(await read(['1772446500', 'x', '99999999999999'], ['unix'], 'UTC')).toEqual([
    '2026-03-02T10:15:00.000000Z',
    null,
    null,
  ])
  expect(await read(['1772446500123'], ['unix_ms'], 'UTC')).toEqual(['2026-03-02T10:15:00.123000Z'])
})
