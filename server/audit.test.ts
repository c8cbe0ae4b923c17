import { beforeAll, expect, test } from 'vitest'
import { ingest } from '../pipelines/ingest.ts'
import { useStore } from '../pipelines/testStore.ts'
import { openAudit } from '../sql/audit.ts'
import { verifyAudit } from '../sql/auditRead.ts'
import type { Db } from '../sql/db.ts'
import { createKey } from '../sql/keys.ts'
import { auditAnswer, auditStateAnswer } from './answers/audit.ts'
import { createApp } from './app.ts'
import { networkOf } from './audit/network.ts'
import { type AuditEntry, deedSentence } from './words/deeds.ts'

const store = useStore()
let app: ReturnType<typeof createApp>
let auditor: Record<string, string>
let key = ''

const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
const ask = (path: string, headers: Record<string, string> = {}, env: object = from('127.0.0.1')) =>
  app.request(`http://localhost/api/v1${path}`, { headers }, env)
const names = (id: string) => (id === 'permits' ? 'Building permits' : id)
const entries = async (search = ''): Promise<AuditEntry[]> => {
  const response = await ask(`/audit?limit=200&${search}`, auditor)
  const body: unknown = await response.json()
  expect(response.status, JSON.stringify(body)).toBe(200)
  return auditAnswer.parse(body).entries
}
const sentences = async (search: string) => (await entries(search)).map((one) => deedSentence(one, names))

beforeAll(async () => {
  const rows = ['A1', 'A2', '=1+1'].flatMap((id) => [
    `${id},permits,Apply,2026-06-01T08:00:00Z,start`,
    `${id},permits,Decide,2026-06-03T08:00:00Z,stop`,
  ])
  const file = await store.file('events.csv', ['case_id,service,activity,time,clock', ...rows].join('\n'))
  await ingest(store.db, file, { mapping: 'clearway', source: 'desk' })
  app = createApp({ db: store.db, audit: openAudit(store.db, { gatherMs: 0 }), versionAge: 0 })
  const made = await createKey(store.db, { name: 'court', role: 'auditor', scopes: ['audit'] })
  auditor = { Authorization: `Bearer ${made.key}` }
  key = (await createKey(store.db, { name: 'permit desk', role: 'case_worker', scopes: ['cases'] })).key
})

const june = 'from=2026-06-01&until=2026-07-01'

test('who opened a case, listed or took cases and figures along is told in plain sentences, with purpose and network', async () => {
  const desk = { Authorization: `Bearer ${key}`, 'X-Purpose': 'complaint\n of 3 June' }
  expect((await ask('/cases/desk/A1', { ...desk, 'X-Purpose': 'complaint' }, from('10.1.2.3'))).status).toBe(
    200,
  )
  expect((await ask(`/cases?service=permits&${june}`)).status).toBe(200)
  expect((await ask(`/cases?format=csv&${june}`)).status).toBe(200)
  // words of one's own could name somebody: they are not written down
  const own = { 'X-Purpose': 'because of Jane Roe' }
  expect((await ask(`/kpis?format=csv&service=permits&${june}`, own)).status).toBe(200)
  // figures on the dashboard are nobody's secret
  expect((await ask(`/kpis?service=permits&${june}`)).status).toBe(200)
  expect(await sentences('actor=permit&deed=case_view')).toEqual([
    'The key permit desk opened case A1 of Building permits for: complaint',
  ])
  expect(await sentences('actor=machine')).toEqual([
    'Somebody on this machine took figures along (kpis) of Building permits as CSV, 2026-06-01 until 2026-07-01',
    'Somebody on this machine took the cases along as CSV, 2026-06-01 until 2026-07-01',
    'Somebody on this machine listed 3 cases of Building permits, 2026-06-01 until 2026-07-01',
  ])
  const [opened] = await entries('object=A1')
  expect(opened).toMatchObject({ address: '10.1.2.0/24', detail: { source: 'desk', service: 'permits' } })
  expect(await entries('search=COMPLAINT')).toHaveLength(1)
  expect(await entries('search=Roe')).toEqual([])
  expect(await entries('from=2000-01-01&until=2000-01-02')).toEqual([])
})

test('the audit is for auditors alone, also on the machine itself; who was refused is written down', async () => {
  expect((await ask('/audit')).status).toBe(401)
  expect((await ask('/audit/state')).status).toBe(401)
  expect((await ask('/audit', { Authorization: `Bearer ${key}` })).status).toBe(403)
  expect((await ask('/audit', { Authorization: `Bearer ${key}x` })).status).toBe(401)
  await expect.poll(() => sentences('deed=access_refused&deed=key_refused')).toHaveLength(2)
  const state = auditStateAnswer.parse(await (await ask('/audit/state', auditor)).json())
  expect(state).toMatchObject({ whole: true, faults: [] })
})

test('pages follow one another without a gap, and everything can be taken along, which is written down', async () => {
  const all = await entries()
  const pages: AuditEntry[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await ask(`/audit?limit=2${cursor && `&cursor=${cursor}`}`, auditor)
    const { entries: some, next_cursor } = auditAnswer.parse(await page.json())
    pages.push(...some)
    cursor = next_cursor
  }
  expect(pages).toEqual(all)
  for (const wrong of ['limit=0', 'cursor=x', 'deed=stole', 'until=never', 'colour=red'])
    expect((await ask(`/audit?${wrong}`, auditor)).status, wrong).toBe(422)
  const lines = (await (await ask('/audit?format=ndjson', auditor)).text()).trim().split('\n')
  expect(lines).toHaveLength(all.length + 1)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ deed: 'audit_export', actor_name: 'court' })
  await ask('/cases/desk/%3D1%2B1')
  const csv = await (await ask('/audit?format=csv&deed=case_view', auditor)).text()
  expect(csv).toContain(`case_view,'=1+1,`)
  expect(csv.split('\r\n')).toHaveLength(4)
  expect(await verifyAudit(store.db)).toMatchObject({ whole: true })
})

test('a case that cannot be written down is not shown', async () => {
  const insert: Db['insert'] = (params) =>
    params.table === 'audit' ? Promise.reject(new Error('disk full')) : store.db.insert(params)
  const closed = createApp({ db: { ...store.db, insert }, versionAge: 0 })
  for (const path of [
    '/cases/desk/A2',
    `/cases?${june}`,
    `/cases?${june}&format=csv`,
    `/kpis?${june}&format=csv`,
  ]) {
    const response = await closed.request(`http://localhost/api/v1${path}`, {}, from('127.0.0.1'))
    const text = await response.text()
    expect([response.status, JSON.parse(text).title], path).toEqual([503, 'The audit cannot be written'])
    expect(text).not.toContain('Decide')
  }
  expect(await entries('object=A2')).toEqual([])
})

test('an address is written down as its network', () => {
  const networks = ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8:abcd:12::1', 'fe80::1%eth0', '::1', '', 'unix']
  expect(networks.map(networkOf)).toEqual([
    ...['10.1.2.0/24', '10.1.2.0/24', '2001:db8:abcd::/48', 'fe80:0:0::/48', '0:0:0::/48', '', ''],
  ])
})
