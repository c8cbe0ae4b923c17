import { z } from 'zod'
import type { Access } from '../../sql/accessConfig.ts'

/** Times are milliseconds since 1970. Rights are not kept: they follow from the groups and the configuration in force. */
export const session = z.object({
  id: z.string(),
  provider: z.string(),
  subject: z.string(),
  name: z.string(),
  groups: z.array(z.string()),
  /** What the provider calls its own session. */
  provider_session: z.string().optional(),
  refresh_token: z.string().optional(),
  begun: z.number(),
  /** When it was last used, to the minute. */
  seen: z.number(),
  /** When the groups were last asked for. */
  checked: z.number(),
})
export type Session = z.output<typeof session>

/** A person as the provider tells of them. */
export type Person = Pick<
  Session,
  'provider' | 'subject' | 'name' | 'groups' | 'provider_session' | 'refresh_token'
>

/** Stays the same over time and is never given to somebody else. */
export const idOf = ({ provider, subject }: Pick<Person, 'provider' | 'subject'>): string =>
  `${provider}:${subject}`

/** Whether a session has reached one of its limits. */
export const isOver = (
  { begun, seen }: Session,
  { idle_minutes, hours }: Access['session'],
  now: number,
): boolean => now - seen >= idle_minutes * 60_000 || now - begun >= hours * 3_600_000
