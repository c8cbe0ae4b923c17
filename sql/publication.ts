import { z } from 'zod'

/** How strictly small numbers are kept back. `custom` takes its own numbers. */
export const profileNames = ['low', 'standard', 'health', 'education', 'custom'] as const
export type ProfileName = (typeof profileNames)[number]

/** The numbers of a profile of one's own: counts from 1 to `k` - 1 are hidden, all others rounded to `base` (1: not rounded). */
const ownProfile = z.strictObject({
  k: z.int().min(3).max(100),
  base: z.union([z.literal(1), z.literal(3), z.literal(5), z.literal(10)]).default(5),
  /** Zero and full cells tell something of everybody in a group: they are hidden too. */
  zeros_tell: z.boolean().default(false),
})

const folderAddress = z
  .url({ protocol: /^https?$/ })
  .refine((given) => given.endsWith('/') && !/[?#]/.test(given), {
    error:
      'must be the address of a folder and end with a slash, like https://data.city.example/performance/',
  })

const localTime = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d$/,
    'must be a day and a time of the jurisdiction like 2026-08-14T09:30',
  )

/** What the public sees, and who answers for it. */
export const publication = z.strictObject({
  /** Where people reach the public folder. */
  address: folderAddress.default('http://localhost:8080/public/'),
  publisher: z
    .strictObject({
      name: z.string().min(1).optional(),
      /** Whom to ask about the figures. */
      contact: z.string().min(1).optional(),
      email: z.email().optional(),
      url: z.url({ protocol: /^https?$/ }).optional(),
    })
    .prefault({}),
  licence: z
    .strictObject({ id: z.string(), title: z.string(), url: z.url({ protocol: /^https?$/ }) })
    .default({
      id: 'CC-BY-4.0',
      title: 'Creative Commons Attribution 4.0 International',
      url: 'https://creativecommons.org/licenses/by/4.0/',
    }),
  profile: z.enum(profileNames).default('standard'),
  custom: ownProfile.optional(),
  /** A profile of its own for a service, by its id. */
  profiles: z.record(z.string(), z.enum(profileNames)).default({}),
  /** The release calendar: which month is published when. */
  calendar: z
    .array(
      z.strictObject({
        month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month like 2026-07'),
        at: localTime,
        /** Why the time was changed or the release taken off the calendar. */
        reason: z.string().default(''),
        cancelled: z.boolean().default(false),
      }),
    )
    .default([]),
  /** What is being done about a service, in the words of who answers for it. */
  comments: z
    .array(
      z.strictObject({
        service: z.string().min(1),
        day: z.iso.date(),
        /** The office that speaks, not a person. */
        by: z.string().min(1),
        text: z.string().min(1).max(600),
      }),
    )
    .default([]),
  /** Measures that are not published. Those that must be published cannot stand here. */
  leave_out: z.array(z.string()).default([]),
})
export type Publication = z.output<typeof publication>
