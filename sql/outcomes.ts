import { z } from 'zod'
import { flow } from './comparing.ts'
import { costsOf } from './costs.ts'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { figuresOf } from './kpiFigures.ts'
import { outcomeEnds } from './kpiStats.ts'
import { type KpiId, kpis } from './kpis.ts'
import contactKindsSql from './queries/contact_kinds.sql?raw'
import outcomeCodesSql from './queries/outcome_codes.sql?raw'
import { defineQuery } from './query.ts'
import { answering } from './reader.ts'
import type { Stat } from './stat.ts'

const outcomeCodes = defineQuery(
  'outcome_codes',
  outcomeCodesSql,
  z.object(flow),
  z.object({ class: z.enum(outcomeEnds), service: z.string(), code: z.string(), ended: z.number() }),
)
export const contactKinds = ['chasing', 'challenging', 'other'] as const
const contactsByKind = defineQuery(
  'contact_kinds',
  contactKindsSql,
  z.object(flow).omit({ zone: true }),
  z.object({ contact_kind: z.enum(contactKinds), contacts: z.number() }),
)

const ids = [
  ...outcomeEnds.map((end) => `${end}_share` as const),
  'intended_outcome_rate',
  'reopened_rate',
  'repeat_contact_rate',
  'failure_demand_share',
  'failure_demand_rate',
  'cost_per_transaction',
] as const satisfies KpiId[]

/**
 * How it ended: closed cases by the class of their outcome, with the codes behind each and those that nothing is known of; what came
 * after the close, what people had to ask meanwhile, and what a completed case cost.
 */
export const outcomes = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { period, jurisdiction } = reading
    const asked = { ...segmentParams(filters), ...period }
    const [{ now, before }, codes, contacts] = await Promise.all([
      figuresOf(db, reading, ids),
      outcomeCodes(db, { ...asked, zone: jurisdiction.time_zone }),
      contactsByKind(db, asked),
    ])
    const sum = (rows: readonly { ended: number }[]) => rows.reduce((total, { ended }) => total + ended, 0)
    const classes = outcomeEnds.map((end) => {
      const own = codes.filter((row) => row.class === end)
      const { label, means } = kpis[`${end}_share`]
      return {
        class: end,
        label,
        means,
        cases: sum(own),
        stat: now(`${end}_share`),
        compare: before(`${end}_share`),
        codes: own.map(({ service, code, ended }) => ({ service, code, cases: ended })),
      }
    })
    const unmapped = classes.find((one) => one.class === 'unmapped')?.cases ?? 0
    const [declared] = costsOf(reading, '', [period])
    const cost = now('cost_per_transaction')
    return {
      ...reading.head,
      closed: sum(codes),
      classes,
      intended: now('intended_outcome_rate'),
      reopened: { days: jurisdiction.reopen_days, stat: now('reopened_rate') },
      repeat_contact: { days: jurisdiction.repeat_days, stat: now('repeat_contact_rate') },
      failure_demand: {
        contacts: contactKinds.map((kind) => ({
          kind,
          count: contacts.find((row) => row.contact_kind === kind)?.contacts ?? 0,
        })),
        share: now('failure_demand_share'),
        per_100_open: now('failure_demand_rate'),
      },
      cost: {
        stat: cost,
        currency: declared && 'currency' in declared ? declared.currency : null,
        reason: declared && 'missing' in declared ? declared.missing : whyNoCost(cost, unmapped, sum(codes)),
      },
    }
  })

/** Why a declared cost is not divided; null where it is. */
function whyNoCost({ status, complete }: Stat, unmapped: number, closed: number): string | null {
  if (status === 'ok') return null
  if (unmapped > 0)
    return `${unmapped} of ${closed} closed cases ended with codes that are not mapped: how many were completed is not known.`
  if (status === 'not_collected')
    return `Only ${Math.floor(complete * 1000) / 10} % of the cases of the period are known.`
  return 'No case was completed in the period.'
}
