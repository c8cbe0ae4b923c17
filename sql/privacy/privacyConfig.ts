import { z } from 'zod'

const days = z.int().min(1).max(36_500)

/** For how many days what is personal is kept; null: as long as nobody erases it. Figures are kept: they tell of nobody. */
export const retention = z.strictObject({
  /** Rows that did not fit, as they were sent. */
  rejected_rows: days.default(30),
  /** What people wrote, counted from the day they wrote it. */
  comments: days.nullable().default(null),
  /** Who read comments, when and what for. */
  readings: days.nullable().default(3_650),
  /** Who did what, and from which part of the network. */
  audit: days.nullable().default(3_650),
  /** Files that did not load, with the reason. */
  failed_files: days.default(30),
  /** Files of watched folders that were loaded. */
  loaded_files: days.nullable().default(null),
})
export type Retention = z.output<typeof retention>

/** What the configuration says about people's data. How long reports are kept stands under `reports`. */
export const privacy = z.strictObject({
  retention: retention.prefault({}),
  /** Of which sources ids of cases are stored as keyed hashes: true for all of them. Cases that are known by their id keep it. */
  pseudonyms: z.union([z.boolean(), z.array(z.string().min(1))]).default(false),
  /** What somebody may open single cases for. */
  purposes: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'small letters, digits and _ only, like data_quality'))
    .min(1)
    .default(['complaint', 'review', 'data_quality', 'research']),
  /** Who has to say what for: signed-in persons unless this is false, keys only where it is true. */
  ask_purpose: z.boolean().optional(),
  /** Counts below this of other departments are not shown to those who see only their own. */
  inside_threshold: z.int().min(2).max(100).default(5),
})
export type Privacy = z.output<typeof privacy>
