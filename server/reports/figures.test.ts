import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { makePublished } from '../../fixtures/published/make.ts'
import { dimensions } from '../../sql/filters.ts'
import { rawTableIds, reportIds } from '../../sql/reportIds.ts'
import type { Stat, Unit } from '../../sql/stat.ts'
import type {
  Bottlenecks,
  By,
  CaseRow,
  Kpis,
  Meta,
  OutcomesAnswer,
  SatisfactionAnswer,
} from '../answerTypes.ts'
import { dataFiles } from '../openData/dataFiles.ts'
import { parquetBy } from '../openData/parquet.ts'
import { manifestFiles } from '../releases/manifest.ts'
import type { Figure } from '../releases/published.ts'
import { parseCsv } from '../testCsv.ts'
import {
  formatCount,
  formatHours,
  formatMoment,
  formatShare,
  formatStat,
  formatValue,
  withDays,
} from '../words/format.ts'
import { cell, range } from './blocks.ts'
import { steady } from './columns.ts'
import type { ReportColumn, ReportContent, ReportOptions } from './content.ts'
import type { Paper, ReportDocument } from './document.ts'
import { compose } from './make.ts'
import { oneLine, printable } from './paper/printable.ts'
import { papers } from './papers.ts'
import { isSelect } from './select.ts'
import { config, filtersOf, june, request, useCity } from './testCity.ts'
import { flat, inAllFormats, onPaper, same, textColumns } from './testFormats.ts'

/** Every figure of every report in every format against the API's own answer for the same filters and instant. */

const city = useCity()
let paper: Paper
beforeAll(async () => {
  paper = await papers()
})
const composed = (report: string, options: ReportOptions = {}) =>
  compose(
    { db: city.db, config, address: 'https://clearway.city.example', paper },
    request(report, 'pdf', options),
  )
const written = (report: string, content: ReportContent) => ({
  ...{ db: city.db, dir: city.dir },
  ...{ paper, report, content },
})

/** What the API is asked for a table. Several answers stand one below the other. */
type Address = [path: string, query?: Record<string, string>, pick?: (rows: string[][]) => string[][]]

const typical = 'time_to_outcome_median'
/** By name. */
const requestServices = ['housing', 'licences', 'parking', 'records', 'repairs', 'trees', 'permits']
const waiting = ['backlog', 'backlog_age_median', 'backlog_age_p90', 'overdue_share']
const by = (dimension: string, ...ids: string[]) => ids.map((id): Address => [`/kpis/${id}/by/${dimension}`])
const trend = (...ids: string[]) =>
  ids.map((id): Address => [`/kpis/${id}/series`, { from: '2025-07-01', grain: 'month' }])
const ages = (service: string): Address => [
  '/flow',
  { grain: 'month', ...(service && { service }) },
  (rows) =>
    rows
      .filter(([, stage]) => stage === '')
      .slice(-1)
      .map(([, ...rest]) => [service, ...rest]),
]
const ofKind = (isStage: boolean): Address => [
  '/bottlenecks',
  {},
  (rows) => rows.filter(([, kind]) => (kind === 'stage') === isStage),
]

const addresses: Record<string, Record<string, Address[]>> = {
  'department-brief': {
    kpis: [['/kpis']],
    services: by(
      'service',
      ...['requests_received', 'requests_closed', 'backlog', typical],
      ...['on_time_rate', 'wait_in_time_rate', 'wait_median', 'satisfied_share'],
    ),
    findings: [['/bottlenecks']],
    satisfaction: [['/satisfaction']],
    trend: trend('time_to_outcome_all_median'),
  },
  'service-report': {
    kpis: [['/kpis']],
    trend: trend('on_time_rate', 'time_to_outcome_all_median', 'backlog'),
    'by-district': by('district', typical),
    'by-channel': by('channel', typical),
    findings: [['/bottlenecks']],
    outcomes: [['/outcomes']],
  },
  'waiting-list': {
    services: by('service', ...waiting),
    ages: [...requestServices, ''].map(ages),
    kpis: [['/kpis']],
  },
  'case-list': { cases: [['/cases']] },
  table: {
    kpis: [['/kpis']],
    series: [[`/kpis/${typical}/series`]],
    ...Object.fromEntries(dimensions.map((dimension) => [`by-${dimension}`, by(dimension, typical)])),
    findings: [ofKind(false)],
    stages: [ofKind(true)],
    stage: [['/stages/Check']],
    flow: [['/flow', { grain: 'week' }]],
    change: [['/change']],
    breaches: [['/breaches']],
    causes: [['/causes']],
    'process-map': [['/process-map']],
    variants: [['/variants']],
    rework: [['/rework']],
    outcomes: [['/outcomes']],
    satisfaction: [['/satisfaction']],
    fairness: [['/fairness']],
  },
}

const answered = async (report: string, table: string) => {
  const parts = await Promise.all(
    (addresses[report]?.[table] ?? []).map(async ([path, query, pick = (rows: string[][]) => rows]) => {
      const answer = await city.ask(path, { ...june, ...filtersOf(report), format: 'csv', ...query })
      const [header = [], ...rows] = parseCsv(await answer.text())
      return { header, rows: pick(rows) }
    }),
  )
  return { header: parts[0]?.header ?? [], rows: parts.flatMap(({ rows }) => rows) }
}
type Answered = { header: string[]; rows: (string | number | null)[][] }
/** The API guards its CSV against formulas. */
const unguarded = (text: unknown) => String(text ?? '').replace(/^'(?=[\t"' ]*[=+\-@＝]|\t)/, '')

/** All tables of a report in all formats against what the API, or who else knows, says of them. */
async function tablesAgree(report: string, content: ReportContent, answers: Record<string, Answered>) {
  const sum = createHash('sha256')
  for (const table of content.tables) {
    const { header, rows } = answers[table.id] as Answered
    const { cells, ndjson } = await inAllFormats(written(report, content), table)
    expect(
      table.columns.map(({ name }) => name),
      table.id,
    ).toEqual(header)
    for (const [format, found] of Object.entries(cells))
      expect(found, `${report} ${table.id} as ${format}`).toEqual(
        rows.map((row) =>
          table.columns.map((column, at) =>
            same(column.type === 'text' && format !== 'csv' ? unguarded(row[at] ?? '') : row[at], column),
          ),
        ),
      )
    for (const row of ndjson) sum.update(`${JSON.stringify(row)}\n`)
  }
  if (!content.tables.some(isSelect)) expect(content.figures_sha256).toBe(sum.digest('hex'))
}

/** Cards and tables of a document stand on all paper: row by row, and in plain text column by column. */
async function paperAgrees(
  report: string,
  { document }: ReportContent,
  on: Awaited<ReturnType<typeof onPaper>>,
  words: string[] = [],
) {
  const { cards, tables } = shownBy(document)
  for (const format of ['pdf', 'html', 'text'] as const) {
    const clean = format === 'pdf' ? printable : oneLine
    const all = flat(clean(on.words[format]))
    const lines = (rows: readonly (readonly string[])[], between = ' ') =>
      rows.map((row) => flat(row.map(clean).join(between)))
    const cells = format === 'text' ? [] : tables.flatMap(({ rows }) => rows)
    // a row may be broken by the end of a page: its cells are there all the same
    const broken = cells.filter((row) => !all.includes(lines([row])[0] as string))
    expect(broken.length, `${report} as ${format}`).toBeLessThan(format === 'pdf' ? on.pages : 1)
    for (const said of [
      ...lines(cards, format === 'text' ? ': ' : ' '),
      ...lines(broken.flat().map((one) => [one])),
      ...lines(words.map((one) => [one])),
    ])
      expect(all, `${report} as ${format}`).toContain(said)
  }
  const [all, columns] = [flat(on.words.text), textColumns(on.words.text)]
  for (const { titles, rows } of tables) {
    const listed = rows.map((row) => flat(row.map((one, at) => `${titles[at]}: ${oneLine(one)}`).join(' ')))
    if (listed.every((row) => all.includes(row))) continue
    expect(columns, report).toContainEqual(
      titles.map((_, at) => flat(rows.map((row) => oneLine(row[at] ?? '')).join(' '))),
    )
  }
}

/** The cards and tables of a document. */
const shownBy = ({ blocks }: ReportDocument) => ({
  cards: blocks.flatMap((block) =>
    block.kind === 'figures'
      ? block.figures.map(({ label, value, unit }): [string, string] => [label, `${value} ${unit}`.trim()])
      : [],
  ),
  tables: blocks.flatMap((block) =>
    block.kind === 'table' ? [{ titles: block.columns.map(({ title }) => title), rows: block.rows }] : [],
  ),
})

const isComposed = Object.keys(reportIds).filter((id) => id !== 'release' && id !== 'table')

test('there is an address for every report and table', () => {
  expect(Object.keys(addresses)).toEqual([...isComposed, 'table'])
  for (const report of [...isComposed, 'table'] as const)
    expect(Object.keys(addresses[report] ?? {})).toEqual(reportIds[report as keyof typeof reportIds].tables)
})

test.each(isComposed)(
  '%s: every table in every format is what the API answers',
  async (report) => {
    const content = await composed(report)
    const ids = Object.keys(addresses[report] ?? {})
    expect(content.tables.map(({ id }) => id)).toEqual(ids)
    const answers: Record<string, Answered> = {}
    for (const id of ids) answers[id] = await answered(report, id)
    const { as_of, data_version, period } = await json<Kpis>(report, '/kpis')
    expect(content).toMatchObject({ as_of, data_version, period })
    expect(content.document.head.find(({ label }) => label === 'Verify')?.value).toBe(
      `https://clearway.city.example/reports?verify=${content.figures_sha256.slice(0, 16)}`,
    )
    await tablesAgree(report, content, answers)
    const { cards, tables, words } = await seen(report, answers)
    const shown = shownBy(content.document)
    expect(shown.cards).toEqual(cards)
    expect(shown.tables.map(({ rows }) => rows)).toEqual(tables)
    const on = await onPaper(written(report, content))
    await paperAgrees(report, content, on, words)
    if (report === 'department-brief') expect(on.pages).toBe(2)
  },
  240_000,
)

test('the table of fairness compares what its page compares', async () => {
  const choice = { kpi: 'time_to_outcome_median', against: 'best' }
  const answer = await city.ask('/fairness', { ...june, ...filtersOf('table'), ...choice, format: 'csv' })
  const [header = [], ...rows] = parseCsv(await answer.text())
  const content = await composed('table', { table: 'fairness', ...choice })
  expect(content.document.title).toMatch(/^.+: fairness, June 2026$/)
  expect(content.document.head.find(({ label }) => label === 'Filters')?.value).toContain('the best group')
  await tablesAgree('table', content, { fairness: { header, rows } })
})

test('a case list takes what narrows the page of cases down', async () => {
  const rowsOf = async (choice: Record<string, string>) =>
    parseCsv(await (await city.ask('/cases', { ...june, ...choice, format: 'csv' })).text())
  const choice = { stage: 'Decide', also: 'waiting', state: 'open', sort: 'age' }
  const [header = [], ...rows] = await rowsOf(choice)
  const others = [
    { ...choice, also: '' },
    { ...choice, state: 'all' },
    { ...choice, sort: 'started' },
  ]
  for (const { also, ...other } of others)
    expect(rows).not.toEqual((await rowsOf({ ...other, ...(also && { also }) })).slice(1))
  await tablesAgree('case-list', await composed('case-list', choice), { cases: { header, rows } })
})

// What readers see of the API's answers, in the words of reports.

async function json<Answer>(
  report: string,
  path: string,
  query: Record<string, string> = {},
): Promise<Answer> {
  const asked = path === '/meta' ? {} : { ...june, ...filtersOf(report), ...query }
  return (await (await city.ask(path, asked)).json()) as Answer
}
type Seen = { cards: [string, string][]; tables: unknown[][][]; words: string[] }
const anyWords: unknown = expect.any(String)

async function seen(report: string, answers: Record<string, Answered>): Promise<Seen> {
  const rowsOf = (table: string) =>
    (answers[table]?.rows ?? []).map((row) =>
      Object.fromEntries(answers[table]?.header.map((name, at) => [name, String(row[at])]) ?? []),
    )
  const ask = <Answer>(path: string, query?: Record<string, string>) => json<Answer>(report, path, query)
  const [{ kpis }, meta] = [await ask<Kpis>('/kpis'), await ask<Meta>('/meta')]
  const statOf = (id: string) => kpis.find((kpi) => kpi.id === id)?.stat as Stat
  const nameOf = (service: string) => meta.services.find(({ id }) => id === service)?.name ?? service
  const cards = (...ids: string[]) =>
    ids.map((id): [string, string] => [
      meta.kpis.find((kpi) => kpi.id === id)?.label ?? id,
      formatStat(statOf(id)),
    ])
  /** Figures of a service in its line. */
  const besides = (service: string, ...ids: string[]) =>
    ids.map((id) => {
      const row = rowsOf('services').find(({ kpi, segment }) => kpi === id && segment === service)
      const { value, unit, status } = row ?? {}
      return cell(row && ({ unit, status, value: value === '' ? null : Number(value) } as Stat))
    })
  const changed = async () => {
    const { findings, stages } = await ask<Bottlenecks>('/bottlenecks')
    expect(findings).not.toEqual([])
    return { stages, sentences: findings.map(({ sentence }) => withDays(sentence)) }
  }
  const sights: Record<string, () => Promise<Seen>> = {
    'department-brief': async () => {
      const { satisfied, answered, offered } = await ask<SatisfactionAnswer>('/satisfaction')
      const figures = (id: string) =>
        besides(
          id,
          ...['on_time_rate', typical, 'requests_received', 'requests_closed', 'backlog', 'satisfied_share'],
        )
      return {
        cards: cards(
          ...['on_time_rate', typical, 'time_to_outcome_all_median', 'backlog', 'requests_received'],
          'wait_median',
        ),
        tables: [
          ['housing', 'licences', 'parking', 'records', 'repairs', 'permits'].map((id) => [
            ...[nameOf(id), anyWords, ...figures(id)],
          ]),
        ],
        words: [
          ...(await changed()).sentences,
          `${formatStat(satisfied)} of those who answered were satisfied`,
          `${formatCount(answered)} of ${formatCount(offered)} people asked`,
        ],
      }
    },
    'service-report': async () => {
      const [{ rows }, outcomes, { stages, sentences }] = [
        await ask<By>(`/kpis/${typical}/by/district`),
        await ask<OutcomesAnswer>('/outcomes'),
        await changed(),
      ]
      return {
        cards: cards(
          ...['on_time_rate', 'on_time_strict_rate', 'requests_received', 'requests_closed', 'backlog'],
          ...['reopened_rate', 'satisfied_share'],
        ),
        tables: [
          rows.map(({ label, stat, compare }) => [
            ...[label, cell(stat), range(stat), formatCount(stat.n), cell(compare ?? undefined), anyWords],
          ]),
          stages.map(({ stage, n, starts_told, median_hours, p90_hours, mean_hours, before_mean_hours }) => [
            ...[stage, formatCount(n)],
            ...[median_hours, p90_hours, mean_hours].map(
              (hours) => `${starts_told < n ? 'at most ' : ''}${hoursOr(hours)}`,
            ),
            hoursOr(before_mean_hours),
          ]),
          outcomes.classes
            .filter(({ cases }) => cases > 0)
            .map(({ label, cases, stat, compare }) => [
              ...[label, formatCount(cases), formatStat(stat), range(stat), cell(compare ?? undefined)],
            ]),
        ],
        words: [...sentences, `${formatStat(outcomes.intended)} got what they came for`],
      }
    },
    'waiting-list': async () => {
      const lines = (...columns: string[]) =>
        rowsOf('ages').map((row) => [
          row.service === '' ? 'All' : nameOf(row.service as string),
          ...columns.map((name) => (row[name] === '' ? '–' : formatCount(Number(row[name])))),
        ])
      const all = rowsOf('ages').at(-1)
      return {
        cards: cards(...waiting),
        tables: [
          [
            ...requestServices.map((id) => [nameOf(id), ...besides(id, ...waiting)]),
            ['All', ...waiting.map((id) => cell(statOf(id)))],
          ],
          lines('under_7_days', 'from_7_days', 'from_30_days', 'from_90_days', 'oldest_days'),
          lines('within_standard', 'over_standard', 'over_twice_standard', 'unpromised'),
        ],
        words: [`${all?.arrivals} came and ${all?.departures} went`],
      }
    },
    'case-list': async () => {
      const lines = await (await city.ask('/cases', { ...june, format: 'ndjson' })).text()
      const rows = lines
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as CaseRow)
      const moment = (at: string | null) => (at === null ? '–' : formatMoment(at, 'Europe/London'))
      return {
        cards: [],
        tables: [
          rows.map((one) => [
            ...[one.case_id, nameOf(one.service), one.state, moment(one.started_at), moment(one.closed_at)],
            ...[one.current_stage, hoursOr(one.hours), hoursOr(one.late_by_hours)],
          ]),
        ],
        words: [`${formatCount(rows.length)} cases`],
      }
    },
  }
  return (sights[report] as () => Promise<Seen>)()
}
const hoursOr = (hours: number | null) => (hours === null ? '–' : formatHours(hours))

test.each(rawTableIds)('table %s: every format is what the API answers', async (table) => {
  const content = await composed('table', { table, ...(table === 'stage' && { stage: 'Check' }) })
  const { header = [], rows } = await answered('table', table)
  await tablesAgree('table', content, { [table]: { header, rows } })
  const [shown] = shownBy(content.document).tables
  const { columns } = content.tables[0]
  const told = (row: string[], at: number) => {
    const { type, unit, title } = columns[at] as ReportColumn
    const value = row[at] ?? ''
    if (value === '') return '–'
    if (type !== 'number' && type !== 'whole') return unguarded(value)
    const own = (unit === 'by_row' ? row[header.indexOf('unit')] : unit) as Unit | null
    // the head of the column names the unit
    return own === null || (own !== 'share' && title.toLowerCase().includes(own))
      ? expect.toSatisfy((said: string) => isRounded(said, Number(value)))
      : formatValue(steady(Number(value)), own)
  }
  const at = shown?.titles.map((title) => columns.findIndex((column) => column.title === title)) ?? []
  const [only = []] = rows
  expect(shown?.rows).toEqual(
    rows.length === 1
      ? columns.flatMap(({ title }, index) => (only[index] === '' ? [] : [[title, told(only, index)]]))
      : rows.map((row) => at.map((index) => told(row, index))),
  )
  await paperAgrees('table', content, await onPaper(written('table', content)))
})
/** A number as exact as it is written. */
const isRounded = (said: string, value: number) => {
  const digits = said.replaceAll(',', '')
  const [, decimals = ''] = digits.split('.')
  return Math.abs(Number(digits) - value) <= 0.5 * 10 ** -decimals.length + 1e-9
}

/** What people ask first, as far as the made release has it. */
const shownFirst = [
  'requests_received',
  'backlog',
  'on_time_rate',
  'wait_in_time_rate',
  'time_to_outcome_median',
  'wait_median',
  'satisfied_share',
]
const gapsSaid = { c: 'hidden', x: 'not available', z: 'does not apply' }

test('release: every table in every format is what was published, and nothing that was changed since', async () => {
  await expect(composed('release')).rejects.toThrow(/Nothing is released/)
  const published = makePublished()
  const { privateKey } = generateKeyPairSync('ed25519')
  const files = await dataFiles(published, parquetBy(city.db))
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const data = join(city.dir, 'public/data')
  for (const { path, body } of [...files, ...manifestFiles(published.release, files, key)]) {
    const target = join(city.dir, 'public', path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, body)
  }
  const content = await composed('release')
  expect([content.document.title, content.period]).toEqual([
    published.release.title,
    published.release.period,
  ])
  const [first, ...others] = published.tables
  expect(content.tables.map(({ id }) => id)).toEqual([first?.id, ...others.map(({ id }) => id).sort()])
  const lying: Record<string, Answered> = {}
  for (const { id } of content.tables) {
    const { columns, rows } = JSON.parse(await readFile(join(data, `${id}.json`), 'utf8')) as {
      columns: { name: string }[]
      rows: Record<string, string | number | null>[]
    }
    const header = columns.map(({ name }) => name)
    lying[id] = { header, rows: rows.map((row) => header.map((name) => row[name] ?? null)) }
  }
  await tablesAgree('release', content, lying)
  const told = published.tables
    .filter(({ framework }) => framework === null)
    .flatMap(({ rows }) => rows.flatMap(({ figures }) => Object.values(figures)))
  const marked = (mark: string) => told.filter(({ marks }) => marks.some((one) => one === mark)).length
  const { cells, of } = published.hidden
  expect([cells, of]).toEqual([marked('c'), told.filter(({ value }) => value !== null).length + marked('c')])
  const completeness = content.document.head.find(({ label }) => label === 'Completeness')?.value
  expect(completeness).toBe(
    `${formatCount(cells)} of ${formatCount(of)} figures (${formatShare(cells / of)}) are hidden to protect people, ${formatCount(marked('x'))} are not available, ${formatCount(marked('p'))} are provisional`,
  )
  const last = first?.dimensions.find(({ id }) => id === 'period')?.values.at(-1)
  expect(shownBy(content.document).tables.map(({ rows }) => rows)).toEqual([
    first?.rows
      .filter(({ at }) => at.period === last?.id)
      .map(({ at, figures }) => [
        first.dimensions[0]?.values.find(({ id }) => id === at.service)?.label,
        ...shownFirst.map((id) => {
          const { value, marks } = figures[id] as Figure
          const unit = published.measures.find((measure) => measure.id === id)?.unit as Unit
          if (value === null) return gapsSaid[marks[0] as 'c' | 'x' | 'z'] ?? gapsSaid.x
          return [formatValue(value, unit), ...marks].join(' ')
        }),
      ]),
  ])
  await paperAgrees('release', content, await onPaper(written('release', content)))
  await writeFile(join(data, `${content.tables[0].id}.json`), '{}')
  await expect(composed('release')).rejects.toThrow(/was changed after it was released/)
})
