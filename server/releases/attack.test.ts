import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../fixtures/city/random.ts'
import { type Folder, keyOf, readTables, type Seen } from '../../fixtures/disclosure/folder.ts'
import { intervals } from '../../fixtures/disclosure/intervals.ts'
import { relationsOf, type Told, withRests } from '../../fixtures/disclosure/relations.ts'
import { load } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { type Config, configSchema } from '../../sql/config.ts'
import { noteSteps } from '../../sql/releaseLog.ts'
import buildOnce from '../buildOnce.ts'
import { build } from './build.ts'
import { placeOf } from './cube.ts'
import type { Desk } from './desk.ts'
import { disk } from './disk.ts'
import { type Frozen, readFrozen } from './frozen.ts'
import { makersOf } from './makers.ts'
import { declared } from './measures.ts'
import { siteOf } from './siteOf.ts'

/**
 * An outsider takes everything a town made public, in three releases of which the second corrects the first, and finds out what was hidden: by sums,
 * inequalities and quantiles over all tables, and by looking for secrets in every file.
 */
const store = useStore()
const mapping = await loadMapping('clearway')

const config: Config = configSchema.parse({
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  districts: ['north', 'south', 'east', 'island'].map((id) => ({ id, name: id })),
  channels: [
    { id: 'online', name: 'Online', digital: true },
    { id: 'counter', name: 'Counter' },
    { id: 'post', name: 'Post' },
  ],
  services: [
    ['permits', 20, 'days'],
    ['housing', 60, 'days'],
    ['helpline', 10, 'minutes'],
  ].map(([id, value, unit]) => ({
    id,
    name: id,
    standards: [{ valid_from: '2024-01-01', value, unit, target: 0.8 }],
  })),
  outcomes: [
    {
      codes: {
        granted: 'intended',
        refused: 'refused',
        withdrawn: 'withdrawn',
        twice: 'duplicate',
        late: 'not_eligible',
      },
    },
  ],
  publication: { profiles: { housing: 'health' }, address: 'https://town.example/' },
})
const told: Told = {
  digital: ['online'],
  queues: ['helpline'],
  promise: (service) =>
    service === 'helpline'
      ? { value: 10, leeway: 0 }
      : service === 'permits'
        ? { value: 20, leeway: 1 }
        : service === 'housing'
          ? { value: 60, leeway: 1 }
          : null,
}
const k = (service: string) => (service === 'permits' || service === 'helpline' ? 8 : 11)
/** What stands in the records and belongs to single people or to those at work: nowhere public. */
const secrets = [
  'person-4711',
  'crew-swordfish',
  'Ada Byron',
  'my neighbour is never at home',
  'wants-a-moat',
]

const day = 86_400_000
const begin = Date.parse('2026-01-01T00:00:00Z')
const iso = (moment: number) => new Date(Math.round(moment)).toISOString()
const ends = [
  ['granted', 0.7],
  ['refused', 0.14],
  ['withdrawn', 0.12],
  ['twice', 0.03],
  ['late', 0.01],
] as const

/** Four months of a town where few live on the island and hardly anybody writes by post. */
function town() {
  const random = new Random('attack')
  type Rows = [moment: number, row: string][]
  const [events, outcomes, waits]: [Rows, Rows, Rows] = [[], [], []]
  for (const [service, district, aDay, slow] of [
    ['permits', 'north', 3, 9],
    ['permits', 'south', 2.2, 9],
    ['permits', 'east', 0.8, 8],
    ['permits', 'island', 0.05, 9],
    ['housing', 'north', 0.9, 40],
    ['housing', 'south', 0.7, 30],
    ['housing', 'east', 0.12, 30],
    ['housing', 'island', 0.02, 30],
  ] as const) {
    for (let index = 0; index < Math.round(aDay * 120); index += 1) {
      const id = `person-4711-${service}-${district}-${index}`
      const channel = random.pick([
        ['online', 0.6],
        ['counter', 0.37],
        ['post', 0.03],
      ] as const)
      const from = begin + ((index + random.between(0, 1)) / aDay) * day
      const until = from + random.exponential(slow) * day
      const row = (activity: string, moment: number, clock: string, outcome = '') =>
        events.push([
          moment,
          `${id},${service},${district},${channel},${activity},${iso(moment)},${clock},${outcome},crew-swordfish,wants-a-moat`,
        ])
      row('Ask', from, 'start')
      row('Decide', until, 'stop', random.pick(ends))
      if (service !== 'permits') continue
      const rating = random.chance(0.4) ? String(Math.ceil(random.between(0, 5))) : ''
      outcomes.push([
        until,
        `${id},permits,${district},${channel},${iso(until)},true,${rating},${rating},crew-swordfish,${rating && 'Ada Byron says my neighbour is never at home'},person-4711-${index}`,
      ])
    }
  }
  for (let index = 0; index < 120 * 6; index += 1) {
    const moment = begin + (index / 6) * day
    const minutes = random.exponential(4)
    const district = random.pick([
      ['north', 0.6],
      ['south', 0.3],
      ['east', 0.09],
      ['island', 0.01],
    ] as const)
    waits.push([
      moment,
      `person-4711-w${index},helpline,${district},counter,${iso(moment)},${Math.round(minutes * 60)},wait,${minutes > 9 && random.chance(0.3) ? 'abandoned' : 'served'},crew-swordfish`,
    ])
  }
  return [
    { head: 'case_id,service,district,channel,activity,time,clock,outcome,team,subtype', rows: events },
    {
      head: 'outcome_id,service,district,channel,at,offered,rating,ease,team,comment,respondent',
      rows: outcomes,
    },
    { head: 'wait_id,service,district,channel,asked_at,wait,kind,status,team', rows: waits },
  ]
}

let now = new Date('2026-04-08T06:00:00Z')
const desk = (): Desk => ({
  db: store.db,
  config: () => config,
  secret: undefined,
  makers: async () => makersOf({} as Parameters<typeof makersOf>[0]),
  now: () => now,
  disk,
})
const person = { id: 'a', name: 'Builder' }

/** Builds a release and makes it public. */
async function release(asked: Parameters<typeof build>[1]): Promise<string> {
  const { id } = await build(desk(), { at: 'now', ...asked }, person)
  await noteSteps(
    store.db,
    (['checked', 'approved', 'scheduled', 'published'] as const).map((step) => ({
      step,
      release: id,
      at: now.toISOString(),
      key_id: '',
      key_name: '',
      reason: '',
      manifest: '',
    })),
  )
  now = new Date(now.getTime() + 60_000)
  return id
}

const releases: string[] = []
const folder: Map<string, Buffer> = new Map()
const exact = new Map<string, Frozen>()

beforeAll(async () => {
  buildOnce()
  await applyConfig(store.db, config)
  const files = town()
  const give = async (name: string, take: (moment: number, index: number) => boolean, streams = 3) => {
    for (const [stream, { head, rows }] of files.slice(0, streams).entries()) {
      const taken = rows.filter(([moment], index) => take(moment, index)).map(([, row]) => row)
      const file = await store.file(`${name}-${stream}.csv`, [head, ...taken].join('\n'))
      await load(store.db, { file, mapping })
    }
  }
  const april = Date.parse('2026-04-01T00:00:00Z')
  const end = begin + 120 * day
  const late = (index: number) => index % 41 === 0
  await give('first', (moment, index) => moment < april && !late(index))
  releases.push(await release({ month: '2026-03' }))
  await give('late', (moment, index) => moment < april && late(index), 2)
  releases.push(await release({ correct: '2026-03', reason: 'Some came late.' }))
  now = new Date('2026-05-08T06:00:00Z')
  await give('april', (moment) => moment >= april && moment < end)
  releases.push(await release({ month: '2026-04' }))
  for (const id of releases) {
    exact.set(id, await readFrozen(store.db, id))
    const root = join(store.db.dataDir, 'releases', id)
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name)
        folder.set(`releases/${id}/${path.slice(root.length + 1)}`, await readFile(path))
      }
  }
  const { site } = await siteOf(desk())
  for (const { path, body } of await (await desk().makers()).siteFiles(site))
    folder.set(path, Buffer.from(body))
}, 240_000)

/** The exact count behind what an outsider calls by his own name. */
function truth(id: string, key: string): number {
  const [measure = '', service = '', district = '', channel = '', period = ''] = key.split('|')
  const frozen = exact.get(id) as Frozen
  const [, part, of] = /^(\w+)~(\w+)/.exec(key) ?? []
  if (part && of) {
    const rest = key.slice(key.indexOf('|'))
    return truth(id, of + rest) - truth(id, part + rest)
  }
  // told together under both names
  if (key.includes('+')) {
    const members = (/[^|]*\+[^|]*/.exec(key)?.[0] ?? '').split('+')
    return members.reduce((all, one) => all + truth(id, key.replace(members.join('+'), one)), 0)
  }
  const at = placeOf({ service, district, channel, period })
  if (measure === 'open_in_time')
    return frozen.count('open_with_promise', at) - frozen.count('open_overdue', at)
  const one = declared[measure]
  if (one?.kind === 'count' && one.sum) return one.sum.reduce((sum, part) => sum + frozen.count(part, at), 0)
  return frozen.count(measure, at)
}

type Exposed = [key: string, interval: [number, number]]

/** What of a release is found out: hidden counts known closer than they may be. `known` of earlier releases is held for true where it fits. */
async function attack(id: string, from: Folder, known: Map<string, Seen> = new Map()) {
  const reading = readTables(from, id, k)
  for (const [key, seen] of reading.counts) {
    const { low, high } = known.get(key) ?? seen
    if (Math.max(low, seen.low) <= Math.min(high, seen.high))
      reading.counts.set(key, { ...seen, low: Math.max(low, seen.low), high: Math.min(high, seen.high) })
  }
  const rests = withRests(reading)
  const relations = [...relationsOf(reading, told), ...rests.relations]
  const found = await intervals(rests.reading.counts, relations, (key) => k(key.split('|')[1] as string))
  const exposed = [...found].filter(([key, [low, high]]): boolean => {
    const exactly = truth(id, key)
    const isRest = key.includes('~') && (exactly === 0 || exactly >= k(key.split('|')[1] as string))
    if (isRest) return false
    // whoever is led astray has found out nothing
    return high - low < k(key.split('|')[1] as string) && low <= exactly && exactly <= high
  })
  return { reading, relations, found, exposed: exposed satisfies Exposed[] }
}

/** Changes what a JSON file of a release says. */
function changed(path: string, change: (rows: Record<string, unknown>[]) => void): Folder {
  const told = JSON.parse(folder.get(path)?.toString() ?? '') as { rows: Record<string, unknown>[] }
  change(told.rows)
  return new Map([...folder, [path, Buffer.from(JSON.stringify(told))]])
}

describe('an outsider with all tables', () => {
  test('tells no hidden count closer than it may be told, and believes nothing that is wrong', async () => {
    for (const id of releases) {
      const { relations, found, exposed } = await attack(id, folder)
      expect(found.size).toBeGreaterThan(50)
      expect(relations.length).toBeGreaterThan(400)
      const wrong = relations.filter(({ of, low, high }) => {
        const sum = of.reduce((all, { key, weight }) => all + weight * truth(id, key), 0)
        return sum < low || sum > high
      })
      expect(wrong, id).toEqual([])
      expect(exposed, id).toEqual([])
    }
  })

  test('finds no more by subtracting a release from another', async () => {
    const known = new Map<string, Seen>()
    for (const id of releases) {
      const { exposed } = await attack(id, folder, known)
      expect(exposed, id).toEqual([])
      for (const [key, seen] of readTables(folder, id, k).counts) if (!seen.hidden) known.set(key, seen)
    }
  })

  test('finds what leaks: exact numbers around a hidden one, and a time that tells how few were late', async () => {
    const [id = ''] = releases
    const path = `releases/${id}/data/services_by_district.json`
    const parts = ['requests_received', 'requests_closed', 'backlog']
    const exactly = (isTotal: boolean) =>
      changed(path, (rows) => {
        for (const row of rows)
          for (const count of parts)
            if (
              row.service === 'permits' &&
              row.district !== 'island' &&
              (row.district === 'all') === isTotal
            ) {
              const key = keyOf(count, ['permits', String(row.district), 'all', String(row.period)])
              Object.assign(row, { [count]: truth(id, key), [`${count}_marks`]: null })
            }
      })
    expect((await attack(id, exactly(false))).exposed.map(([key]) => key)).toContainEqual(
      expect.stringMatching(/permits\|island/),
    )
    await expect(attack(id, exactly(true))).rejects.toThrow(/Two tables tell .*permits/)

    // nine in ten of some ninety were in time: then less than eleven were late
    const quick = changed(`releases/${id}/data/services_by_quarter.json`, (rows) => {
      for (const row of rows)
        if (row.service === 'housing')
          Object.assign(row, { time_to_outcome_p90: 50, time_to_outcome_p90_marks: null })
    })
    expect((await attack(id, quick)).exposed.map(([key]) => key)).toContainEqual(
      expect.stringMatching(/closed_on_time~closed_with_promise\|housing/),
    )
  })
})

/** All that people and programs read in a file: of pages without what draws them. */
async function textOf(path: string, body: Buffer): Promise<string> {
  if (path.endsWith('.xlsx')) return unzipped(body)
  if (!path.endsWith('.parquet')) return body.toString()
  const bytes = `base64Decode('${body.toString('base64')}')`
  const rows = async (query: string) =>
    (
      await store.db.query({
        query,
        format: 'JSONEachRow',
        clickhouse_settings: { max_query_size: '100000000' },
      })
    ).text()
  const head = await rows(`SELECT * FROM format(ParquetMetadata, ${bytes})`)
  return head + (/"num_rows":"?0\b/.test(head) ? '' : await rows(`SELECT * FROM format(Parquet, ${bytes})`))
}

/** Every entry of a ZIP file, by its central directory. */
function unzipped(zip: Buffer): string {
  const texts: string[] = []
  let at = zip.readUInt32LE(zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1')) + 16)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [method, size, name, extra, comment] = [10, 20, 28, 30, 32].map((offset) =>
      offset === 20 ? zip.readUInt32LE(at + offset) : zip.readUInt16LE(at + offset),
    ) as [number, number, number, number, number]
    const local = zip.readUInt32LE(at + 42)
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const bytes = zip.subarray(from, from + size)
    texts.push(`${zip.subarray(at + 46, at + 46 + name)}\n${method === 0 ? bytes : inflateRawSync(bytes)}`)
    at += 46 + name + extra + comment
  }
  return texts.join('\n')
}

/** Secrets, and numbers that are not rounded where a count belongs, in any file. */
async function leaks(from: Folder): Promise<string[]> {
  const found: string[] = []
  for (const [path, body] of from) {
    const text = await textOf(path, Buffer.from(body))
    for (const secret of secrets)
      if (`${path}\n${text}`.toLowerCase().includes(secret.toLowerCase())) found.push(`${path}: ${secret}`)
    for (const count of countsIn(path, text)) if (count % 5 !== 0) found.push(`${path}: ${count}`)
  }
  return found
}

/** The counts of people that a file tells, as far as they can be told from other numbers. */
function countsIn(path: string, text: string): number[] {
  const columns = Object.keys(declared).filter((id) => declared[id]?.kind === 'count')
  const numbers = (cells: readonly string[]) => cells.filter((cell) => /^\d+(\.\d+)?$/.test(cell)).map(Number)
  if (/\/data\/.*\.(json|parquet)$/.test(path))
    return [...text.matchAll(/"(\w+)":\s*"?(\d+(?:\.\d+)?)"?[,}\s]/g)].flatMap(
      ([, column = '', cell = '']) => (columns.includes(column) ? numbers([cell]) : []),
    )
  if (/\/data\/.*\.csv$/.test(path)) {
    const [head = [], ...rows] = text.split(/\r?\n/).map((line) => line.split(','))
    return rows.flatMap((row) => numbers(row.filter((_, index) => columns.includes(head[index] ?? ''))))
  }
  // pages that tell how many rows, hidden figures and corrected figures there are
  if (/(^|\/)(data|methods|corrections)\.html$/.test(path) || !/\.(html|svg)$/.test(path)) return []
  return numbers([...text.matchAll(/>([\d,]+)</g)].map(([, cell = '']) => cell.replaceAll(',', '')))
}

describe('a search through every public file', () => {
  test('finds no secret and no count that is not rounded', async () => {
    const endings = new Set([...folder.keys()].map((path) => path.slice(path.lastIndexOf('.'))))
    expect([...endings].sort()).toEqual(
      '.atom .css .csv .html .ics .json .jsonld .parquet .sig .svg .txt .xlsx .xml'.split(' '),
    )
    expect(await leaks(folder)).toEqual([])
  })

  test('finds what leaks, in any format', async () => {
    const [id = ''] = releases
    const planted = new Map(folder)
    const change = (path: string, what: RegExp, by: string) => {
      const text = folder.get(path)?.toString() ?? ''
      expect(text, path).toMatch(what)
      planted.set(path, Buffer.from(text.replace(what, by)))
    }
    const total = truth(id, 'requests_received|permits|all|all|2026-Q1')
    expect(total % 5).not.toBe(0)
    const data = `releases/${id}/data/services_by_quarter`
    change(`${data}.json`, /"requests_received":\s*\d+/, `"requests_received": ${total}`)
    change(`releases/${id}/data/services_by_quarter.csv`, /(?<=\npermits(?:,[^,]*){5},)\d+/, String(total))
    change(`releases/${id}/districts.html`, />Hidden \[c\]</, '>3<')
    change(`releases/${id}/embed/permits.svg`, /<title/, '<desc>crew-swordfish</desc><title')
    planted.set('releases/person-4711.html', Buffer.from(''))
    expect((await leaks(planted)).sort()).toEqual(
      [
        `${data}.json: ${total}`,
        `${data}.csv: ${total}`,
        `releases/${id}/districts.html: 3`,
        `releases/${id}/embed/permits.svg: crew-swordfish`,
        'releases/person-4711.html: person-4711',
      ].sort(),
    )
  })
})
