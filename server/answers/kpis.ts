import { z } from '@hono/zod-openapi'
import { dimensions, grains } from '../../sql/filters.ts'
import { kpiIds } from '../../sql/kpis.ts'
import { units } from '../../sql/stat.ts'
import { figure, head, named, orNull } from './shared.ts'

/** Answers about key figures: what there is to ask, the figures, over time and by a dimension, and what they mean. */

export const kpiDefinition = z
  .object({
    id: z.enum(kpiIds),
    label: z.string(),
    unit: z.enum(units),
    better: z.enum(['lower', 'higher', 'neither']),
    means: z.string(),
    formula: z.string(),
    caveats: z.array(z.string()),
    version: z.number(),
    stream: z.string(),
    view: z.enum(['cohort', 'flow', 'stock']),
  })
  .openapi('KpiDefinition')

export const standard = z.object({
  subtype: z.string(),
  valid_from: z.string(),
  valid_until: z.string(),
  value: z.number(),
  unit: z.enum(['working_days', 'days', 'hours', 'minutes']),
  target: z.number(),
  basis: z.string(),
})

export const meta = z
  .object({
    jurisdiction: z.object({
      name: z.string(),
      time_zone: z.string(),
      sample: z.boolean(),
      reopen_days: z.number(),
    }),
    services: z.array(
      named.extend({
        department: z.string(),
        means: z.string(),
        /** Which input streams hold rows of this service. */
        streams: z.array(z.enum(['case_events', 'wait_times', 'outcomes'])),
        standards: z.array(standard),
      }),
    ),
    departments: z.array(named),
    districts: z.array(named),
    channels: z.array(named.extend({ digital: z.boolean() })),
    teams: z.array(named),
    /** First day held, first day no longer held, and the last full month: what pages show unless told otherwise. Null without data. */
    held: z
      .object({ from: z.string(), until: z.string(), default_from: z.string(), default_until: z.string() })
      .nullable(),
    freshness: z.array(
      z.object({
        source: z.string(),
        stream: z.string(),
        last_time: z.string().nullable(),
        loaded_at: z.string(),
        rows: z.number(),
      }),
    ),
    data_version: z.string(),
    as_of: z.string().nullable(),
    kpis: z.array(kpiDefinition),
  })
  .openapi('Meta')

export const change = z
  .object({
    absolute: z.number().nullable(),
    /** Share of the earlier value: 0.1 is ten per cent more. */
    relative: z.number().nullable(),
    /** `better` and `worse` only when the change is larger than chance explains (95 %). */
    verdict: z.enum(['better', 'worse', 'changed', 'no_clear_change', 'no_comparable_data']),
  })
  .openapi('Change')

export const kpisAnswer = z
  .object({
    ...head,
    kpis: z.array(
      z.object({
        id: z.enum(kpiIds),
        stat: figure,
        compare: orNull(figure),
        change,
        /** The target of the service standard, where one service is chosen and has one. In the unit of the KPI. */
        target: z.number().nullable(),
        status: z.enum(['on', 'near', 'off', 'none']),
      }),
    ),
  })
  .openapi('Kpis')

export const cityAnswer = z
  .object({
    data_version: z.string(),
    kpis: z.array(z.object({ id: z.enum(kpiIds), stat: figure })),
  })
  .openapi('CityKpis')

export const seriesAnswer = z
  .object({
    ...head,
    id: z.enum(kpiIds),
    grain: z.enum(grains),
    unit: z.enum(units),
    /** `from` is the first day of the bucket; a bucket the data does not cover whole has stat.complete below 1. */
    points: z.array(z.object({ from: z.string(), until: z.string(), stat: figure })),
    /** XmR limits over complete points; `trial` below 12 points. */
    limits: z
      .object({ mean: z.number(), lower: z.number(), upper: z.number(), trial: z.boolean() })
      .nullable(),
    variation: z.enum(['improving', 'concerning', 'changed', 'no_clear_change', 'too_few_points']),
    assurance: z.enum(['will_meet', 'may_meet', 'will_not_meet', 'no_target', 'too_few_points']),
    signals: z.array(
      z.object({ from: z.string(), rule: z.enum(['outside_limits', 'shift', 'trend', 'two_of_three']) }),
    ),
    target: z.number().nullable(),
  })
  .openapi('Series')

export const byAnswer = z
  .object({
    ...head,
    id: z.enum(kpiIds),
    dimension: z.enum(dimensions),
    rows: z.array(
      z.object({ value: z.string(), label: z.string(), stat: figure, compare: orNull(figure), change }),
    ),
    total: figure,
  })
  .openapi('By')

export const glossaryAnswer = z
  .object({
    words: z.array(z.object({ word: z.string(), meaning: z.string(), elsewhere: z.string() })),
    kpis: z.array(kpiDefinition),
  })
  .openapi('Glossary')
