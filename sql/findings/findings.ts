import { addDays, addMonths, addYears, parseISO } from 'date-fns'
import { askedBefore, askOnce } from '../askOnce.ts'
import type { Db } from '../db.ts'
import { segmentParams } from '../filters.ts'
import { earlierOf, type Held, laterOf } from '../period.ts'
import type { Reading } from '../reader.ts'
import type { Drawn } from './books.ts'
import { isWorthTelling } from './draw.ts'
import { type Asked, type EvidenceText, evidenceText } from './evidence.ts'
import { reckon } from './reckoner.ts'
import { casesText } from './replay/cases.ts'
import { isReplayable } from './replay/cost.ts'
import { sinceOf } from './replay/priced.ts'
import { sentenceOf } from './sentence.ts'
import { grouped } from './sign.ts'
import { dayOf, iso, mondayFrom, weekOf } from './weeks.ts'

/** At most so many findings are shown. */
const most = 20
/** Changes are looked for in so many years: a year to know the season by, and one to have changed in. */
const years = 2

/**
 * What changed for good and made people wait longer in the period, ranked by person-hours. The earlier level is that before the
 * change. Nothing without an earlier time to compare with.
 */
export async function findingsOf(db: Db, asked: Reading) {
  const reading = byServices(asked)
  const { period, held, filters, head } = reading
  if (!held || filters.compare === 'none') return []
  const question = JSON.stringify(['findings', segmentParams(filters), period])
  return askOnce(db, head.data_version, question, () => readFindings(db, reading, held))
}

async function readFindings(db: Db, reading: Reading, held: Held) {
  const { period, filters, jurisdiction } = reading
  const until = earlierOf(mondayFrom(period.until), mondayFrom(held.until))
  const since = mondayFrom(laterOf(held.from, iso(addYears(parseISO(until), -years))))
  if (since >= until) return []
  const params = { ...segmentParams(filters), since, until, zone: jurisdiction.time_zone }
  const evidence = await readEvidence(db, reading, held, params)
  const last = weekOf(until) - 1
  const lastWhole = held.until < until ? last - 1 : last
  const end = earlierOf(period.until, held.until)
  const weeks = { first: weekOf(since), last, lastWhole }
  const found = await reckon({ draw: { evidence, services: filters.service, period, ...weeks } })
  const [sure, weak] = [found.filter(({ toProve }) => !toProve), found.filter(({ toProve }) => toProve)]
  const first = sure.slice(0, most)
  // a part of the cases stands in a queue with all the others
  const priced = isPart(filters)
    ? first
    : await repriced(db, [...first, ...weak.slice(0, most)], { ...params, from: period.from, end })
  return priced
    .filter(isWorthTelling)
    .sort((a, b) => b.extra - a.extra)
    .map((each, index) => finding(each, index + 1, reading))
}

const isPart = ({
  department,
  district,
  channel,
  team,
}: Pick<Asked, 'department' | 'district' | 'channel' | 'team'>): boolean =>
  [department, district, channel, team].some((chosen) => chosen.length > 0)

/**
 * Weekly series are read once for each state of the data, and half a year further back than the last findings need: so they serve every
 * period of that time. Where those of the whole city are at hand, those of a service are among them.
 */
async function readEvidence(db: Db, { head }: Reading, held: Held, params: Asked): Promise<EvidenceText> {
  const until = mondayFrom(held.until)
  const since = mondayFrom(laterOf(held.from, iso(addMonths(addYears(parseISO(until), -years), -6))))
  const asked = params.since >= since ? { ...params, since, until } : params
  const questionOf = (of: Asked) => JSON.stringify(['evidence', of])
  const ask = (most: number) =>
    askOnce(
      db,
      head.data_version,
      questionOf(asked),
      () => evidenceText(db, asked),
      (text) => sizeOf(text) <= most,
    )
  if (isPart(asked)) return ask(mostText.part)
  if (asked.service.length === 0) return ask(mostText.city)
  const city = askedBefore<EvidenceText>(db, head.data_version, questionOf({ ...asked, service: [] }))
  return (await city?.catch(() => undefined)) ?? ask(mostText.part)
}

/** Series of so many signs are kept at most: of the whole city, and of a part of it. */
const mostText = { city: 50_000_000, part: 5_000_000 }
const sizeOf = (text: EvidenceText) => Object.values(text).reduce((sum, { length }) => sum + length, 0)

/** Departments that only have services of their own are these services: they are known by weeks, and stand in queues of their own. */
function byServices(reading: Reading): Reading {
  const { filters, names } = reading
  const { department, service } = filters
  if (department.length === 0) return reading
  const isIn = (of: { department: string }) => department.includes(of.department)
  const placed = names.placed.filter(({ service: id }) => service.length === 0 || service.includes(id))
  const own = [...new Set(placed.filter(isIn).map((of) => of.service))].sort()
  const isWhole = placed.every((of) => isIn(of) || !own.includes(of.service))
  // without a service of its own a department would be the whole city
  if (own.length === 0 || !isWhole) return reading
  return { ...reading, filters: { ...filters, department: [], service: own } }
}

/** The findings with what they cost where the cases of their services can be led through them once more, one service after another. */
async function repriced(
  db: Db,
  found: readonly Drawn[],
  { from, end, ...span }: Asked & { from: string; end: string },
): Promise<Drawn[]> {
  const settled = found.filter((drawn) => !isReplayable(drawn))
  for (const [service, own] of grouped(found.filter(isReplayable), (drawn) => drawn.service)) {
    const cases = await casesText(db, service, span)
    settled.push(...(await reckon({ price: { found: own, period: { from, until: end }, cases } })))
  }
  return settled
}

function finding(drawn: Drawn, rank: number, reading: Reading) {
  const { kind, service, stage, from_stage, segment, step, extra, cases, before_hours, hours } = drawn
  const since = sinceOf(drawn)
  return {
    ...{ rank, kind, service, stage, from_stage, segment },
    since,
    /** First and last day on which it may have begun (about 95 %): a change late in a week shows in the next one. */
    since_between: [dayOf(step.earliest - 1), iso(addDays(parseISO(dayOf(step.latest)), 6))] as [
      string,
      string,
    ],
    extra_hours: extra,
    extra_hours_per_case: extra / Math.max(1, cases),
    cases: Math.round(cases),
    growth_per_week: drawn.growth,
    explained_by: drawn.whom,
    before_mean_hours: before_hours,
    mean_hours: hours,
    measure: drawn.measure,
    before: drawn.before,
    after: drawn.after,
    /** How many standard errors the change measures. */
    certainty: Math.abs(step.z),
    sentence: sentenceOf(drawn, since, reading),
  }
}
