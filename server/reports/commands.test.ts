import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reportIds } from '../../sql/reportIds.ts'
import { useBuiltServer } from '../testServer.ts'

/** `clearway report` as people type it: the built command on a small store, its exit code, and what it prints. */

const service = { id: 'permits', name: 'Permits', closes: 'last_event' }
const recipients = [{ destination: { kind: 'folder', path: 'out' } }]
const clearway = useBuiltServer('report-commands', {
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  services: [service],
  schedules: [
    {
      ...{ id: 'monthly', name: 'Monthly', report: 'waiting-list', formats: ['pdf'], recipients },
      when: { kind: 'complete', period: 'month' },
    },
  ],
})

test('a report is made, listed, and known again until a byte of it is changed', async () => {
  const events = [
    'case_id,event_id,service,activity,time',
    'A-1,1,permits,received,2026-05-04T08:00:00Z',
    'A-1,2,permits,decided,2026-05-06T08:00:00Z',
    'A-2,1,permits,received,2026-06-01T08:00:00Z',
    '',
  ].join('\n')
  const file = join(clearway.dir, 'events.csv')
  await writeFile(file, events)
  expect(await clearway.command('ingest', file, '--mapping', 'clearway', '--source', 'town')).toMatchObject({
    code: 0,
  })
  const report = (...args: string[]) => clearway.command('report', ...args)

  const made = await report(
    'run',
    'waiting-list',
    '--format',
    'csv',
    '--from',
    '2026-05-01',
    '--until',
    '2026-06-01',
    '--json',
  )
  expect(made).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/Checksum of the figures [0-9a-f]{64}/),
  })
  const path = join(clearway.dir, 'waiting-list-services-2026-05.csv')
  const { file: told, figures_sha256 } = JSON.parse(made.stdout) as {
    file: { path: string; bytes: number }
    figures_sha256: string
  }
  const bytes = await readFile(path)
  expect([told.path, told.bytes]).toEqual([path, bytes.length])
  expect(await readFile(`${path}.about.txt`, 'utf8')).toContain(figures_sha256)

  const listed = await report('list')
  expect(listed.code).toBe(0)
  expect(listed.stdout).toMatch(/^monthly {2}waiting-list as pdf, when the data is complete/)
  expect(listed.stdout).toContain(`Reports there are: ${Object.keys(reportIds).join(', ')}.`)

  for (const known of [path, figures_sha256.slice(0, 16)])
    expect(await report('verify', known)).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^waiting-list as csv, from 2026-05-01 until 2026-06-01, .+ delivered 0 times\.\n$/,
      ),
      stderr: '',
    })
  bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1
  await writeFile(path, bytes)
  expect(await report('verify', path)).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/is no report that was made here, or it was changed since/),
  })
}, 300_000)

test('an unknown report names those there are', async () => {
  const { code, stdout, stderr } = await clearway.command('report', 'run', 'nothing')
  expect([code, stdout]).toEqual([2, ''])
  for (const id of Object.keys(reportIds)) expect(stderr).toContain(id)
})
