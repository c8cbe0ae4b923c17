/** What the rows of each stream are called. */
export const streamWords: Record<string, string> = {
  case_events: 'case events',
  wait_times: 'wait times',
  outcomes: 'outcomes and answers',
}
