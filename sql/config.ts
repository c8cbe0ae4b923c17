import { z } from 'zod'
import { access, faultsOfAccess } from './accessConfig.ts'
import { annotationInput } from './annotations.ts'
import { publication } from './publication.ts'
import { schedule } from './reportSchedules.ts'
import { faultsOf } from './scheduleRules.ts'
import { expectation, sourceConfig, sourceName } from './sourceConfig.ts'
import { isTimeZone } from './timeZone.ts'

const weekdays = z.array(z.int().min(1).max(7)).min(1)
const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day like 09:30')

/** Hours in which people work, in local time, on working days from `valid_from` to `valid_until` (exclusive). */
const officeHours = z
  .strictObject({
    weekdays: weekdays.default([1, 2, 3, 4, 5, 6, 7]),
    opens: timeOfDay,
    closes: timeOfDay,
    valid_from: z.iso.date().default('0001-01-01'),
    valid_until: z.iso.date().default('9999-12-31'),
  })
  .refine(({ opens, closes }) => opens < closes, { path: ['closes'], error: 'must be later than opens' })

/** A calendar: which days are working days, and the hours on them. Weekdays are ISO numbers, 1 is Monday. */
const calendar = z.strictObject({
  id: z.string().min(1),
  working_weekdays: weekdays.default([1, 2, 3, 4, 5]),
  /** None: the whole of every working day. Times that overlap count once. */
  hours: z.array(officeHours).default([]),
  holidays: z.array(z.strictObject({ day: z.iso.date(), name: z.string() })).default([]),
  /** First and last day the calendar is made for, both inclusive. */
  from: z.iso.date(),
  until: z.iso.date(),
})

/** What was promised, and from when to when (until is exclusive). */
const standard = z.strictObject({
  subtype: z.string().default(''),
  valid_from: z.iso.date(),
  valid_until: z.iso.date().default('2299-12-31'),
  value: z.number().positive(),
  unit: z.enum(['working_days', 'days', 'hours', 'minutes']),
  /** Share of cases that shall keep the promise, 0 to 1. */
  target: z.number().min(0).max(1),
  basis: z.string().default(''),
})

const service = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'lower-case letters, digits, - and _ only'),
  name: z.string().min(1),
  department: z.string().default(''),
  calendar: z.string().default(''),
  /** `stop`: a case closes when its clock stops. `last_event`: the last event of a case closes it. */
  closes: z.enum(['stop', 'last_event']).default('stop'),
  /** One sentence for people who do not know the service. */
  means: z.string().default(''),
  standards: z.array(standard).default([]),
})

/** Whom a case waits for while its clock is paused, told by the reason of the pause; the reasons are compared without regard to case. */
const pauses = z.strictObject({
  applicant: z.array(z.string().min(1)).default([]),
  third_party: z.array(z.string().min(1)).default([]),
  us: z.array(z.string().min(1)).default([]),
})

/**
 * What an outcome code means for the resident. `intended`: they got what the service is for. `resolved`: the matter was settled otherwise.
 * `not_eligible`: they were rightly told that they are not, which is a proper answer and counts as intended. A duplicate is not resolved.
 */
export const outcomeClasses = [
  'intended',
  'resolved',
  'not_eligible',
  'refused',
  'withdrawn',
  'duplicate',
] as const

/** Outcome codes of a service, or of all services that say nothing of the code; compared without regard to case. */
const outcomesOf = z.strictObject({
  service: z.string().default(''),
  codes: z.record(z.string().min(1), z.enum(outcomeClasses)),
})

/**
 * Which events are contacts, named by activity or by reason, without regard to case. A contact is no stage of the work: it has no
 * part in process map, waits and findings. An event that starts, pauses, resumes or stops the clock is a step of the case all the same.
 */
const contacts = z.strictObject({
  /** They ask where their case stands. */
  chasing: z.array(z.string().min(1)).default([]),
  /** They do not accept a decision. */
  challenging: z.array(z.string().min(1)).default([]),
  other: z.array(z.string().min(1)).default([]),
})

/** All that a service cost from a day (inclusive) until a day (exclusive). */
const cost = z
  .strictObject({
    service: z.string().min(1),
    from: z.iso.date(),
    until: z.iso.date(),
    amount: z.number().nonnegative(),
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code of three letters like EUR'),
  })
  .refine(({ from, until }) => from < until, {
    path: ['until'],
    error: 'must be later than from: until is the first day that no longer counts',
  })

const origin = z.url({ protocol: /^https?$/ }).refine((given) => new URL(given).origin === given, {
  error: 'must be the origin of a web site like https://www.city.example, without a path',
})

/** The feedback form: the address people reach this server at, and the sites that may show the form in a frame. */
const feedback = z.strictObject({ address: origin.optional(), embed: z.array(origin).default([]) })

/** How scheduled reports are tried again, and how long they are kept. */
const reporting = z.strictObject({
  /** Minutes after which what did not work is tried again: doubled with every try, to an hour at most. */
  retry_minutes: z.number().positive().max(60).default(1),
  /** Days for which every report stays in the archive as it was sent, since it was last sent. */
  keep_days: z.int().min(1).max(36_500).default(400),
})

const named = z.strictObject({ id: z.string().min(1), name: z.string().min(1) })

/** Outline for the map on public pages: rings of [x, y], y upwards, in any scale that all districts share. */
const shape = z.array(z.array(z.tuple([z.number(), z.number()])).min(4)).min(1)

/** `clearway.config.json`: everything that belongs under version control. */
export const configSchema = z
  .strictObject({
    jurisdiction: z.strictObject({
      name: z.string().min(1),
      time_zone: z
        .string()
        .refine(isTimeZone, { error: 'is not a known time zone; write it like Europe/London' }),
      /** A case opened again within so many days after it was closed counts as reopened. */
      reopen_days: z.int().min(1).max(365).default(30),
      /** Somebody who gets in touch within so many days after the case was closed counts as a repeat contact. */
      repeat_days: z.int().min(1).max(365).default(14),
      sample: z.boolean().default(false),
    }),
    departments: z.array(named).default([]),
    districts: z.array(named.extend({ shape: shape.optional() })).default([]),
    channels: z.array(named.extend({ digital: z.boolean().default(false) })).default([]),
    calendars: z.array(calendar).default([]),
    services: z.array(service).default([]),
    pauses: pauses.prefault({}),
    outcomes: z.array(outcomesOf).default([]),
    contacts: contacts.prefault({}),
    costs: z.array(cost).default([]),
    feedback: feedback.prefault({}),
    sources: z.array(sourceConfig).default([]),
    expected: z.array(expectation).default([]),
    /** What was done and when, shown on the charts of a service. */
    annotations: z.array(annotationInput).default([]),
    publication: publication.prefault({}),
    /** Reports that go out by themselves. */
    schedules: z.array(schedule).default([]),
    reports: reporting.prefault({}),
    /** Who may sign in, and as what. */
    access: access.prefault({}),
  })
  .superRefine((config, context) => {
    const { calendars, services, sources, annotations, outcomes, contacts, costs, publication } = config
    const wrong = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const declared = (id: string) => services.some((service) => service.id === id)
    for (const service of Object.keys(publication.profiles))
      if (!declared(service))
        wrong(['publication', 'profiles', service], `"${service}" is not declared under services`)
    for (const [index, { service }] of publication.comments.entries())
      if (!declared(service))
        wrong(['publication', 'comments', index, 'service'], `"${service}" is not declared under services`)
    for (const [index, one] of config.schedules.entries()) {
      if (config.schedules.findIndex(({ id }) => id === one.id) !== index)
        wrong(['schedules', index, 'id'], `two schedules are called "${one.id}": give one of them another id`)
      for (const { path, message } of faultsOf(one, config)) wrong(['schedules', index, ...path], message)
    }
    for (const { path, message } of faultsOfAccess(config.access, config)) wrong(['access', ...path], message)
    const names = [publication.profile, ...Object.values(publication.profiles)]
    if (names.includes('custom') && publication.custom === undefined)
      wrong(['publication', 'custom'], 'the profile "custom" is chosen: say its numbers here')
    for (const [index, { service, codes }] of outcomes.entries()) {
      if (service !== '' && !declared(service))
        wrong(['outcomes', index, 'service'], `"${service}" is not declared under services`)
      if (outcomes.findIndex((each) => each.service === service) !== index)
        wrong(
          ['outcomes', index, 'service'],
          `the outcomes of ${service || 'all services'} stand twice: put their codes together`,
        )
      for (const code of twice(Object.keys(codes)))
        wrong(
          ['outcomes', index, 'codes', code],
          `"${code}" stands twice: codes are compared without regard to case`,
        )
    }
    for (const name of twice(Object.values(contacts).flat()))
      wrong(['contacts'], `"${name}" stands twice: a contact is chasing, challenging or other`)
    for (const [index, { service, from, until }] of costs.entries()) {
      if (!declared(service))
        wrong(['costs', index, 'service'], `"${service}" is not declared under services`)
      if (
        costs.some(
          (one, place) => place < index && one.service === service && one.from < until && from < one.until,
        )
      )
        wrong(['costs', index, 'from'], `some days of ${service} have a cost already: they would count twice`)
    }
    for (const [index, { service }] of annotations.entries())
      if (service !== '' && !services.some(({ id }) => id === service))
        context.addIssue({
          code: 'custom',
          path: ['annotations', index, 'service'],
          message: `"${service}" is not declared under services`,
        })
    for (const [index, source] of sources.entries()) {
      const name = sourceName(source)
      if (name !== 'push' && sources.findIndex((each) => sourceName(each) === name) === index) continue
      const message = `two sources are called "${name}": give one of them another name`
      context.addIssue({ code: 'custom', path: ['sources', index, 'name'], message })
    }
    for (const [index, { id, calendar: chosen, standards }] of services.entries()) {
      const promisesDays = standards.some(({ unit }) => unit === 'working_days')
      if ((chosen !== '' || promisesDays) && !calendars.some((known) => known.id === chosen))
        context.addIssue({
          code: 'custom',
          path: ['services', index, 'calendar'],
          message:
            chosen === ''
              ? `${id} promises working days: name the calendar that says which days these are`
              : `${id} names the calendar "${chosen}", which is not declared under calendars`,
        })
    }
  })

export type Config = z.output<typeof configSchema>
export type ConfigInput = z.input<typeof configSchema>

/** What stands more than once in a list, without regard to case. */
const twice = (list: readonly string[]): string[] => {
  const lower = list.map((each) => each.toLowerCase())
  return list.filter((_, index) => lower.indexOf(lower[index] ?? '') !== index)
}
