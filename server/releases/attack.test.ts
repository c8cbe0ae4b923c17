import { randomUUID } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import exceljs from 'exceljs'
import { beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../fixtures/city/random.ts'
import { type Folder, keyOf, readTables, type Seen } from '../../fixtures/disclosure/folder.ts'
import { attack, learn, type Outside, truth } from '../../fixtures/disclosure/outsider.ts'
import { load } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { applyConfig } from '../../sql/applyConfig.ts'
import { type Config, configSchema } from '../../sql/config.ts'
import buildOnce from '../buildOnce.ts'
import type { Column } from '../openData/columns.ts'
import { parquetBy } from '../openData/parquet.ts'
import { rebuild } from './build.ts'
import type { Desk } from './desk.ts'
import { disclose } from './disclose.ts'
import { disk } from './disk.ts'
import { type Frozen, readFrozen, readFrozenHead } from './frozen.ts'
import { makersOf } from './makers.ts'
import { makePublic, publicFolder } from './testPublic.ts'

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
    ['licences', 30, 'days'],
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
const outside: Outside = {
  told: {
    digital: ['online'],
    queues: ['helpline'],
    promise: (service) =>
      service === 'helpline'
        ? { value: 10, leeway: 0 }
        : service === 'permits'
          ? { value: 20, leeway: 1 }
          : service === 'housing'
            ? { value: 60, leeway: 1 }
            : service === 'licences'
              ? { value: 30, leeway: 1 }
              : null,
  },
  k: (service) => (['permits', 'licences', 'helpline'].includes(service) ? 8 : 11),
}
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

/** Four months of a town where few live on the island, hardly anybody writes by post, and thousands have a licence at once, but for a handful. */
function town() {
  const [usual, busy] = [new Random('attack'), new Random('busy')]
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
    ['licences', 'north', 25, 1],
    ['licences', 'south', 14, 1],
  ] as const) {
    const random = service === 'licences' ? busy : usual
    for (let index = 0; index < Math.round(aDay * 120); index += 1) {
      const id = `person-4711-${service}-${district}-${index}`
      const channel = random.pick([
        ['online', 0.6],
        ['counter', 0.37],
        ['post', 0.03],
      ] as const)
      const from = begin + ((index + random.between(0, 1)) / aDay) * day
      const until =
        from + (service === 'licences' && index % 997 === 400 ? 40 : random.exponential(slow)) * day
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
    const minutes = usual.exponential(4)
    const district = usual.pick([
      ['north', 0.6],
      ['south', 0.3],
      ['east', 0.09],
      ['island', 0.01],
    ] as const)
    waits.push([
      moment,
      `person-4711-w${index},helpline,${district},counter,${iso(moment)},${Math.round(minutes * 60)},wait,${minutes > 9 && usual.chance(0.3) ? 'abandoned' : 'served'},crew-swordfish`,
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

/** Builds a release and makes it public; a minute later the next one may come. */
async function release(asked: Parameters<typeof makePublic>[1]): Promise<string> {
  const id = await makePublic(desk(), asked)
  now = new Date(now.getTime() + 60_000)
  return id
}

const files = town()
/** Loads some of the rows, as they are or changed. */
async function give(
  name: string,
  take: (moment: number, index: number) => boolean,
  { streams = 3, change = (row: string) => row } = {},
) {
  for (const [stream, { head, rows }] of files.slice(0, streams).entries()) {
    const taken = rows.filter(([moment], index) => take(moment, index)).map(([, row]) => change(row))
    const file = await store.file(`${name}-${stream}.csv`, [head, ...taken].join('\n'))
    await load(store.db, { file, mapping })
  }
}

const april = Date.parse('2026-04-01T00:00:00Z')
const end = begin + 120 * day
const releases: string[] = []
let folder: Map<string, Buffer> = new Map()
const exact = new Map<string, Frozen>()

beforeAll(async () => {
  buildOnce()
  await applyConfig(store.db, config)
  const late = (index: number) => index % 41 === 0
  await give('first', (moment, index) => moment < april && !late(index))
  releases.push(await release({ month: '2026-03' }))
  await give('late', (moment, index) => moment < april && late(index), { streams: 2 })
  releases.push(await release({ correct: '2026-03', reason: 'Some came late.' }))
  now = new Date('2026-05-08T06:00:00Z')
  await give('april', (moment) => moment >= april && moment < end)
  releases.push(await release({ month: '2026-04' }))
  for (const id of releases) exact.set(id, await readFrozen(store.db, id))
  folder = await publicFolder(desk(), releases)
}, 240_000)

const exactly = (id: string, key: string) => truth(exact.get(id) as Frozen, key)
/** What of a release is found out by an outsider who has this folder, and what is told by others. */
const attacked = (id: string, from: Folder, known?: Map<string, Seen>) =>
  attack(outside, from, exact.get(id) as Frozen, id, known)

/** Changes what a JSON file of a release says. */
function changed(path: string, change: (rows: Record<string, unknown>[]) => void): Folder {
  const told = JSON.parse(folder.get(path)?.toString() ?? '') as { rows: Record<string, unknown>[] }
  change(told.rows)
  return new Map([...folder, [path, Buffer.from(JSON.stringify(told))]])
}

describe('an outsider with all tables', () => {
  test('tells no hidden count closer than it may be told, and believes nothing that is wrong', async () => {
    for (const id of releases) {
      const { relations, found, exposed, wrong } = await attacked(id, folder)
      expect(found.size).toBeGreaterThan(40)
      expect(relations.length).toBeGreaterThan(400)
      expect(wrong, id).toEqual([])
      expect(exposed, id).toEqual([])
    }
  })

  test('finds no more by subtracting a release from those before it', async () => {
    const known = new Map<string, Seen>()
    for (const id of releases) {
      const { exposed } = await attacked(id, folder, known)
      expect(exposed, id).toEqual([])
      learn(outside, folder, id, known)
    }
  })

  test('finds no more by looking back from later releases, also where facts were corrected since', async () => {
    const known = new Map<string, Seen>()
    for (const id of releases.toReversed()) {
      const { exposed } = await attacked(id, folder, known)
      expect(exposed, id).toEqual([])
      learn(outside, folder, id, known)
    }
  })

  test('reads the same in every format, cell by cell', async () => {
    let cells = 0
    for (const [path, body] of folder) {
      if (!/^releases\/[^/]+\/data\/\w+\.json$/.test(path)) continue
      const { columns, rows } = JSON.parse(body.toString()) as {
        columns?: { name: string }[]
        rows: Record<string, unknown>[]
      }
      if (!columns) continue
      const names = columns.map(({ name }) => name)
      const expected = [names, ...rows.map((row) => names.map((name) => bare(row[name])))]
      const as = (ending: string) => folder.get(path.replace(/json$/, ending)) as Buffer
      expect(csvRows(as('csv').toString()), path).toEqual(expected)
      expect(await xlsxRows(as('xlsx')), path).toEqual(expected)
      const parquet = (await parquetRows(as('parquet'))).map((row) => names.map((name) => bare(row[name])))
      expect([names, ...parquet], path).toEqual(expected)
      cells += names.length * rows.length
    }
    expect(cells).toBeGreaterThan(10_000)
  })

  test('finds what leaks: exact numbers around a hidden one, and a time that tells how few were late', async () => {
    const [id = ''] = releases
    const path = `releases/${id}/data/services_by_district.json`
    const parts = ['requests_received', 'requests_closed', 'backlog']
    const told = (isTotal: boolean) =>
      changed(path, (rows) => {
        for (const row of rows)
          for (const count of parts)
            if (
              row.service === 'permits' &&
              row.district !== 'island' &&
              (row.district === 'all') === isTotal
            ) {
              const key = keyOf(count, ['permits', String(row.district), 'all', String(row.period)])
              Object.assign(row, { [count]: exactly(id, key), [`${count}_marks`]: null })
            }
      })
    expect((await attacked(id, told(false))).exposed.map(([key]) => key)).toContainEqual(
      expect.stringMatching(/permits\|island/),
    )
    await expect(attacked(id, told(true))).rejects.toThrow(/Two tables tell .*permits/)

    // what another release tells to the last one of a cell that is hidden here
    const [key = ''] = [...readTables(folder, id, outside.k).counts].find(([, { hidden }]) => hidden) ?? []
    const openly = { low: exactly(id, key), high: exactly(id, key), hidden: false }
    expect((await attacked(id, folder, new Map([[key, openly]]))).exposed).not.toEqual([])

    // nine in ten of some ninety were in time: then less than eleven were late
    const quick = changed(`releases/${id}/data/services_by_quarter.json`, (rows) => {
      for (const row of rows)
        if (row.service === 'housing')
          Object.assign(row, { time_to_outcome_p90: 50, time_to_outcome_p90_marks: null })
    })
    expect((await attacked(id, quick)).exposed.map(([key]) => key)).toContainEqual(
      expect.stringMatching(/closed_on_time~closed_with_promise\|housing/),
    )
  })
})

/** A cell as text: its value, or nothing. */
const bare = (cell: unknown): string =>
  cell instanceof Date
    ? cell.toISOString().slice(0, 10)
    : cell === null || cell === undefined || /^\[[cxz]\]$/.test(String(cell))
      ? ''
      : String(cell)

const csvRows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = '']) =>
        bare(quoted?.replaceAll('""', '"') ?? plain),
      ),
    )

async function xlsxRows(body: Buffer): Promise<string[][]> {
  const book = new exceljs.Workbook()
  await book.xlsx.load(body as unknown as exceljs.Buffer)
  const rows = (book.worksheets[0]?.getSheetValues() ?? []).slice(1) as unknown[][]
  const width = (rows[0]?.length ?? 1) - 1
  return rows.map((row) => Array.from({ length: width }, (_, index) => bare(row[index + 1])))
}

async function parquetRows(body: Buffer): Promise<Record<string, unknown>[]> {
  const ask = async <Row>(query: string) => {
    const clickhouse_settings = { max_query_size: '100000000' }
    return (await store.db.query({ query, format: 'JSONEachRow', clickhouse_settings })).json<Row>()
  }
  const bytes = `base64Decode('${body.toString('base64')}')`
  const [head] = await ask<{ num_rows: number }>(`SELECT num_rows FROM format(ParquetMetadata, ${bytes})`)
  // the function cannot read a file without rows
  return head?.num_rows ? ask(`SELECT * FROM format(Parquet, ${bytes})`) : []
}

/** All that people and programs read in a file, but not how large files are. */
async function textOf(path: string, body: Buffer): Promise<string> {
  if (path.endsWith('.xlsx')) return unzipped(body)
  if (path.endsWith('.parquet'))
    return `${body.toString('latin1')}\n${JSON.stringify(await parquetRows(body))}`
  return body.toString().replaceAll(/"(bytes|byteSize|dcat:byteSize)":\s*[^\n,}]*/g, '')
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

/** Exact counts of four digits that no rounded figure and no year says, by whether they are hidden. */
function exactCounts(): Map<number, boolean> {
  const counts = new Map<number, boolean>()
  for (const id of releases)
    for (const [key, { hidden }] of readTables(folder, id, outside.k).counts) {
      const count = exactly(id, key)
      if (count < 1000 || count > 9999 || count % 5 === 0 || /^20[23]/.test(String(count))) continue
      counts.set(count, hidden || counts.get(count) === true)
    }
  return counts
}

/** Secrets and exact counts in any file, and counts in tables that are not rounded. */
async function leaks(from: Folder): Promise<string[]> {
  const found: string[] = []
  const separator = "(?:[,'’ \\u00a0\\u2009\\u202f]|&nbsp;|&#\\w+;)?"
  const forms = [...exactCounts().keys()].map(String).map((one) => one[0] + separator + one.slice(1))
  const anyCount = new RegExp(`(?<![\\w.])(?:${forms.join('|')})(?!\\w|\\.\\d*[1-9])`, 'g')
  for (const [path, body] of from) {
    const text = `${path}\n${await textOf(path, Buffer.from(body))}`
    for (const secret of secrets)
      if (text.toLowerCase().includes(secret.toLowerCase())) found.push(`${path}: ${secret}`)
    for (const count of new Set(text.match(anyCount))) found.push(`${path}: ${count}`)
  }
  for (const id of releases) found.push(...unrounded(from, id))
  return found
}

/** Counts that a release's tables tell to the last one, or one table otherwise than another. */
function unrounded(from: Folder, id: string): string[] {
  try {
    return [...readTables(from, id, outside.k).counts].flatMap(([key, { low, high }]) =>
      low === high && low > 0 ? [`${id}: ${key} is ${low}`] : [],
    )
  } catch (error) {
    return [`${id}: ${error instanceof Error ? error.message : error}`]
  }
}

const endings = '.atom .css .csv .html .ics .json .jsonld .parquet .sig .svg .txt .xlsx .xml'.split(' ')
const endingOf = (path: string) => path.slice(path.lastIndexOf('.'))

describe('a search through every public file', () => {
  test('finds no secret and no count that is not rounded', async () => {
    expect([...new Set([...folder.keys()].map(endingOf))].sort()).toEqual(endings)
    const counts = [...exactCounts().values()]
    expect(counts.filter((hidden) => hidden).length).toBeGreaterThan(2)
    expect(counts.filter((hidden) => !hidden).length).toBeGreaterThan(2)
    expect(await leaks(folder)).toEqual([])
  })

  test('finds what leaks, in any format', async () => {
    const [id = ''] = releases
    const [count = 0] = [...exactCounts()].find(([, hidden]) => hidden) ?? []
    const spaced = count.toLocaleString('en')
    const planted = new Map(folder)
    const expected: string[] = []
    for (const ending of endings) {
      const path =
        [...folder.keys()].find((one) => endingOf(one) === ending && !/data\/\w+\.json$/.test(one)) ?? ''
      const text = folder.get(path)?.toString()
      const [said, body] =
        ending === '.xlsx'
          ? [count, await withCell(folder.get(path) as Buffer, count)]
          : ending === '.parquet'
            ? [count, await parquetBy(store.db)({ columns: [wholeColumn], rows: [[count]] })]
            : ending === '.html'
              ? [spaced, text?.replace('<main', `<main aria-label="${spaced} [r] people"`)]
              : ending === '.svg'
                ? [spaced, text?.replace('</title>', `: ${spaced}</title>`)]
                : [count, `${text}${count}\n`]
      planted.set(path, Buffer.from(body ?? ''))
      expected.push(`${path}: ${said}`)
    }
    expect((await leaks(planted)).sort()).toEqual(expected.sort())

    // secrets, and a small number where one is hidden
    const exactly = changed(`releases/${id}/data/services_by_channel.json`, (rows) => {
      for (const row of rows)
        if (row.channel === 'post') Object.assign(row, { ratings: 3, ratings_marks: null })
    })
    const told = new Map(exactly)
    const svg = `releases/${id}/embed/permits.svg`
    told.set(svg, Buffer.from(`${folder.get(svg)}<desc>crew-swordfish</desc>`))
    told.set('releases/person-4711.html', Buffer.from(''))
    expect(await leaks(told)).toEqual(
      expect.arrayContaining([
        `${svg}: crew-swordfish`,
        'releases/person-4711.html: person-4711',
        expect.stringContaining(`${id}: Two tables tell ratings|permits|all|post`),
      ]),
    )
  })
})

const wholeColumn: Column = {
  ...{ name: 'requests_closed', title: '', means: '', type: 'whole', unit: 'count' },
  ...{ least: 0, most: null, key: false, optional: false },
}

async function withCell(body: Buffer, value: number): Promise<Uint8Array> {
  const book = new exceljs.Workbook()
  await book.xlsx.load(body as unknown as exceljs.Buffer)
  const sheet = book.worksheets[0] as exceljs.Worksheet
  sheet.getCell(2, 60).value = value
  return new Uint8Array(await book.xlsx.writeBuffer())
}

describe('what comes after', () => {
  test('the first release is made again, byte for byte, although the facts were corrected since', async () => {
    const [id = ''] = releases
    expect(await rebuild(desk(), id)).toMatchObject({ id, identical: true, differs: [] })
  })

  test('a quarter that was told is not told again by other districts', async () => {
    const some = (moment: number, index: number) => moment < april && index % 7 === 0
    const change = (row: string) =>
      row.replace('person-4711', 'person-4711-moved').replace(',south,', ',harbour,')
    await give('harbour', some, { streams: 1, change })
    await expect(release({ correct: releases.at(-1), reason: 'New districts.' })).rejects.toThrow(
      /2026-Q1 would be told by another set of districts than before, with harbour as new\. .* begin with the new ones in the quarter that comes next/,
    )
  })
  test('exact figures are told again when nothing changed, and not when a few did', async () => {
    const profile = { profile: 'custom', custom: { k: 8, base: 1 } } as const
    const last = await readFrozenHead(store.db, releases.at(-1) as string)
    const of = { service: 'permits', district: 'all', channel: 'all', period: '2026-04' }
    /** A month of which nothing is told but how many asked: all of them are still waiting. */
    const told = async (id: string, received: number, earlier: string[]) => {
      const freeze = randomUUID()
      const insert = (table: string, rows: object[]) =>
        store.db.insert({ table, values: rows.map((row) => ({ freeze, ...row })), format: 'JSONEachRow' })
      const counts = ['requests_received', 'backlog']
      const places = [of, { ...of, service: 'all' }]
      await insert(
        'frozen_counts',
        places.flatMap((at) => counts.map((count) => ({ count, ...at, value: received }))),
      )
      await insert(
        'frozen_known',
        places.map(({ service, period }) => ({ stream: 'case_events', service, period, complete: 1 })),
      )
      const about = {
        ...last.about,
        publication: { ...last.about.publication, ...profile, profiles: {} },
        services: last.about.services
          .filter((one) => one.id === 'permits')
          .map((one) => ({ ...one, streams: ['case_events'], standards: [] })),
        periods: last.about.periods.filter((one) => one.id === '2026-04'),
      }
      const [head, written] = [{ ...last.head, id }, about].map((one) => JSON.stringify(one))
      await insert('frozen_releases', [
        { release: id, month: '2026-04', data_version: '', head, about: written, earlier },
      ])
      const { tables } = await disclose(store.db, id)
      return tables.find((table) => table.id === 'services_by_month')?.rows.at(-1)?.figures.requests_received
    }
    expect(await told('exact.1', 50, [])).toMatchObject({ value: 50 })
    expect(await told('exact.2', 50, ['exact.1'])).toMatchObject({ value: 50 })
    await expect(told('exact.3', 52, ['exact.1', 'exact.2'])).rejects.toThrow(
      /"requests received, all, all, 2026 04" was published as exactly 50 and would be 52 now, and 3 more .*"base": 5/,
    )
    expect(await told('exact.4', 58, ['exact.1', 'exact.2'])).toMatchObject({ value: 58, was: 50 })
  })
})
