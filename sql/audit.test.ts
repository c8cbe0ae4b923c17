import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Audit, openAudit, readHeads } from './audit.ts'
import { type Entry, link } from './auditChain.ts'
import { readAudit, verifyAudit } from './auditRead.ts'
import { trimAudit } from './auditTrim.ts'
import { type Db, openDb } from './db.ts'
import { migrate } from './migrate.ts'
import { emptyAudit } from './privacy/eraseStore.ts'

const folder = mkdtempSync(join(tmpdir(), 'clearway-audit-'))
let db: Db
beforeAll(async () => {
  db = await openDb({ CLEARWAY_DATA: folder })
  await migrate(db)
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

const actor = { kind: 'person', id: 'city|7', name: 'Jo Miller' } as const
const view = (audit: Audit, object: string) =>
  audit.note({ actor, deed: 'case_view', object, purpose: 'complaint', detail: { service: 'permits' } })

const stored = async (): Promise<Entry[]> =>
  (await db.query({ query: 'SELECT * FROM audit ORDER BY chain, no', format: 'JSONEachRow' })).json<Entry>()
/** Puts these entries in the place of all, as somebody with the rights of the store could. */
async function put(entries: Entry[]): Promise<void> {
  await db.command({ query: 'TRUNCATE TABLE audit' })
  const clickhouse_settings = { date_time_input_format: 'best_effort' } as const
  if (entries.length > 0)
    await db.insert({ table: 'audit', values: entries, format: 'JSONEachRow', clickhouse_settings })
}

/** A process that writes and can die: before its insert arrives, or after it and before it hears so. */
function mortal() {
  let dies: 'before' | 'after' | undefined
  const insert: Db['insert'] = async (params) => {
    if (dies === 'before') throw new Error('killed')
    const done = await db.insert(params)
    if (dies === 'after') throw new Error('killed')
    return done
  }
  const store: Db = { ...db, insert, query: (params) => db.query(params) }
  let audit = openAudit(store, { gatherMs: 0 })
  return {
    note: (object: string) => view(audit, object).catch(() => {}),
    async kill(when: 'before' | 'after') {
      dies = when
      await view(audit, 'last breath').catch(() => {})
      dies = undefined
      audit = openAudit(store, { gatherMs: 0 })
    },
  }
}

const step = fc.record({
  writer: fc.nat(2),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.record({ notes: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constantFrom('before' as const, 'after' as const) },
  ),
})
const fields = [
  ...['actor_kind', 'actor_id', 'actor_name', 'deed', 'object', 'salt', 'seal', 'purpose', 'detail'],
  ...['request_id', 'address', 'previous', 'hash', 'chain'],
] as (keyof Entry)[]

/** One change of what is stored, by somebody who may choose where. */
const mutation = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.nat(),
    field: fc.constantFrom(...fields),
    where: fc.nat(),
  }),
  fc.record({
    kind: fc.constantFrom('time', 'number', 'drop', 'double', 'swap', 'tail', 'empty'),
    at: fc.nat(),
  }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer Change> ? Change : never

function mutated(entries: Entry[], change: Mutation): Entry[] {
  const all = entries.map((one) => ({ ...one }))
  const at = change.at % all.length
  const one = all[at] as Entry
  if ('field' in change) {
    const text = String(one[change.field])
    const where = text === '' ? 0 : change.where % text.length
    const other = text[where] === 'x' ? 'y' : 'x'
    return all.with(at, { ...one, [change.field]: text.slice(0, where) + other + text.slice(where + 1) })
  }
  const next = all[(at + 1) % all.length] as Entry
  if (change.kind === 'time')
    return all.with(at, { ...one, at: new Date(Date.parse(one.at) + 1).toISOString() })
  if (change.kind === 'number') return all.with(at, { ...one, no: one.no + 1 })
  if (change.kind === 'drop') return all.toSpliced(at, 1)
  if (change.kind === 'double') return [...all, one]
  if (change.kind === 'tail') return all.filter(({ chain, no }) => chain !== one.chain || no < one.no)
  if (change.kind === 'empty') return all.with(at, { ...one, object: '', salt: '' })
  const place = ({ chain, no }: Entry) => ({ chain, no })
  const swapped = all.with(at, { ...one, ...place(next) })
  return swapped.with((at + 1) % all.length, { ...next, ...place(one) })
}

test('several processes write at once and die anywhere: the audit stays whole, and any single change of it shows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 6 }),
      fc.array(mutation, { minLength: 3, maxLength: 3 }),
      async (steps, changes) => {
        await put([])
        const writers = [mortal(), mortal(), mortal()]
        for (const [at, { writer, what }] of steps.entries()) {
          const one = writers[writer]
          if (typeof what === 'string') await one?.kill(what)
          else
            await Promise.all(Array.from({ length: what.notes }, (_, n) => one?.note(`C${at}-${n} ü'\\\n`)))
        }
        await writers[0]?.note('one more')
        const heads = await readHeads(db)
        expect(await verifyAudit(db, heads)).toMatchObject({ whole: true, faults: [] })
        const entries = await stored()
        for (const change of changes) {
          const other = mutated(entries, change)
          if (JSON.stringify(other) === JSON.stringify(entries)) continue
          await put(other)
          expect((await verifyAudit(db, heads)).whole, JSON.stringify(change)).toBe(false)
        }
      },
    ),
    { numRuns: 4 },
  )
})

test('what is wrong is named: the first entry that was changed, replaced, missing, doubled, cut off or emptied', async () => {
  await put([])
  const first = openAudit(db, { gatherMs: 0 })
  for (const object of ['a', 'b', 'c', 'd']) await view(first, object)
  const chain = (await stored())[0]?.chain
  // a later process saw where the first one stood
  await view(openAudit(db), 'e')
  const entries = await stored()
  const of = (no: number) => entries.findIndex((one) => one.chain === chain && one.no === no)
  const fault = async (other: Entry[]) => {
    await put(other)
    const { faults } = await verifyAudit(db)
    return faults.map(({ chain: its, no, problem }) => [its === chain, no, problem])
  }
  const second = entries[of(2)] as Entry
  expect(await fault(entries)).toEqual([])
  expect(await fault(entries.with(of(2), { ...second, purpose: 'bribe' }))).toEqual([[true, 2, 'changed']])
  expect(await fault(entries.toSpliced(of(2), 1))).toEqual([[true, 2, 'missing']])
  expect(await fault([...entries, second])).toEqual([[true, 2, 'doubled']])
  expect(await fault(entries.toSpliced(of(4), 1))).toEqual([[true, 4, 'cut']])
  expect(await fault(entries.filter((one) => one.chain !== chain))).toEqual([[true, 4, 'cut']])
  expect(await fault(entries.with(of(2), { ...second, object: '', salt: '' }))).toEqual([
    [true, 2, 'emptied'],
  ])
  // who knows how hashes are made still cannot change what later entries were written after
  const { at, actor_kind, actor_id, actor_name, deed, object, detail, request_id, address } = second
  const told = { at, actor_kind, actor_id, actor_name, deed, object, detail, request_id, address }
  const before = { chain: second.chain, no: 1, hash: second.previous, after: [] }
  const forged = link(before, { ...told, purpose: 'bribe' })
  expect(await fault(entries.with(of(2), forged))).toEqual([[true, 2, 'replaced']])
})

test('a hundred deeds at once are few inserts, and one that cannot be written is refused', async () => {
  await put([])
  let inserts = 0
  let full = false
  const insert: Db['insert'] = (params) => {
    inserts += 1
    return full ? Promise.reject(new Error('disk full')) : db.insert(params)
  }
  const audit = openAudit({ ...db, insert })
  await Promise.all(Array.from({ length: 100 }, (_, at) => view(audit, `C${at}`)))
  expect(inserts).toBeLessThanOrEqual(2)
  full = true
  await expect(view(audit, 'unseen')).rejects.toThrow('disk full')
  full = false
  await view(audit, 'seen')
  expect(await verifyAudit(db)).toMatchObject({ whole: true, entries: 101, chains: 2 })
  const page = await readAudit(db, { zone: 'UTC', search: 'SEEN' }, { limit: 10 })
  expect(page.entries.map(({ object }) => object)).toEqual(['seen'])
})

test('which case was opened can be taken out for good, and the chain stays whole', async () => {
  await put([])
  const audit = openAudit(db, { gatherMs: 0 })
  const open = (object: string) =>
    audit.note({ actor, deed: 'case_view', object, detail: { source: 'desk', service: 'permits' } })
  for (const id of ['stays', 'goes-4711', 'stays', 'goes-4711']) await open(id)
  const heads = await readHeads(db)
  const gone = [
    { source: 'desk', case_id: 'goes-4711' },
    { source: 'other', case_id: 'stays' },
  ]
  const note = (entries: string[]) => audit.note({ actor, deed: 'audit_empty', detail: { entries } })
  expect(await emptyAudit(db, gone, note)).toBe(2)
  expect(await emptyAudit(db, gone, note)).toBe(0)
  expect(JSON.stringify(await stored())).not.toContain('4711')
  expect(await verifyAudit(db, heads)).toMatchObject({ whole: true, emptied: 2, entries: 5 })
  const { entries } = await readAudit(db, { zone: 'UTC', deed: ['case_view'] }, { limit: 10 })
  expect(entries.map(({ object, emptied }) => [object, emptied])).toEqual([
    ['', true],
    ['stays', false],
    ['', true],
    ['stays', false],
  ])
})

test('entries whose time is over are removed again and again, and what is left stays whole; removed otherwise it shows', async () => {
  await put([])
  const day = (n: number) => new Date(Date.UTC(2026, 0, n))
  vi.useFakeTimers({ toFake: ['Date'], now: day(1) })
  try {
    const [long, short] = [openAudit(db, { gatherMs: 0 }), openAudit(db, { gatherMs: 0 })]
    const keeper = { audit: openAudit(db, { gatherMs: 0 }), actor }
    const on = async (n: number, audit: Audit, object: string) => {
      vi.setSystemTime(day(n))
      await view(audit, object)
    }
    await on(1, long, 'a')
    await on(2, short, 'b')
    await on(3, long, 'c')
    let heads = await readHeads(db)
    await on(20, long, 'd')
    const objects = async () =>
      (await stored())
        .filter(({ object }) => object !== '')
        .map(({ object }) => object)
        .sort()
    for (const [today, left] of [
      [21, ['c', 'd']],
      [40, ['d']],
      [50, ['d']],
      [80, []],
    ] as const) {
      vi.setSystemTime(day(today))
      await trimAudit(db, keeper, day(today === 21 ? 3 : today - 30))
      expect(await objects()).toEqual(left)
      expect(await verifyAudit(db, heads)).toMatchObject({ whole: true, faults: [] })
      // as who keeps them outside does each time
      heads = await readHeads(db)
    }
    for (const object of ['e', 'f']) await view(long, object)
    await put((await stored()).filter(({ object }) => object !== 'e'))
    expect((await verifyAudit(db)).faults.map(({ problem }) => problem)).toEqual(['missing'])
  } finally {
    vi.useRealTimers()
  }
})
