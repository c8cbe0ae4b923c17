import type { Db } from '../../sql/db.ts'
import { daysBefore } from '../../sql/period.ts'
import type { Cell, Earlier, Shown, Sum } from '../disclosure/cells.ts'
import { fewChanged, moved, regrouped } from '../disclosure/difference.ts'
import { profileOf, strictest } from '../disclosure/profiles.ts'
import { inWords, protect } from '../disclosure/protect.ts'
import { cellsOf } from './cells.ts'
import { periodBefore } from './cube.ts'
import { figuresOf } from './figures.ts'
import { type About, type Frozen, readFrozen, readFrozenHead } from './frozen.ts'
import { categoriesBefore, enterLedger, isOwnTable, revised, saidBefore } from './ledger.ts'
import { checkLeaveOut, wordsOf } from './measures.ts'
import { mergeSmall } from './merged.ts'
import { missingIn } from './missing.ts'
import type { Hidden, Profile, Published, PublishedService, Revision, Table } from './published.ts'
import { ReleaseError } from './releaseError.ts'
import { emptyTables } from './tables.ts'

/**
 * Makes of the frozen figures of a release what the public may know. This is the one way out: small numbers are hidden here, and what
 * stands in the answer is all that pages and files are made of. It reads what was frozen and what earlier releases said, never facts, so
 * that it gives the same again whenever it is asked.
 */
export async function disclose(db: Db, id: string): Promise<Published> {
  const exact = await readFrozen(db, id)
  checkLeaveOut(exact.about.publication)
  const profile = profiles(exact.about)
  const frozen = mergeSmall(exact, profile, await categoriesBefore(db, exact.earlier))
  const { about, head } = frozen
  const empty = emptyTables(frozen)
  const said = await saidBefore(
    db,
    frozen.earlier,
    about.periods.flatMap((period) => [period.id, periodBefore(period.id)]),
  )
  const { cells, sums } = cellsOf(frozen, empty, profile, said.cells)
  refuseRegrouped(cells, said.cells)
  const before = await Promise.all(frozen.earlier.map((one) => readFrozenHead(db, one)))
  refuseMoved(cells, said.cells, exact.about, before)
  const { shown } = await protect({ cells, sums, earlier: said.cells })
  refuseFewChanged(cells, sums, shown, said.cells, before)

  const figure = figuresOf(frozen, shown, profile)
  const revisions: Revision[] = []
  const tables = empty.map((table) => ({
    ...table,
    rows: table.rows.map(({ at }) => ({
      at,
      figures: Object.fromEntries(
        table.measures.map((measure) => {
          const now = figure(measure, at)
          const before = said.last(measure, at)
          if (!before || !revised(before, now)) return [measure, now]
          now.marks.push('r')
          if (isOwnTable(table.id))
            revisions.push({
              table: table.id,
              at,
              measure,
              before,
              now: { value: now.value, marks: now.marks },
            })
          return [measure, { ...now, was: before.value }]
        }),
      ),
    })),
  }))
  const used = new Set(tables.flatMap(({ measures }) => measures))
  const [currency, another] = [...new Set(about.costs.map((cost) => cost.currency))]
  const published: Published = {
    release: head,
    jurisdiction: about.jurisdiction,
    publication: {
      address: about.publication.address,
      publisher: about.publication.publisher,
      licence: about.publication.licence,
    },
    ...(about.notice && { notice: about.notice }),
    services: servicesOf(frozen, profile),
    districts: about.districts,
    channels: about.channels,
    measures: [...used].map((measure) => wordsOf(measure, another === undefined ? (currency ?? null) : null)),
    tables,
    hidden: hiddenIn(tables),
    revisions,
    missing: missingIn(frozen, shown),
  }
  await enterLedger(db, frozen.freeze, published)
  return published
}

/** The profile of each service; totals over services are as strict as the strictest of them. */
function profiles(about: About): (service: string) => Profile {
  const of = new Map(about.services.map(({ id }) => [id, profileOf(about.publication, id)]))
  const all = strictest([profileOf(about.publication, null), ...of.values()])
  return (service) => of.get(service) ?? all
}

/** What was published by some districts or channels is not published again by others. */
function refuseRegrouped(cells: readonly Cell[], earlier: Earlier): void {
  const found = regrouped(cells, earlier)
  const [one] = found
  if (!one) return
  const all = (of: (one: (typeof found)[number]) => string[]) => [...new Set(found.flatMap(of))].sort()
  const [gone, added] = [all(({ gone }) => gone), all(({ added }) => added)]
  const periods = all(({ period }) => [period]).join(', ')
  throw new ReleaseError(
    `The release cannot be made: ${periods} would be told by another set of ${one.by}s than before` +
      `${gone.length > 0 ? `, without ${gone.join(', ')}` : ''}${added.length > 0 ? `, with ${added.join(', ')} as new` : ''}. ` +
      'Whoever subtracts the two tables could find the few people who stand between an old and a new one. ' +
      `Keep the old ${one.by}s for these periods, in the data and in clearway.config.json, and begin with the new ones in the quarter that comes next; then build the release again.`,
  )
}

/** Nor by districts of the same ids whose borders were moved. */
function refuseMoved(
  cells: readonly Cell[],
  earlier: Earlier,
  now: About,
  before: readonly { about: About }[],
): void {
  for (const { about } of before) {
    const districts = moved(now.districts, about.districts)
    if (districts.length === 0) continue
    const told = new Set(about.periods.map(({ id }) => id))
    const again = cells.flatMap(({ id }) => {
      const [, , part = '', period = ''] = id.split('|')
      return part.startsWith('district ') && told.has(period) && earlier.has(id) ? [period] : []
    })
    if (again.length === 0) continue
    throw new ReleaseError(
      `The release cannot be made: ${[...new Set(again)].sort().join(', ')} would be told by other borders of ${districts.sort().join(', ')} than before. ` +
        'Whoever subtracts the two tables could find the few people who live between the old borders and the new ones. ' +
        'Give each district with new borders an id of its own, in the data and in clearway.config.json, and begin with it in the quarter that comes next; keep the old outlines. ' +
        'An outline that is only drawn better has to wait until these periods are told no more. Then build the release again.',
    )
  }
}

/** Nor are exact figures that a few people came to, or left, since they were published. */
function refuseFewChanged(
  cells: readonly Cell[],
  sums: readonly Sum[],
  shown: ReadonlyMap<string, Shown>,
  earlier: Earlier,
  before: readonly { about: About }[],
): void {
  const bases = before.map(({ about }) => profiles(about))
  const wasExact = ({ id }: Cell) => bases.some((of) => of(id.split('|')[1] ?? '').base === 1)
  const [first, ...others] = fewChanged(cells, sums, shown, earlier, wasExact)
  if (!first) return
  throw new ReleaseError(
    `The release cannot be made: ${inWords(first.id)} was published as exactly ${first.before} and would be ${first.now} now` +
      `${others.length > 0 ? `, and ${others.length} more figures changed as little` : ''}. Both together tell of the few people between them. ` +
      'Have figures rounded ("base": 5 in publication.custom of clearway.config.json), or wait until more has changed; then build the release again.',
  )
}

/** Services that tell something, with what holds on the last day of the month. */
function servicesOf({ about, head }: Frozen, profile: (service: string) => Profile): PublishedService[] {
  const lastDay = daysBefore(head.period.until, 1)
  return about.services
    .filter(({ streams }) => streams.length > 0)
    .map(({ id, name, means, department, standards }) => ({
      id,
      name,
      means,
      department,
      profile: profile(id),
      standards: standards
        .filter(({ valid_from, valid_until }) => valid_from <= lastDay && lastDay < valid_until)
        .map(({ subtype, value, unit, target, valid_from, basis }) => ({
          subtype,
          value,
          unit,
          target,
          since: valid_from,
          basis,
        })),
      comment:
        about.publication.comments
          .filter(({ service, day }) => service === id && day <= head.published_at.slice(0, 10))
          .sort((a, b) => (a.day < b.day ? 1 : -1))
          .map(({ day, by, text }) => ({ day, by, text }))[0] ?? null,
    }))
}

/** How much is kept back. Layouts for frameworks repeat figures and are not counted. */
function hiddenIn(tables: readonly Table[]): Hidden {
  const by_table = tables
    .filter(({ framework }) => framework === null)
    .map(({ id, rows }) => {
      const told = rows
        .flatMap(({ figures }) => Object.values(figures))
        .filter(({ value, marks }) => value !== null || marks.includes('c'))
      return { table: id, cells: told.filter(({ value }) => value === null).length, of: told.length }
    })
  return {
    cells: by_table.reduce((sum, { cells }) => sum + cells, 0),
    of: by_table.reduce((sum, { of }) => sum + of, 0),
    share_of_cases: shareOfCases(tables),
    by_table,
  }
}

/**
 * The largest share of requests that stands in hidden cells of a table, of what is published alone: what is missing to a shown total. An exact share would
 * tell the sum of all that is hidden, and where nearly all of it is one or two people, each of them.
 */
function shareOfCases(tables: readonly Table[]): number {
  const shares = tables
    .filter(({ id }) => /^services_by_(month|quarter|district|channel)$/.test(id))
    .map(({ rows, dimensions }) => {
      const divided = dimensions.find(({ id }) => id === 'district' || id === 'channel')?.id ?? 'service'
      const groups = new Map<string, { total: number; shown: number; hides: boolean }>()
      for (const { at, figures } of rows) {
        const key = JSON.stringify({ ...at, [divided]: 'all' })
        const group = groups.get(key) ?? { total: 0, shown: 0, hides: false }
        groups.set(key, group)
        const { value = null, marks = [] } = figures.requests_received ?? {}
        if (at[divided] === 'all') group.total = value ?? 0
        else group.shown += value ?? 0
        group.hides ||= marks.includes('c')
      }
      const sum = (of: (group: { total: number; shown: number; hides: boolean }) => number) =>
        [...groups.values()].reduce((all, group) => all + of(group), 0)
      return (
        sum(({ total, shown, hides }) => (hides ? Math.max(0, total - shown) : 0)) /
        Math.max(
          1,
          sum(({ total }) => total),
        )
      )
    })
  return Number(Math.max(0, ...shares).toFixed(2))
}
