import { z } from '@hono/zod-openapi'
import { groupings } from '../../sql/fairness.ts'
import { fairnessKpis, references } from '../../sql/fairnessChoices.ts'
import { figure, head, interval } from './shared.ts'

/** Who is served otherwise. */

const gap = z.object({
  /** Group less reference, in the unit of the KPI. */
  absolute: z.number(),
  interval,
  own: z.number(),
  reference: z.number(),
  /** Group by reference. */
  ratio: z.number().nullable(),
  ratio_interval: interval.nullable(),
  /** The gap in standard errors: what the rows are sorted by. */
  errors: z.number(),
})

export const fairnessAnswer = z
  .object({
    ...head,
    kpi: z.enum(fairnessKpis),
    against: z.enum(references),
    /** What the adjusted gaps hold equal: the mix of services, or of the kinds of cases of one service. */
    mix: z.enum(['service', 'subtype']),
    /** Groups with fewer cases have no figure. */
    fewest: z.number(),
    /** How many gaps were looked at: among them at most one in twenty of the clear ones is chance (Benjamini and Hochberg). */
    compared: z.number(),
    groupings: z.array(
      z.object({
        dimension: z.enum(groupings),
        rows: z.array(
          z.object({
            value: z.string(),
            label: z.string(),
            /** Of channels: whether it is a digital one. */
            digital: z.boolean().nullable(),
            stat: figure,
            /** The best group, or null for all others. */
            reference: z.string().nullable(),
            reference_stat: figure,
            raw: gap.nullable(),
            /** At the mix of all; null where nothing can be compared. */
            adjusted: gap.nullable(),
            /** Share of the group's cases that are of a kind that can be compared, 0 to 1. */
            compared: z.number(),
            /** How often chance alone makes such an adjusted gap. */
            chance: z.number().nullable(),
            clear: z.boolean(),
            verdict: z.enum(['better', 'worse', 'no_clear_gap', 'not_compared']),
            /** Where the gap of the mean hours to an outcome arises (figures of cases only): mix and stages add up to gap_hours. */
            arises: z
              .object({
                own_hours: z.number(),
                reference_hours: z.number(),
                gap_hours: z.number(),
                mix_hours: z.number(),
                /** An empty stage is time that no stage tells. */
                stages: z.array(z.object({ service: z.string(), stage: z.string(), hours: z.number() })),
              })
              .nullable(),
          }),
        ),
      }),
    ),
  })
  .openapi('Fairness')
