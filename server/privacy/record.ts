import { type ColumnClass, classes, columnClasses, mayRead } from '../../sql/columnClasses.ts'
import type { Config } from '../../sql/config.ts'
import type { listErasures } from '../../sql/privacy/tombstones.ts'

type Erasures = Awaited<ReturnType<typeof listErasures>>

/** The record of processing (GDPR, article 30), as the declarations and the configuration have it. Days: null is as long as nobody erases it. */
export type ProcessingRecord = {
  controller: { name: string; contact: string }
  purposes: { what: string; why: string }[]
  people: string[]
  data: { class: ColumnClass; means: string; travels: string; tables: Record<string, string[]> }[]
  recipients: { who: string; what: string }[]
  retention: { what: string; days: number | null; how: string }[]
  measures: string[]
  erasures: { erasure: string; at: string; done_at: string | null; by: string; cases: number }[]
}

/** What leads to nobody is told in a line of its own, without its columns. */
const aboutPeople: readonly ColumnClass[] = ['pseudonym', 'personal', 'free_text', 'secret']

export function recordOf(config: Config, erasures: Erasures): ProcessingRecord {
  const { jurisdiction, publication, privacy, reports, schedules } = config
  const { retention } = privacy
  const publisher = publication.publisher
  const kinds = new Set(
    schedules.flatMap(({ recipients }) => recipients.map(({ destination }) => destination.kind)),
  )
  return {
    controller: {
      name: publisher.name ?? jurisdiction.name,
      contact: [publisher.contact, publisher.email].filter((each) => each).join(', '),
    },
    purposes: [
      {
        what: 'Measuring how long people wait for services, and why',
        why: 'to keep the promises of the service standards and to report on them',
      },
      { what: 'Asking people how it was', why: 'to hear who is not served well' },
      ...privacy.purposes.map((purpose) => ({
        what: `Opening single cases: ${purpose.replaceAll('_', ' ')}`,
        why: 'stated by whoever opens them, and written down',
      })),
    ],
    people: [
      'people who asked for a service',
      'people who answered how it was',
      'members of staff who use Clearway or get its reports',
    ],
    data: (Object.keys(classes) as ColumnClass[]).map((name) => ({
      class: name,
      ...classes[name],
      tables: aboutPeople.includes(name) ? tablesWith(name) : {},
    })),
    recipients: [
      { who: 'the public', what: 'releases: counts of many people, in which small numbers are hidden' },
      {
        who: 'members of staff',
        what: 'figures of the departments they may see; single cases and comments only with that right',
      },
      ...[...kinds].sort().map((kind) => ({
        who: `recipients of reports by ${kind}`,
        what: 'reports within the scope of the recipient',
      })),
      ...readers(),
    ],
    retention: [
      { what: 'Rows that did not fit', days: retention.rejected_rows, how: 'the engine forgets them' },
      { what: 'What people wrote', days: retention.comments, how: 'the engine forgets it; the rating stays' },
      { what: 'Who read comments and what for', days: retention.readings, how: 'the engine forgets it' },
      {
        what: 'Who did what (the audit)',
        days: retention.audit,
        how: 'removed once a day; the rest still verifies',
      },
      { what: 'Files that did not load', days: retention.failed_files, how: 'removed once a day' },
      {
        what: 'Files of watched folders that were loaded',
        days: retention.loaded_files,
        how: 'removed once a day',
      },
      { what: 'Reports as they were sent', days: reports.keep_days, how: 'removed once a day' },
      { what: 'Events, waits and outcomes of cases', days: null, how: 'until somebody asks to be erased' },
      { what: 'Published figures', days: null, how: 'kept: they tell of nobody' },
    ],
    measures: [
      'Names, addresses, numbers and links are taken out of comments before they are stored.',
      'Ids of respondents are stored as keyed hashes, keys of programs as hashes.',
      'Every column has a class, and tests refuse a question that reads what its class forbids.',
      'An erasure takes a case out of facts, figures, rejected rows, files and reports, and no load brings it back. A backup older than an erasure holds the case: when it is restored, the erasure is done again before anybody can ask.',
      'Releases hide small numbers so that they cannot be worked out from others.',
    ],
    erasures: erasures.map(({ erasure, at, done_at, by, hashes }) => ({
      erasure,
      at,
      done_at,
      by,
      cases: hashes.length,
    })),
  }
}

/** The parts of Clearway that read what leads to people, by why they do. */
function readers(): ProcessingRecord['recipients'] {
  const all = Object.values(mayRead)
  return [...new Set(all.map(({ why }) => why))].map((why) => {
    const read = all.flatMap((each) => (each.why === why ? each.columns : []))
    return { who: `what ${why}`, what: [...new Set(read)].join(', ') }
  })
}

const tablesWith = (name: ColumnClass): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(columnClasses).flatMap(([table, columns]) => {
      const its = Object.keys(columns).filter((column) => columns[column] === name)
      return its.length > 0 ? [[table, its]] : []
    }),
  )
