import type { Period } from '../../sql/filters.ts'
import type { KpiId } from '../../sql/kpis.ts'
import type { Stat } from '../../sql/stat.ts'
import type { By, Change, Finding, Kpis, Meta, Series, Standard } from '../answerTypes.ts'
import {
  formatDifference,
  formatDuring,
  formatPeriod,
  formatShare,
  formatStat,
  formatValue,
} from './format.ts'

/** The words the dashboard says about figures. Every sentence is computed; nothing here decides what is real. */

export type Status = 'on' | 'near' | 'off' | 'none'
export const statusWords: Record<Status, string> = {
  on: 'On target',
  near: 'Near target',
  off: 'Off target',
  none: 'No target',
}

type Direction = Meta['kpis'][number]['better']

/** How a value stands against its target: near is within five points of a share, or a tenth of any other target. */
export function statusAgainst(stat: Stat, target: number | null, better: Direction): Status {
  if (target === null || stat.status !== 'ok' || stat.value === null || better === 'neither') return 'none'
  const short = better === 'higher' ? target - stat.value : stat.value - target
  if (short <= 0) return 'on'
  return short <= (stat.unit === 'share' ? 0.05 : target * 0.1) ? 'near' : 'off'
}

/** "Target 80% or more." */
export function targetWords(target: number, stat: Stat, better: Direction): string {
  return `Target ${formatValue(target, stat.unit)} or ${better === 'higher' ? 'more' : 'less'}.`
}

const upOrDown = (absolute: number) => (absolute > 0 ? 'Up' : 'Down')

/** "Up 3 points on May 2026: a real change for the better." */
export function changeWords(change: Change, stat: Stat, comparePeriod: Period | null): string {
  if (!comparePeriod) return ''
  const then = formatPeriod(comparePeriod)
  if (change.verdict === 'no_comparable_data' || change.absolute === null)
    return `No comparable data for ${then}.`
  if (change.absolute === 0) return `The same as in ${then}.`
  const difference = `${upOrDown(change.absolute)} ${formatDifference(change.absolute, change.relative, stat.unit)} on ${then}`
  return `${difference}: ${verdictWords[change.verdict]}.`
}

export const verdictWords: Record<Change['verdict'], string> = {
  better: 'a real change for the better',
  worse: 'a real change for the worse',
  changed: 'a real change',
  no_clear_change: 'no clear change',
  no_comparable_data: 'no comparable data',
}

/** "from 1,204 requests": what the figure stands on. */
export const countedWords: Partial<Record<KpiId, string>> = {
  wait_median: 'people served',
  wait_p90: 'people served',
  abandonment_rate: 'people in a queue',
  wait_in_time_rate: 'people waiting',
  satisfied_share: 'answers',
  response_rate: 'people asked',
  intended_outcome_rate: 'outcomes',
}

/** The standards in force on the last day of a period. */
export const standardsInForce = (standards: readonly Standard[], period: Period) =>
  standards.filter((standard) => standard.valid_from < period.until && standard.valid_until >= period.until)

/** The standard of the whole service; null where only some kinds of request have one. */
export const mainStandard = (standards: readonly Standard[], period: Period): Standard | null =>
  standardsInForce(standards, period).find(({ subtype }) => subtype === '') ?? null

/** "80% within 10 working days". */
export function standardWords(standard: Standard): string {
  const unit = standard.unit.replace('_', ' ')
  const noun = standard.value === 1 ? unit.replace(/s$/, '') : unit
  return `${formatShare(standard.target)} within ${standard.value} ${noun}`
}

export const variationWords: Record<Series['variation'], string> = {
  improving: 'Improving: the change is larger than the usual ups and downs.',
  concerning: 'Concerning: it is getting worse by more than the usual ups and downs.',
  changed: 'Changed: the level moved by more than the usual ups and downs.',
  no_clear_change: 'No clear change: only the usual ups and downs.',
  too_few_points: 'Too few points yet to tell a change from the usual ups and downs.',
}

export const assuranceWords: Record<Series['assurance'], string> = {
  will_meet: 'As things stand it will meet the target.',
  may_meet: 'It may meet the target or miss it: the usual ups and downs cross it.',
  will_not_meet: 'As things stand it will not meet the target.',
  no_target: 'There is no target for it.',
  too_few_points: 'Too few points yet to say whether it will meet the target.',
}

/** What to expect of the target. Where the latest value says otherwise than the limits, that is said too. */
export function assuranceSentence(series: Series, better: Direction): string {
  const last = series.points.findLast(({ stat }) => stat.complete >= 0.995 && stat.value !== null)?.stat.value
  const { target, assurance } = series
  if (assurance === 'no_target') return ''
  if (target === null || last === null || last === undefined || better === 'neither')
    return assuranceWords[assurance]
  const meets = better === 'higher' ? last >= target : last <= target
  if (assurance === 'will_meet' && !meets)
    return 'It usually met the target, but the latest value does not: what held before holds no longer.'
  if (assurance === 'will_not_meet' && meets)
    return 'It usually missed the target, but the latest value meets it: too early to count on it.'
  return assuranceWords[assurance]
}

export const ruleWords: Record<Series['signals'][number]['rule'], string> = {
  outside_limits: 'outside the usual limits',
  shift: 'seven in a row on one side',
  trend: 'seven in a row in one direction',
  two_of_three: 'two of three close to a limit',
}

export type ServiceFigures = {
  service: Meta['services'][number]
  rows: Partial<Record<KpiId, By['rows'][number]>>
}

export type ServiceStatus = ServiceFigures & {
  standard: Standard | null
  target: number | null
  status: Status
}

/** How often a service kept its promise: requests closed on time or, where people queue, waits in time. */
export const keptPromise = ({ rows }: ServiceFigures) =>
  rows.on_time_rate?.stat.value == null && rows.wait_in_time_rate?.stat.value != null
    ? { row: rows.wait_in_time_rate, words: 'served in time' }
    : rows.on_time_rate && { row: rows.on_time_rate, words: 'closed on time' }

/** Each service with its standard and how it stands against it. */
export function withStatus(figures: readonly ServiceFigures[], period: Period): ServiceStatus[] {
  return figures.map((one) => {
    const standard = mainStandard(one.service.standards, period)
    const target = standard?.target ?? null
    const kept = keptPromise(one)?.row
    return {
      ...one,
      standard,
      target,
      status: kept ? statusAgainst(kept.stat, target, 'higher') : 'none',
    }
  })
}

/** True when even the upper end of the interval is short of the target: it is not bad luck. */
const surelyShort = (stat: Stat, target: number) => (stat.interval ? stat.interval[1] < target : false)

/** The answer of the overview in one sentence: the service furthest from its promise, else the largest real change. */
export function overviewTitle(services: readonly ServiceStatus[], answer: Kpis, meta: Meta): string {
  const when = formatDuring(answer.period)
  const short = services
    .flatMap((one) => {
      const kept = keptPromise(one)
      const onTime = kept?.row
      if (!kept || !onTime || one.target === null || onTime.stat.value === null || one.status === 'on')
        return []
      return surelyShort(onTime.stat, one.target)
        ? [{ one, onTime, words: kept.words, by: one.target - onTime.stat.value }]
        : []
    })
    .sort((a, b) => b.by - a.by)[0]
  if (short) {
    const { one, onTime, words } = short
    const real = onTime.change.verdict === 'better' || onTime.change.verdict === 'worse'
    const direction =
      real && onTime.change.absolute !== null && onTime.compare
        ? `, ${onTime.change.absolute > 0 ? 'up' : 'down'} from ${formatStat(onTime.compare)}`
        : ''
    return `${one.service.name}: ${formatStat(onTime.stat)} ${words} ${when}${direction}; ${formatShare(one.target ?? 0)} was promised`
  }
  const label = (id: KpiId) => meta.kpis.find((kpi) => kpi.id === id)?.label ?? id
  const moved = answer.kpis
    .filter(({ change }) => change.verdict === 'worse' || change.verdict === 'better')
    .sort(
      (a, b) =>
        Number(b.change.verdict === 'worse') - Number(a.change.verdict === 'worse') ||
        Math.abs(b.change.relative ?? 0) - Math.abs(a.change.relative ?? 0),
    )[0]
  if (moved?.compare && moved.stat.value !== null && moved.change.absolute !== null) {
    const direction = moved.change.absolute > 0 ? 'up' : 'down'
    return `${label(moved.id)}: ${formatStat(moved.stat)} ${when}, ${direction} from ${formatStat(moved.compare)}`
  }
  const received = answer.kpis.find(({ id }) => id === 'requests_received')
  if (received?.stat.value && answer.compare_period)
    return `Nothing clearly changed ${when}: ${formatStat(received.stat)} requests came in`
  return received?.stat.value
    ? `${formatStat(received.stat)} requests came in ${when}`
    : `Nothing was recorded ${when}`
}

export type RealChange = {
  service: string
  serviceName: string
  id: KpiId
  verdict: 'better' | 'worse' | 'changed'
  size: number
  sentence: string
}

/** The changes over services that chance does not explain, the worse ones and the largest first. */
export function realChanges(services: readonly ServiceFigures[], kpis: Meta['kpis']): RealChange[] {
  return services
    .flatMap(({ service, rows }) =>
      Object.entries(rows).flatMap(([key, row]) => {
        const id = kpis.find((kpi) => kpi.id === key)?.id
        const { verdict, absolute, relative } = row.change
        if (!id || verdict === 'no_clear_change' || verdict === 'no_comparable_data') return []
        if (absolute === null || row.stat.value === null || !row.compare) return []
        const label = kpis.find((kpi) => kpi.id === id)?.label ?? id
        return {
          service: service.id,
          serviceName: service.name,
          id,
          verdict,
          size: Math.abs(relative ?? 0),
          sentence: `${label.toLowerCase()} ${absolute > 0 ? 'up' : 'down'} from ${formatStat(row.compare)} to ${formatStat(row.stat)}`,
        }
      }),
    )
    .sort(
      (a, b) =>
        Number(b.verdict === 'worse') - Number(a.verdict === 'worse') ||
        Number(b.verdict === 'better') - Number(a.verdict === 'better') ||
        b.size - a.size,
    )
}

/** What a kind of finding is called, and how it is known. */
export const findingWords: Record<Finding['kind'], { name: string; how: string }> = {
  slower_stage: {
    name: 'Slower stage',
    how: 'Measured is the working time of every visit to the stage: from start to completion or, where only completions are told, the whole stay. Each visit is compared with what the same kind of case usually takes there (district, channel, type, first visit or a later one), so another mix of cases is not a slower stage.',
  },
  capacity: {
    name: 'Too few hands',
    how: 'Measured is how many cases are worked on at one time whenever somebody has to wait (then nobody is idle, so it tells how many people are at work), or how many are done on a working day while more than a week of work is waiting. Where neither is told, a stage is short of hands when people stay longer although those served at once are served as fast as before.',
  },
  segment: {
    name: 'Slower for one group',
    how: 'Measured is the same as for a slower stage, for one district, channel, team or type against all others at the same stage. It is a finding only when the others did not change with it.',
  },
  rework: {
    name: 'More cases sent back',
    how: 'Measured is the share of the cases leaving a stage that go back to one where they have been before.',
  },
  batching: {
    name: 'Handed on in batches',
    how: 'Measured is how work is bunched: of all pairs of visits that ended in the same week, the share that ended on the same day.',
  },
  arrivals: {
    name: 'More demand',
    how: 'Measured is how many cases begin in a week. The wave that comes back every year is taken out.',
  },
  mix_shift: {
    name: 'Another mix of cases',
    how: 'Measured is the share of one district, channel or type among the cases that begin in a week. The wave that comes back every year is taken out. What it costs follows from how much longer these cases take than the others.',
  },
  clock_stops: {
    name: 'Clock stopped more often',
    how: 'Measured is the share of visits whose clock was stopped, and for how long, by the week in which the case came to the stage.',
  },
}

/** What holds for findings of every kind. */
export const findingRules = {
  chance:
    'A change counts when it lasts and lies far outside chance: about five standard errors, after its week was searched for, and more in a city of many services. In ten years of a city less than about one false finding is expected.',
  cost: 'The extra hours are all hours people spent there in the period, also of those who still wait, less what as many cases would have spent at the level before the change.',
}

/** How sure a finding is. Below four standard errors only the wait is sure, and this is its likeliest cause. */
export function certaintyWords(errors: number): string {
  if (errors >= 5) return 'Practically certain'
  return errors >= 4 ? 'Very likely' : 'Likely'
}

/** "a", "a and b", "a, b and c". */
export const andList = (items: readonly string[]) =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`

/** How many of all cases stand in hidden figures: "about 4%"; a little is not nothing. */
export const hiddenShareWords = ({ cells, share_of_cases }: { cells: number; share_of_cases: number }) =>
  share_of_cases === 0 && cells > 0 ? 'less than 1%' : `about ${formatShare(share_of_cases)}`
