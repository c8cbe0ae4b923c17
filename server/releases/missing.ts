import { daysBefore } from '../../sql/period.ts'
import type { Shown } from '../disclosure/cells.ts'
import { cellId } from './cells.ts'
import { periodsOf } from './cube.ts'
import { promiseOn } from './figures.ts'
import type { Frozen } from './frozen.ts'
import type { Published } from './published.ts'
import { periodLabel } from './tables.ts'

type Missing = Published['missing'][number]
const rowWords = { case_events: 'requests', wait_times: 'waits', outcomes: 'answers' } as const

/** What is missing in the figures of the month, in sentences for everybody. */
export function missingIn(frozen: Frozen, shown: ReadonlyMap<string, Shown>): Missing[] {
  const { about, head } = frozen
  const { quarters } = periodsOf(about)
  const month = head.period.from.slice(0, 7)
  const quarter = quarters.at(-1)
  const found: Missing[] = []
  for (const { id, name, streams, standards } of about.services) {
    const say = (what: string, why: string) => found.push({ service: id, what, why })
    if (streams.length === 0) {
      say(`Everything about ${name}`, 'No data of this service has come yet.')
      continue
    }
    for (const stream of ['case_events', 'wait_times', 'outcomes'] as const) {
      const share = frozen.known(stream, id, month)
      if (share === null || share >= 0.95) continue
      const part = share === 0 ? 'Nothing' : `Only ${Math.floor(share * 100)} %`
      say(
        `${name}: ${rowWords[stream]} of ${periodLabel(month)}`,
        `${part} of what this service should have sent is here. ${share < 0.5 ? 'We show no figures of it.' : 'The figures may still change.'}`,
      )
    }
    if (!streams.includes('outcomes'))
      say(
        `${name}: how people found it`,
        'This service does not ask people how it was, or does not tell us what they said.',
      )
    if (!promiseOn(standards, daysBefore(head.period.until, 1)))
      say(`${name}: served on time`, 'No time has been promised, so nobody can say what is on time.')
    if (!streams.includes('case_events') || !quarter) continue
    const unmapped = shown.get(
      cellId('closed_unmapped', { service: id, district: 'all', channel: 'all', period: quarter.id }),
    )
    if (unmapped && (unmapped.hidden || unmapped.value > 0))
      say(
        `${name}: how some requests ended`,
        'Some requests were closed with a code that nobody has explained. They are counted as "end not known".',
      )
    if (
      !about.costs.some(
        ({ service, from, until }) => service === id && from <= quarter.from && until >= quarter.until,
      )
    )
      say(
        `${name}: cost of a request`,
        `What this service cost from ${periodLabel(quarter.id)} is not declared.`,
      )
  }
  return found
}
