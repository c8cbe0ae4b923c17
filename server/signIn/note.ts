import type { Logger } from 'pino'

/** What happened to the sign-in of a person. `why` is for people who read the audit; it is empty where nothing needs saying. */
export type SignInEvent = {
  what: 'signed_in' | 'refused' | 'signed_out' | 'session_ended' | 'groups_changed'
  /** Provider and subject; empty while nobody knows who it is. */
  who: string
  name: string
  provider: string
  why: string
}

/** Writes an event down. What cannot be written down is not done. */
export type Note = (event: SignInEvent) => void | Promise<void>

/** Without an audit the log has them. */
export const noteInLog =
  (log: Logger): Note =>
  (event) =>
    log.info(event, 'sign-in')
