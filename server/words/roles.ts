import type { Role } from '../../sql/keys.ts'

/** Roles in plain words, and what they are for. */
export const roleWords: Record<Role, { name: string; means: string }> = {
  viewer: { name: 'Viewer', means: 'sees figures' },
  analyst: { name: 'Analyst', means: 'sees figures, writes notes, makes reports' },
  case_worker: { name: 'Case worker', means: 'sees single cases and comments, writes notes' },
  publisher: { name: 'Publisher', means: 'takes part in releases, makes reports' },
  data_steward: { name: 'Data steward', means: 'looks after loads and rows that did not fit' },
  administrator: { name: 'Administrator', means: 'gives and takes access, looks after data and reports' },
  auditor: { name: 'Auditor', means: 'reads what was done, by whom' },
  ingest: { name: 'Sender', means: 'sends rows' },
}
