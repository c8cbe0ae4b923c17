import { UnknownIdError } from '../../../sql/errors.ts'
import type { Filters, Period } from '../../../sql/filters.ts'
import { isReportId, reportIds } from '../../../sql/reportIds.ts'
import { whenWords } from '../../releases/when.ts'
import { streamWords } from '../../words/streamWords.ts'
import { feedsFor } from '../feedsFor.ts'
import type { Look } from './desk.ts'

/** What is wrong with the data of a report; null where nothing is. The words stay the same until data comes. */
export type Judged = { stale: string | null; incomplete: string | null }

/** Whether the data is fresh and complete for a report. What was released is always what it is. Throws UnknownIdError. */
export function judge(look: Look, report: string, filters: Filters & Period): Judged {
  if (isReportId(report) && reportIds[report].audience === 'public') return { stale: null, incomplete: null }
  const late = feedsFor(look.feeds, look.departments, filters).filter(
    ({ state }) => state === 'late' || state === 'silent',
  )
  const [missing] = look.missing(filters)
  const [first] = late
  return {
    stale:
      first === undefined
        ? null
        : `the ${streamWords[first.stream] ?? first.stream} of “${first.source}” are ${first.state}${
            first.due_at === null ? '' : `: they were due at ${whenWords(first.due_at, 'UTC')} UTC`
          }${late.length > 1 ? `, and ${late.length - 1} more` : ''}`,
    incomplete:
      missing === undefined
        ? null
        : `only ${Math.floor(missing.complete * 100)} % of the ${streamWords[missing.stream] ?? missing.stream} of “${missing.source}” from ${filters.from} until ${filters.until} are known`,
  }
}

/** Whether all that a report needs of a period that has ended is there: nothing is missing, and every feed came once more after its end. */
export function isComplete(look: Look, filters: Filters & Period, end: Date): boolean {
  try {
    const feeds = feedsFor(look.feeds, look.departments, filters)
    const cameAfter = feeds.every(
      ({ loaded_at }) => loaded_at !== null && Date.parse(loaded_at) >= end.getTime(),
    )
    return look.final && feeds.length > 0 && cameAfter && look.missing(filters).length === 0
  } catch (error) {
    // filters that name what is not there yet are not complete
    if (error instanceof UnknownIdError) return false
    throw error
  }
}
