import { z } from 'zod'

const list = z
  .union([z.string().max(200), z.array(z.string().max(200)).max(100)])
  .optional()
  .transform((given) => (given === undefined ? [] : Array.isArray(given) ? given : [given]))

/** The days the engine knows. */
const day = z.iso
  .date({ error: 'must be a day written like 2026-03-31' })
  .refine((given) => given >= '1900-01-01' && given <= '2299-12-31', {
    error: 'must be a day from 1900-01-01 to 2299-12-31',
  })

/** What a reader can choose. `from` is inclusive, `until` exclusive; both are days of the jurisdiction's time zone. */
export const filters = z
  .object({
    service: list,
    department: list,
    district: list,
    channel: list,
    team: list,
    from: day.optional(),
    until: day.optional(),
    compare: z.enum(['previous', 'year', 'none']).default('previous'),
  })
  .refine((f) => !f.from || !f.until || f.from < f.until, {
    path: ['until'],
    error: 'must be later than from: until is the first day that no longer counts',
  })
export type Filters = z.output<typeof filters>

export const dimensions = [
  'service',
  'department',
  'district',
  'channel',
  'team',
  'subtype',
  'outcome',
  'claimed',
] as const
export type Dimension = (typeof dimensions)[number]
export const grains = ['day', 'week', 'month'] as const
export type Grain = (typeof grains)[number]

/** Days of the jurisdiction, `from` inclusive and `until` exclusive. */
export type Period = { from: string; until: string }

/** The dimensions as SQL parameters: an empty list means everything. */
export const segmentParams = (f: Filters) => ({
  service: f.service,
  department: f.department,
  district: f.district,
  channel: f.channel,
  team: f.team,
})
