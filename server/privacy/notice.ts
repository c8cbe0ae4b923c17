import type { Config } from '../../sql/config.ts'

/** What the public is told of how long what leads to people is kept, and what single cases are opened for. */
export type Notice = {
  /** Empty where nobody has to say one. */
  purposes: string[]
  /** Days; null: until somebody asks to be erased. */
  kept: { what: string; days: number | null }[]
  /** Whether ids of cases are stored scrambled, in all sources or some of them. */
  scrambled: 'all' | 'some' | 'none'
}

/** The notice as the configuration has it, in words for everybody. */
export function noticeOf({ privacy, reports }: Pick<Config, 'privacy' | 'reports'>): Notice {
  const { retention, pseudonyms, purposes } = privacy
  return {
    purposes: privacy.ask_purpose === false ? [] : purposes,
    kept: [
      { what: 'What happened in your case, and when', days: null },
      { what: 'What you wrote in your own words', days: retention.comments },
      { what: 'Who read it, and what for', days: retention.readings },
      { what: 'Who opened a case, and what for', days: retention.audit },
      { what: 'Notes that did not fit and were not counted', days: retention.rejected_rows },
      { what: 'Files that could not be read', days: retention.failed_files },
      { what: 'Reports for the offices', days: reports.keep_days },
    ],
    scrambled:
      pseudonyms === true ? 'all' : pseudonyms === false || pseudonyms.length === 0 ? 'none' : 'some',
  }
}
