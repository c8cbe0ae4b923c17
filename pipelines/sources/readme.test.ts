import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../../sql/config.ts'
import { loadMapping } from '../mapping.ts'

test('the sources of the README are a configuration that starts', async () => {
  const readme = await readFile(path.resolve(import.meta.dirname, '../../README.md'), 'utf8')
  const [, example = ''] = /## Sources[\s\S]*?```json\n([\s\S]*?)```/.exec(readme) ?? []
  const config = configSchema.parse({
    jurisdiction: { name: 'Town', time_zone: 'UTC' },
    ...(JSON.parse(example) as object),
  })
  expect(config.sources.map(({ kind }) => kind)).toEqual(['folder', 'http', 'mqtt', 'kafka'])
  for (const { mapping } of config.sources) await loadMapping(mapping)
  expect(config.expected).toHaveLength(1)
})

test('the calendar of the README is a configuration that starts', async () => {
  const readme = await readFile(path.resolve(import.meta.dirname, '../../README.md'), 'utf8')
  const [, example = ''] = /## Your own data[\s\S]*?```json\n([\s\S]*?)```/.exec(readme) ?? []
  const config = configSchema.parse({
    jurisdiction: { name: 'Town', time_zone: 'UTC' },
    ...(JSON.parse(example) as object),
  })
  expect(config.calendars[0]?.hours).toHaveLength(1)
  expect(config.pauses.applicant).toHaveLength(1)
})
