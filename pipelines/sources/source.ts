/** How one source is doing. Times are ISO 8601 in UTC. */
export type SourceState = {
  kind: 'push' | 'folder'
  /** Tells the sources apart: `push`, or the path of a folder as configured. */
  name: string
  mapping: string | null
  state: 'ready' | 'loading' | 'troubled'
  /** Files or bodies that are not loaded yet, and their bytes where they are known. */
  waiting: number
  waiting_bytes: number | null
  last_file: string | null
  last_load_id: string | null
  last_at: string | null
  last_error: string | null
}

/** What a source tells the log. */
export type SourceLog = {
  info(about: Record<string, unknown>, message: string): void
  warn(about: Record<string, unknown>, message: string): void
}

/** What happened last at a source. */
export type Last = Pick<SourceState, 'last_file' | 'last_load_id' | 'last_at' | 'last_error'>
export const nothingYet: Last = { last_file: null, last_load_id: null, last_at: null, last_error: null }

/** Milliseconds to wait before the next try: 1 s, doubled each time, at most 30 s. */
export const patience = (tries: number): number => Math.min(30_000, 1_000 * 2 ** Math.max(0, tries - 1))
