import { LoadError } from '../loadError.ts'

/** From (inclusive) and until (exclusive), in milliseconds since 1970, whole seconds. */
export type Window = { from: number; until: number }

export type WindowLimits = {
  /** The longest window, in milliseconds. */
  longest: number
  /** So many rows in one answer mean that more were cut off. */
  full: number
}

const minute = 60_000

/** ISO 8601 without parts of a second: `2026-01-31T00:00:00Z`. */
export const moment = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

/**
 * Walks through a span of time, window after window. `ask` fetches one window and tells its rows; a full answer is asked for again in
 * halves, and `take` gets only what was not full. Throws LoadError when a window of a minute or less is still full.
 */
export async function walkWindows<Got extends { rows: number }>(
  { from, until }: Window,
  { longest, full }: WindowLimits,
  ask: (window: Window) => Promise<Got>,
  take: (window: Window, got: Got) => Promise<void>,
): Promise<void> {
  let length = longest
  for (let at = from; at < until; ) {
    const window = { from: at, until: Math.min(until, at + length) }
    const got = await ask(window)
    if (got.rows < full) {
      await take(window, got)
      at = window.until
      // quiet times need fewer questions
      if (got.rows * 2 < full) length = Math.min(longest, length * 2)
      continue
    }
    const asked = window.until - window.from
    if (asked <= minute)
      throw new LoadError(
        `From ${moment(window.from)} to ${moment(window.until)} there are ${got.rows} rows, as many as one answer holds, so some may be missing: ask for less by a parameter in query, or correct full in cursor.`,
      )
    length = Math.max(1_000, Math.floor(asked / 2_000) * 1_000)
  }
}
