import { readdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useBuiltServer } from './testServer.ts'

/** The built server, killed between the acknowledgement of rows and their load. */

const server = useBuiltServer('push', {
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  services: [{ id: 'permits', name: 'Permits', closes: 'last_event' }],
  sources: [{ kind: 'folder', path: 'inbox', mapping: 'clearway', source: 'folder' }],
})

async function command(...args: string[]): Promise<string> {
  const { code, stdout } = await server.command(...args)
  expect(code).toBe(0)
  return stdout
}

const csv = (ids: string[]) =>
  `case_id,event_id,service,activity,time\n${ids.map((id) => `${id},1,permits,received,2026-05-04T08:00:00Z`).join('\n')}\n`

type Load = { load_id: string; source: string; state: string; accepted: number; duplicates: number }
const loads = async (address: string): Promise<Load[]> =>
  ((await (await fetch(`${address}/api/v1/loads?limit=1000`)).json()) as { loads: Load[] }).loads

test('rows that were acknowledged before the server was killed are there exactly once after the next start', {
  timeout: 120_000,
}, async () => {
  const made = await command('key', 'create', '--name', 'permit-system', '--role', 'ingest', '--json')
  const { key, id } = JSON.parse(made) as { key: string; id: string }
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'text/csv' }

  const first = await server.start()
  const send = async (address: string, source: string, body: string) => {
    const url = `${address}/api/v1/ingest/case_events?source=${source}`
    const response = await fetch(url, { method: 'POST', headers, body })
    return { status: response.status, body: (await response.json()) as { load_id: string; detail: string } }
  }
  // a sender that dies in the middle leaves nothing
  await new Promise<void>((resolve) => {
    const dying = request(`${first.address}/api/v1/ingest/case_events?source=dying`, {
      method: 'POST',
      headers,
    })
    dying.on('error', () => resolve())
    dying.write(csv(['X1', 'X2']), () => dying.destroy(new Error('the sender died here')))
  })
  const sent = await Promise.all(
    Array.from({ length: 8 }, (_, at) => send(first.address, 'pushed', csv([`A${at}`, `B${at}`]))),
  )
  await first.kill('SIGKILL')
  expect(sent.map(({ status }) => status)).toEqual(Array(8).fill(202))
  const left = (await readdir(join(server.data, 'push'))).filter((name) => name.endsWith('.json'))
  expect(left.length).toBeGreaterThan(0)

  await writeFile(join(server.data, 'inbox', 'dropped.csv'), csv(['D1']))
  const second = await server.start()
  const done = async () => (await loads(second.address)).filter(({ state }) => state === 'done').length
  await expect.poll(done, { timeout: 60_000, interval: 250 }).toBe(9)
  const ledger = await loads(second.address)
  const pushed = ledger.filter(({ source }) => source === 'pushed')
  expect(pushed.map(({ load_id }) => load_id).sort()).toEqual(sent.map(({ body }) => body.load_id).sort())
  for (const load of pushed) expect(load).toMatchObject({ state: 'done', accepted: 2, duplicates: 0 })
  expect(ledger.filter(({ source }) => source !== 'pushed').map(({ source }) => source)).toEqual(['folder'])
  expect(await readdir(join(server.data, 'inbox', 'done'))).toEqual(['dropped.csv'])
  await expect.poll(() => readdir(join(server.data, 'push'))).toEqual([])

  const from = 'from=2026-05-01&until=2026-06-01'
  const kpis = (await (await fetch(`${second.address}/api/v1/kpis?${from}`)).json()) as {
    kpis: { id: string; stat: { value: number } }[]
  }
  expect(kpis.kpis.find((kpi) => kpi.id === 'requests_received')?.stat.value).toBe(17)

  expect(await command('key', 'list')).toContain('permit-system  ingest  ingest:*')
  await command('key', 'revoke', id)
  expect((await send(second.address, 'pushed', csv(['Z']))).status).toBe(401)
  await second.kill('SIGTERM')
  await command('check')
})
