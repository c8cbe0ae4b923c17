import { expect, test } from 'vitest'
import { type ConfigInput, configSchema } from './config.ts'

const city: ConfigInput = {
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  services: [{ id: 'permits', name: 'Permits' }],
}
const year = { service: 'permits', from: '2026-01-01', until: '2027-01-01', amount: 1, currency: 'EUR' }

test.each<[what: string, wrong: Partial<ConfigInput>, path: string, says: RegExp]>([
  [
    'outcomes of an unknown service',
    { outcomes: [{ service: 'moon', codes: {} }] },
    'outcomes.0.service',
    /"moon" is not declared/,
  ],
  [
    'outcomes told twice',
    { outcomes: [{ codes: {} }, { codes: {} }] },
    'outcomes.1.service',
    /of all services stand twice/,
  ],
  [
    'a code told twice',
    { outcomes: [{ codes: { Granted: 'intended', granted: 'refused' } }] },
    'outcomes.0.codes.granted',
    /without regard to case/,
  ],
  [
    'a contact of two kinds',
    { contacts: { chasing: ['Call'], other: ['call'] } },
    'contacts',
    /"call" stands twice/,
  ],
  [
    'a cost of an unknown service',
    { costs: [{ ...year, service: 'moon' }] },
    'costs.0.service',
    /"moon" is not declared/,
  ],
  [
    'a day paid twice',
    { costs: [year, { ...year, from: '2026-12-31', until: '2027-02-01' }] },
    'costs.1.from',
    /would count twice/,
  ],
  [
    'a cost that ends before it begins',
    { costs: [{ ...year, until: '2025-01-01' }] },
    'costs.0.until',
    /must be later than from/,
  ],
])('%s: refused by name', (_, wrong, path, says) => {
  const issues = configSchema.safeParse({ ...city, ...wrong }).error?.issues ?? []
  expect(issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
    [path, expect.stringMatching(says)],
  ])
})

test('costs that follow each other, and codes and contacts told once, are taken', () => {
  const told: Partial<ConfigInput> = {
    outcomes: [{ codes: { refused: 'refused' } }, { service: 'permits', codes: { refused: 'resolved' } }],
    contacts: { chasing: ['Where is it?'], other: ['Call'] },
    costs: [year, { ...year, from: '2027-01-01', until: '2028-01-01' }],
  }
  expect(configSchema.safeParse({ ...city, ...told }).success).toBe(true)
})
