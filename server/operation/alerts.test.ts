import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Intake } from '../../pipelines/sources/intake.ts'
import { AnswerCache } from '../cache.ts'
import { createMetrics } from '../metrics.ts'
import type { StatusDesk } from '../status/routes.ts'
import { Watch } from '../status/watch.ts'

/** What Prometheus reads of a server that has met everything once. */
async function text(): Promise<string> {
  const feeds = [
    {
      source: 'counters',
      stream: 'wait_times',
      loaded_at: '2026-06-01T04:00:00Z',
      state: 'late',
      due_at: null,
    },
  ]
  const watch = new Watch()
  watch.part('sign_in', false, 'City account')
  const status = {
    ...{ watch, look: async () => {}, dataDir: import.meta.dirname },
    known: () => ({ at: 0, feeds, reports: { due: 4, on_time: 2, waiting: 1, failed: 1, undelivered: 2 } }),
  } as unknown as StatusDesk
  const intake = { sources: () => [{ name: 'push', waiting: 3, state: 'troubled' }] } as unknown as Intake
  const { observe, feedback, text } = createMetrics({ cache: new AnswerCache(), status, intake })
  observe('GET', '/api/v1/kpis', 200, 0.1)
  feedback('shown')
  return text()
}

test('every alert asks for what the server tells, and says what to do', async () => {
  const told = new Set((await text()).split('\n').map((line) => /^[a-z_]+/.exec(line)?.[0] ?? ''))
  const rules = readFileSync(join(import.meta.dirname, 'alerts.yml'), 'utf8')
    .split('- alert: ')
    .slice(1)
  expect(rules.length).toBeGreaterThan(10)
  for (const rule of rules) {
    const [name = ''] = rule.split('\n')
    const asked = /expr: (.+)/.exec(rule)?.[1]?.match(/\b(?:clearway|process)_[a-z_0-9]+/g) ?? []
    // `up` is what Prometheus itself notes of every server it asks
    if (!rule.includes('expr: up{')) expect(asked, name).not.toEqual([])
    for (const metric of asked) expect(told, `${name} asks for ${metric}`).toContain(metric)
    expect(rule, name).toMatch(/summary: \S.{20}/)
  }
})

test('sources, reports and what waits have their values', async () => {
  expect((await text()).split('\n')).toEqual(
    expect.arrayContaining([
      'clearway_source_late{source="counters",stream="wait_times"} 1',
      'clearway_reports{result="waiting"} 1',
      'clearway_reports{result="undelivered"} 2',
      'clearway_part_well{part="sign_in",name="City account"} 0',
      'clearway_intake_waiting{source="push"} 3',
      'clearway_intake_troubled{source="push"} 1',
      'clearway_last_backup_timestamp_seconds 0',
      'clearway_store_up 1',
    ]),
  )
})
