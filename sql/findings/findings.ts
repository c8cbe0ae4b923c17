import { addDays, addYears, differenceInCalendarDays, format, parseISO } from 'date-fns'
import type { Db } from '../db.ts'
import { type Period, segmentParams } from '../filters.ts'
import { earlierOf, laterOf } from '../period.ts'
import type { Reading } from '../reader.ts'
import { type Drawn, draw } from './draw.ts'
import { readEvidence } from './evidence.ts'
import { type Case, readCases } from './replay/cases.ts'
import { costOf, isReplayable } from './replay/cost.ts'
import { sentenceOf } from './sentence.ts'

/** At most so many findings are shown. */
const most = 20
/** Changes are looked for in so many years: a year to know the season by, and one to have changed in. */
const years = 2

/**
 * What changed for good and made people wait longer in the period, ranked by person-hours. The earlier level is that before the
 * change. Nothing without an earlier time to compare with.
 */
export async function findingsOf(db: Db, reading: Reading) {
  const { period, held, filters, jurisdiction } = reading
  if (!held || filters.compare === 'none') return []
  const until = earlierOf(mondayFrom(period.until), mondayFrom(held.until))
  const since = mondayFrom(laterOf(held.from, iso(addYears(parseISO(until), -years))))
  if (since >= until) return []
  const params = { ...segmentParams(filters), since, until, zone: jurisdiction.time_zone }
  const evidence = await readEvidence(db, params)
  const last = weekOf(until) - 1
  const lastWhole = held.until < until ? last - 1 : last
  const found = draw(evidence, shareOf(period), last, lastWhole).slice(0, most)
  const isPart = [filters.department, filters.district, filters.channel, filters.team].some(
    (chosen) => chosen.length > 0,
  )
  const end = earlierOf(period.until, held.until)
  // a part of the cases stands in a queue with all the others
  const priced = isPart
    ? found
    : await repriced(found, { ...period, until: end }, (service) => readCases(db, service, params))
  return priced.map((drawn, index) => finding(drawn, index + 1, reading))
}

/** The findings with what they cost where the cases of their services can be led through them once more, dearest first. */
export async function repriced(
  found: readonly Drawn[],
  { from, until }: Period,
  casesOf: (service: string) => Promise<Case[]>,
): Promise<Drawn[]> {
  const told = new Map<string, Case[]>()
  const priced: Drawn[] = []
  for (const drawn of found) {
    if (!isReplayable(drawn)) {
      priced.push(drawn)
      continue
    }
    const cases = told.get(drawn.service) ?? (await casesOf(drawn.service))
    told.set(drawn.service, cases)
    const since = sinceOf(drawn)
    const moments = { change: secondOf(since), from: secondOf(laterOf(from, since)), until: secondOf(until) }
    priced.push({ ...drawn, ...costOf(drawn, cases, moments) })
  }
  return priced.filter(({ extra }) => extra > 0).sort((a, b) => b.extra - a.extra)
}

const sinceOf = ({ step }: Drawn): string => iso(addDays(parseISO(dayOf(step.at)), step.day))
/** The first second of a day, in seconds of local time. */
const secondOf = (day: string): number => Date.parse(day) / 1000

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

/** Which part of a week lies in the period. */
function shareOf({ from, until }: Period) {
  return (week: number): number => {
    const monday = dayOf(week)
    const [first, end] = [laterOf(monday, from), earlierOf(iso(addDays(parseISO(monday), 7)), until)]
    return Math.max(0, differenceInCalendarDays(parseISO(end), parseISO(first))) / 7
  }
}

const iso = (date: Date): string => format(date, 'yyyy-MM-dd')
/** The day itself if it is a Monday, else the next one. */
const mondayFrom = (day: string): string => iso(addDays(parseISO(day), (8 - parseISO(day).getDay()) % 7))
const epoch = '1969-12-29'
/** Weeks are numbered from the Monday before 1970. */
const weekOf = (monday: string): number => differenceInCalendarDays(parseISO(monday), parseISO(epoch)) / 7
const dayOf = (week: number): string => iso(addDays(parseISO(epoch), week * 7))
