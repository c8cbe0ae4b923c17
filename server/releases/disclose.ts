import type { Db } from '../../sql/db.ts'
import { daysBefore } from '../../sql/period.ts'
import { profileOf, strictest } from '../disclosure/profiles.ts'
import { protect } from '../disclosure/protect.ts'
import { cellsOf } from './cells.ts'
import { periodBefore, placeOf } from './cube.ts'
import { figuresOf } from './figures.ts'
import { type Frozen, readFrozen } from './frozen.ts'
import { categoriesBefore, enterLedger, isOwnTable, revised, saidBefore } from './ledger.ts'
import { checkLeaveOut, wordsOf } from './measures.ts'
import { mergeSmall } from './merged.ts'
import { missingIn } from './missing.ts'
import type { Hidden, Profile, Published, PublishedService, Revision, Table } from './published.ts'
import { emptyTables } from './tables.ts'

/**
 * Makes of the frozen figures of a release what the public may know. This is the one way out: small numbers are hidden here, and what
 * stands in the answer is all that pages and files are made of. It reads what was frozen and what earlier releases said, never facts, so
 * that it gives the same again whenever it is asked.
 */
export async function disclose(db: Db, id: string): Promise<Published> {
  const exact = await readFrozen(db, id)
  checkLeaveOut(exact.about.publication)
  const profile = profiles(exact)
  const frozen = mergeSmall(exact, profile, await categoriesBefore(db, exact.earlier))
  const { about, head } = frozen
  const empty = emptyTables(frozen)
  const said = await saidBefore(
    db,
    frozen.earlier,
    about.periods.flatMap((period) => [period.id, periodBefore(period.id)]),
  )
  const { cells, sums } = cellsOf(frozen, empty, profile, said.cells)
  const { shown } = await protect({ cells, sums, earlier: said.cells })

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
    services: servicesOf(frozen, profile),
    districts: about.districts,
    channels: about.channels,
    measures: [...used].map((measure) => wordsOf(measure, another === undefined ? (currency ?? null) : null)),
    tables,
    hidden: hiddenIn(frozen, tables),
    revisions,
    missing: missingIn(frozen, shown),
  }
  await enterLedger(db, frozen.freeze, published)
  return published
}

/** The profile of each service; totals over services are as strict as the strictest of them. */
function profiles({ about }: Frozen): (service: string) => Profile {
  const of = new Map(about.services.map(({ id }) => [id, profileOf(about.publication, id)]))
  const all = strictest([profileOf(about.publication, null), ...of.values()])
  return (service) => of.get(service) ?? all
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
function hiddenIn(frozen: Frozen, tables: readonly Table[]): Hidden {
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
    share_of_cases: shareOfCases(frozen, tables),
    by_table,
  }
}

/** The share is told in such steps that it does not tell a single hidden count. */
function shareOfCases(frozen: Frozen, tables: readonly Table[]): number {
  const shares = tables
    .filter(({ id }) => /^services_by_(month|quarter|district|channel)$/.test(id))
    .map(({ rows }) => {
      let [hidden, all] = [0, 0]
      for (const { at, figures } of rows) {
        if (at.service === 'all' || at.district === 'all' || at.channel === 'all') continue
        const cases = frozen.count('requests_received', placeOf(at))
        all += cases
        if (figures.requests_received?.marks.includes('c')) hidden += cases
      }
      const step = Math.max(0.01, Math.ceil((100 * coarse) / Math.max(all, 1)) / 100)
      return all === 0 ? 0 : Math.min(1, Math.round(hidden / all / step) * step)
    })
  return Number(Math.max(0, ...shares).toFixed(2))
}
/** No step of the share stands for fewer cases than this. */
const coarse = 100
