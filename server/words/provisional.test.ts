import { expect, test } from 'vitest'
import type { Kpis, Meta } from '../answerTypes.ts'
import { provisionalWords } from './provisional.ts'

const services = [
  { id: 'permits', name: 'Building permits' },
  { id: 'repairs', name: 'Street repairs' },
] as Meta['services']
const missing = (complete: number, more: Partial<Kpis['missing'][number]> = {}) => ({
  ...{ source: 'permit-system', stream: 'case_events' as const, services: ['permits'], complete },
  ...more,
})

test('a period that is not known in full is told in words, by service and how much is there', () => {
  expect(provisionalWords([], services)).toBe('')
  expect(provisionalWords([missing(0.798)], services)).toBe(
    'Provisional: the case events of Building permits are about 80% complete.',
  )
  expect(
    provisionalWords(
      [
        missing(0, { stream: 'outcomes', services: ['permits', 'repairs'] }),
        missing(0.5, { source: 'queues', stream: 'wait_times', services: ['a', 'b', 'c'] }),
      ],
      services,
    ),
  ).toBe(
    'Provisional: the outcomes and answers of Building permits and Street repairs are not there yet and the wait times of queues are about 50% complete.',
  )
  expect(provisionalWords(Array(5).fill(missing(0.9)), services)).toContain(', ')
  expect(provisionalWords(Array(5).fill(missing(0.9)), services)).toMatch(
    /and 2 more sources are incomplete\.$/,
  )
})
