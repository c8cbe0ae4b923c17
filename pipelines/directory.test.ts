import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../sql/config.ts'
import { readDirectory } from './directory.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-directory-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const write = async (name: string, content: unknown): Promise<string> => {
  const file = path.join(dir, name)
  await writeFile(file, JSON.stringify(content))
  return file
}

const housing = { id: 'o1', name: 'Housing Office' }
const services = [
  {
    ...{ id: 's1', name: 'Emergency shelter', status: 'active', organization: housing },
    description: '<p>A bed for the night.</p> Call first.',
    wait_time: 'deprecated',
  },
  { id: 's2', name: 'Rent support', status: 'active', organization: housing, description: null },
  { id: 's3', name: 'Rent support', status: 'active', organization_id: 'clinic' },
  { id: 's4', name: 'Old hostel', status: 'defunct', organization: housing },
]

test('a service directory becomes departments and services of the configuration', async () => {
  for (const content of [services, { total_items: 4, contents: services }]) {
    const found = await readDirectory(await write('services.json', content))
    expect(found?.directory).toEqual({
      departments: [
        { id: 'housing-office', name: 'Housing Office' },
        { id: 'clinic', name: 'clinic' },
      ],
      services: [
        {
          ...{ id: 'emergency-shelter', name: 'Emergency shelter' },
          ...{ department: 'housing-office', means: 'A bed for the night.' },
        },
        { id: 'rent-support', name: 'Rent support', department: 'housing-office', means: '' },
        { id: 'rent-support-2', name: 'Rent support', department: 'clinic', means: '' },
      ],
    })
    expect(found?.notes.join(' ')).toContain('Old hostel')
    const jurisdiction = { name: 'Testville', time_zone: 'UTC' }
    expect(configSchema.parse({ jurisdiction, ...found?.directory }).services).toHaveLength(3)
  }
})

test('rows of cases are no service directory', async () => {
  expect(
    await readDirectory(await write('rows.json', [{ id: '1', name: 'x', status: 'active' }])),
  ).toBeUndefined()
  expect(await readDirectory(await write('services.csv', services))).toBeUndefined()
})
