/** How one source is doing. Times are ISO 8601 in UTC. */
export type SourceState = {
  kind: 'push' | 'folder' | 'http' | 'mqtt' | 'kafka'
  /** Tells the sources apart: the configured name, else the path, address or topic. */
  name: string
  mapping: string | null
  /** `loading`: something is being fetched or loaded. `troubled`: the last delivery failed; `last_error` says why. */
  state: 'ready' | 'loading' | 'troubled'
  /** Files, bodies or messages that are not loaded yet, and their bytes where they are known. */
  waiting: number
  waiting_bytes: number | null
  /** When it looks for data by itself again; null when it waits to be sent some. */
  next_at: string | null
  /** Whether it can be told to look for data now. */
  can_run: boolean
  /** How far the source has been read, in its own terms: a moment, an offset. */
  position: string | null
  last_file: string | null
  last_load_id: string | null
  last_at: string | null
  last_error: string | null
}

/** Something that brings data in by itself while a server runs. */
export type Source = {
  /** Begins its work. What cannot begin shows in the state and stops nothing else. */
  open(): Promise<void>
  state(): SourceState
  /** Looks for data now instead of at its next time; returns before it is loaded. Absent where nothing can be asked for. */
  run?: () => void
  /** Stops the load at hand; what was not loaded is taken again at the next start. */
  close(): Promise<void>
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
