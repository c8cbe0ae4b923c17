import { z } from '@hono/zod-openapi'
import { annotation as annotationShape } from '../sql/annotations.ts'
import { caseRow as caseRowShape } from '../sql/cases.ts'
import { pieceKinds } from '../sql/caseTime.ts'
import { causeIds } from '../sql/causeNames.ts'
import { commentRow as commentShape } from '../sql/comments.ts'
import { fairnessKpis, groupings, references } from '../sql/fairness.ts'
import { dimensions, grains } from '../sql/filters.ts'
import { findingKinds } from '../sql/findings/sign.ts'
import { themeIds } from '../sql/freeText/languages.ts'
import { outcomeEnds } from '../sql/kpiStats.ts'
import { kpiIds } from '../sql/kpis.ts'
import { loadRow, loadsTotal, rejectedRow, rejectedRule } from '../sql/loads.ts'
import { contactKinds } from '../sql/outcomes.ts'
import { driverIds } from '../sql/satisfaction.ts'
import { stat, units } from '../sql/stat.ts'

/** What the API answers, one schema an answer: it checks what handlers return and describes it in OpenAPI. */

// shapes of sql/ are built anew here: only schemas made after the extension can be named in the description
const figure = z.object(stat.shape).openapi('Stat')
const period = z.object({ from: z.string(), until: z.string() }).openapi('Period')
const named = z.object({ id: z.string(), name: z.string() })

/** Stands at the head of every answer with figures. */
const head = {
  period,
  compare_period: period.nullable(),
  /** Moves on with every load: part of the ETag. */
  data_version: z.string(),
  as_of: z.string().nullable(),
  /** Sources of which less than 95 % of the period is known, the least complete first: figures they are part of are provisional. */
  missing: z.array(
    z.object({
      source: z.string(),
      stream: z.enum(['case_events', 'wait_times', 'outcomes']),
      services: z.array(z.string()),
      /** Share of the period that is known, 0 to 1. */
      complete: z.number(),
    }),
  ),
}

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
        compare: figure.nullable(),
        change,
        /** The target of the service standard, where one service is chosen and has one. In the unit of the KPI. */
        target: z.number().nullable(),
        status: z.enum(['on', 'near', 'off', 'none']),
      }),
    ),
  })
  .openapi('Kpis')

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
      z.object({ value: z.string(), label: z.string(), stat: figure, compare: figure.nullable(), change }),
    ),
    total: figure,
  })
  .openapi('By')

const seconds = {
  n: z.number(),
  mean_s: z.number().nullable(),
  median_s: z.number().nullable(),
  p90_s: z.number().nullable(),
  min_s: z.number().nullable(),
  max_s: z.number().nullable(),
  sum_s: z.number(),
}

export const processMapAnswer = z
  .object({
    ...head,
    cases: z.number(),
    events: z.number(),
    nodes: z.array(
      z.object({
        activity: z.string(),
        cases: z.number(),
        events: z.number(),
        start_of_case: z.number(),
        end_of_case: z.number(),
        rework_cases: z.number(),
        rework_events: z.number(),
        /** Seconds since the event before it in the same case. */
        wait_before: z.object(seconds),
      }),
    ),
    edges: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        frequency: z.number(),
        cases: z.number(),
        mean_s: z.number(),
        median_s: z.number(),
        p90_s: z.number(),
        min_s: z.number(),
        max_s: z.number(),
        sum_s: z.number(),
      }),
    ),
  })
  .openapi('ProcessMap')

const variant = z.object({
  /** The activities, one after another. */
  path: z.array(z.string()),
  steps: z.number(),
  cases: z.number(),
  /** Of these, the cases that are not closed: they may go on. */
  open_cases: z.number(),
  share_of_cases: z.number(),
  /** Share of the time of all cases, from the first to the last event of each. */
  share_of_hours: z.number(),
  mean_s: z.number(),
  median_s: z.number(),
  p90_s: z.number(),
  min_s: z.number(),
  max_s: z.number(),
  sum_s: z.number(),
})

export const variantsAnswer = z
  .object({
    ...head,
    /** Cases whose last event lies in the period; each is told from its first event on. */
    cases: z.number(),
    open_cases: z.number(),
    /** How many different ways there are; `variants` holds the most frequent ones. */
    total: z.number(),
    /** From the first to the last event of a case; null without cases. */
    case_duration: z
      .object({
        n: z.number(),
        mean_s: z.number(),
        median_s: z.number(),
        p90_s: z.number(),
        p95_s: z.number(),
        min_s: z.number(),
        max_s: z.number(),
        sum_s: z.number(),
      })
      .nullable(),
    /** The most frequent way of closed cases; of all cases where none is closed. */
    happy_path: variant.nullable(),
    variants: z.array(variant),
  })
  .openapi('Variants')

const again = {
  cases: z.number(),
  /** Of all cases with an event in the period. */
  share_of_cases: z.number(),
  extra_s: z.number(),
  extra_days: z.number(),
}

export const reworkAnswer = z
  .object({
    ...head,
    cases: z.number(),
    events: z.number(),
    /** Cases with a second visit to an activity in the period. */
    rework_cases: z.number(),
    share_of_cases: z.number(),
    extra_visits: z.number(),
    /** Calendar time of the second and later visits, each from the event before it. */
    extra_s: z.number(),
    extra_days: z.number(),
    loops: z.array(
      z.object({
        activity: z.string(),
        ...again,
        extra_visits: z.number(),
        /** Extra visits that follow straight upon a visit to the same activity. */
        self_loops: z.number(),
        median_s: z.number(),
        p90_s: z.number(),
      }),
    ),
    /** Cases that came back to a team straight from another one, and the time they took there again. */
    ping_pong: z.object({
      ...again,
      times: z.number(),
      pairs: z.array(z.object({ team: z.string(), via: z.string(), ...again, times: z.number() })),
    }),
  })
  .openapi('Rework')

export const stageRow = z.object({
  service: z.string(),
  stage: z.string(),
  n: z.number(),
  /** Person-hours waited in the period. */
  wait_hours: z.number(),
  mean_hours: z.number(),
  median_hours: z.number(),
  p90_hours: z.number(),
  before_n: z.number(),
  before_mean_hours: z.number().nullable(),
  /** Person-hours above the earlier level; negative when it got faster. Null without an earlier level. */
  extra_hours: z.number().nullable(),
  real: z.boolean(),
})

export const bottlenecksAnswer = z
  .object({
    ...head,
    findings: z.array(
      z.object({
        rank: z.number(),
        kind: z.enum(findingKinds),
        service: z.string(),
        stage: z.string().nullable(),
        from_stage: z.string().nullable(),
        segment: z.object({ dimension: z.string(), value: z.string() }).nullable(),
        /** First day of the week in which it began, and the first and last day on which it may have begun (about 95 %). */
        since: z.string(),
        since_between: z.tuple([z.string(), z.string()]),
        extra_hours: z.number(),
        extra_hours_per_case: z.number(),
        cases: z.number(),
        before_mean_hours: z.number(),
        mean_hours: z.number(),
        /** By how many cases those who wait grow in a week of the period. */
        growth_per_week: z.number(),
        /** What changed and its level before and after: time worked and stays as a factor of the earlier level, people at work, cases a week, a share. */
        measure: z.enum(['work', 'stay', 'people', 'cases', 'share']),
        before: z.number(),
        after: z.number(),
        /** How many standard errors the change measures. */
        certainty: z.number(),
        /** The finding in plain words. */
        sentence: z.string(),
      }),
    ),
    stages: z.array(stageRow),
  })
  .openapi('Bottlenecks')

export const stageAnswer = z
  .object({
    ...head,
    service: z.string(),
    stage: z.string(),
    median: figure,
    p90: figure,
    /** Months up to the end of the period. */
    series: z.array(
      z.object({
        from: z.string(),
        until: z.string(),
        n: z.number(),
        median_hours: z.number().nullable(),
        p90_hours: z.number().nullable(),
      }),
    ),
    /** Weeks of up to two years, by the visits that ended in them; a week that is not known in full is not `complete`. */
    weeks: z.array(
      z.object({
        from: z.string(),
        until: z.string(),
        complete: z.boolean(),
        n: z.number(),
        /** The whole stay, from entering the stage to leaving it. */
        mean_hours: z.number().nullable(),
        /** The wait before the stage. */
        median_hours: z.number().nullable(),
        p90_hours: z.number().nullable(),
        /** Working hours from start to completion; null where starts are not told. */
        touch_hours: z.number().nullable(),
        /** Shares of the visits: second or later ones, and those whose clock was stopped. */
        again_share: z.number().nullable(),
        paused_share: z.number().nullable(),
        /** Of all pairs of visits of the week, those that ended on the same day. */
        same_day_share: z.number().nullable(),
      }),
    ),
    /** When cases came to the stage and left it in the period; weekday 1 is Monday. Hours in which nothing happened are left out. */
    hours: z.array(z.object({ weekday: z.number(), hour: z.number(), came: z.number(), went: z.number() })),
    by: z.array(
      z.object({
        dimension: z.enum(['district', 'channel', 'team', 'subtype']),
        rows: z.array(
          z.object({
            value: z.string(),
            label: z.string(),
            stat: figure,
            /** Mean of the whole stay, from entering the stage to leaving it. */
            stay_hours: z.number(),
            extra_hours: z.number().nullable(),
          }),
        ),
      }),
    ),
    came_from: z.array(
      z.object({
        from_stage: z.string(),
        n: z.number(),
        mean_hours: z.number(),
        median_hours: z.number(),
        p90_hours: z.number(),
      }),
    ),
  })
  .openapi('Stage')

const flowTotals = {
  /** Open before the first day of the period. */
  backlog_before: z.number(),
  arrivals: z.number(),
  departures: z.number(),
  /** Open at the end of the period: what was before, and what came, less what went. */
  backlog: z.number(),
  /** Weeks it takes to clear at the departures of the period; null when nothing left. */
  weeks_to_clear: z.number().nullable(),
  /** More came than went. */
  growing: z.boolean(),
}
const flowPoint = {
  from: z.string(),
  until: z.string(),
  /** Known share of the whole bucket, 0 to 1: below 1 also where the period cuts it. */
  complete: z.number(),
  arrivals: z.number(),
  departures: z.number(),
  backlog: z.number(),
  cumulative_arrivals: z.number(),
  cumulative_departures: z.number(),
  /** Of the backlog at the end of the bucket, in days. */
  age: z.object({
    median_days: z.number().nullable(),
    p90_days: z.number().nullable(),
    oldest_days: z.number().nullable(),
    /** Less than 7 days, 7 to 30, 30 to 90, 90 or more. */
    by_days: z.array(z.number()).length(4),
  }),
}

export const flowAnswer = z
  .object({
    ...head,
    grain: z.enum(grains),
    cases: z.object({
      ...flowTotals,
      points: z.array(
        z.object({
          ...flowPoint,
          /** Within the standard, up to twice its time, longer, and without a promise. */
          by_standard: z.object({
            within: z.number(),
            over: z.number(),
            twice: z.number(),
            unpromised: z.number(),
          }),
        }),
      ),
    }),
    /** Counts may be fractions: see backlog_expected. */
    stages: z.array(
      z.object({
        service: z.string(),
        /** Null for cases that stand where nothing ever followed, after the activity in `after`. */
        stage: z.string().nullable(),
        after: z.string().nullable(),
        ...flowTotals,
        /** Part of the backlog whose next stage is not known yet: given to stages by the shares that went there. */
        backlog_expected: z.number(),
        /** Little's law: cases present on average, and those expected from arrivals and stay; unstable above a gap of a tenth. */
        little: z.object({
          present: z.number(),
          arrivals_per_day: z.number(),
          stay_days: z.number().nullable(),
          expected: z.number().nullable(),
          gap: z.number().nullable(),
          unstable: z.boolean().nullable(),
        }),
        /** Worked hours of the stage's teams over the hours they were there for; null where starts are not told. */
        utilisation: z
          .object({
            share: z.number(),
            people: z.number(),
            touch_hours: z.number(),
            staffed_hours: z.number(),
            status: z.enum(['ok', 'amber', 'red']),
          })
          .nullable(),
        points: z.array(z.object(flowPoint)),
      }),
    ),
  })
  .openapi('Flow')

export const changeAnswer = z
  .object({
    ...head,
    /** Mean hours from asking to outcome of the cases closed, pauses taken out. */
    mean: figure,
    before: figure.nullable(),
    change,
    dimensions: z.array(
      z.object({
        dimension: z.enum(dimensions),
        /** Hours a case by a change of mix and of pace: together the change. Null without cases in both periods. */
        mix: z.number().nullable(),
        rate: z.number().nullable(),
        /** The fewest values that make four fifths of the change; null when the change may be chance. */
        explained_by: z
          .object({ values: z.array(z.string()), share: z.number(), surprise: z.number() })
          .nullable(),
        rows: z.array(
          z.object({
            value: z.string(),
            label: z.string(),
            n: z.number(),
            before_n: z.number(),
            weight: z.number(),
            weight_before: z.number(),
            mean_hours: z.number().nullable(),
            before_mean_hours: z.number().nullable(),
            /** Hours a case; a change of weight counts at the distance to the mean of both periods. */
            mix: z.number(),
            rate: z.number(),
            effect: z.number(),
            /** Part of the change; they add up to 1. */
            share: z.number().nullable(),
            surprise: z.number(),
          }),
        ),
      }),
    ),
  })
  .openapi('ChangeParts')

const breachesOfServices = z.array(
  z.object({
    service: z.string(),
    /** Closed in the period with a promise, and those of them that were late; open at its end, and overdue. */
    closed_due: z.number(),
    closed_late: z.number(),
    open_due: z.number(),
    open_late: z.number(),
    /** Days over the due time of all that were late. */
    days_over: z.number(),
    stages: z.array(
      z.object({
        /** Null for time that no stage tells of, and for cases that stand after `after`, where nothing ever followed. */
        stage: z.string().nullable(),
        after: z.string().nullable(),
        days_over: z.number(),
        days_over_open: z.number(),
        /** Part of the service's days over; they add up to 1. */
        share: z.number(),
        /** Late cases that took longer here than their budget. */
        cases: z.number(),
        /** Median days here of cases that kept the promise. */
        usual_days: z.number().nullable(),
      }),
    ),
  }),
)

export const breachesAnswer = z
  .object({ ...head, without_extensions: breachesOfServices, with_extensions: breachesOfServices })
  .openapi('Breaches')

export const causesAnswer = z
  .object({
    ...head,
    service: z.string(),
    stages: z.array(
      z.object({
        stage: z.string(),
        /** Visits that ended in the period, and of how many the start of the work is told. */
        n: z.number(),
        starts_told: z.number(),
        /** Person-hours from entering the stage to the start of the work, or where it is not told to its end. */
        wait_hours: z.number(),
        /** The same without the hours in which queue and work are not told apart. */
        wait_hours_at_least: z.number(),
        /** Working hours worked on visits whose start is told, without pauses. Null where none is. */
        touch_hours: z.number().nullable(),
        /** Visits open at the end of the period, and their person-hours of wait up to then. */
        open_n: z.number(),
        open_wait_hours: z.number(),
        /** They add up to the hours of the wait. */
        causes: z.array(
          z.object({
            cause: z.enum(causeIds),
            label: z.string(),
            means: z.string(),
            /** Of the visits that ended: at least so many hours, and with all that is not told apart at most so many. */
            hours: z.number(),
            hours_at_most: z.number(),
            share: figure,
            open_hours: z.number(),
            /** By how much time worked as a share of time worked and waited would rise without the cause, 0 to 1. */
            cte_impact: z.number().nullable(),
          }),
        ),
        sentence: z.string(),
      }),
    ),
  })
  .openapi('Causes')
export const caseRow = z.object(caseRowShape.shape).openapi('Case')

export const casesAnswer = z
  .object({
    ...head,
    total_cases: z.number(),
    /** Visits to the stage that was asked for: a case may come back to it. Null without a stage. */
    total_visits: z.number().nullable(),
    cases: z.array(caseRow),
    /** Goes into `cursor` for the next page; null on the last one. */
    next_cursor: z.string().nullable(),
  })
  .openapi('Cases')

export const caseAnswer = z
  .object({
    ...caseRowShape.omit({ state: true, stage_visits: true, stage_hours: true }).shape,
    data_version: z.string(),
    service_name: z.string(),
    /** The end of the case, or of what is known of it: its time is told from started_at to here. */
    known_until: z.string(),
    /** wait, touch, paused and ended hours add up to `hours`. */
    wait_hours: z.number(),
    /** Null where the source tells only when activities ended: the wait then includes the work. */
    touch_hours: z.number().nullable(),
    /** In which the clock stood still. */
    paused_hours: z.number(),
    /** Between an end and being opened again. */
    ended_hours: z.number(),
    /** Where the time went, in plain words. */
    sentence: z.string(),
    visits: z.array(
      z.object({
        position: z.number(),
        stage: z.string(),
        from_stage: z.string(),
        team: z.string(),
        entered_at: z.string(),
        started_at: z.string().nullable(),
        left_at: z.string(),
        repetition: z.number(),
        wait_hours: z.number(),
        touch_hours: z.number().nullable(),
        paused_hours: z.number(),
      }),
    ),
    /** The same time in order: what was going on from when to when, and for which visit (null: after the last one). */
    pieces: z.array(
      z.object({
        kind: z.enum(pieceKinds),
        position: z.number().nullable(),
        from: z.string(),
        until: z.string(),
        hours: z.number(),
        reason: z.string(),
      }),
    ),
    /** Reasons that fewer than five cases share may be free text and are left out. */
    clock: z.array(
      z.object({
        time: z.string(),
        event: z.enum(['start', 'pause', 'resume', 'stop']),
        stage: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .openapi('CaseInFull')

export const annotation = z.object(annotationShape.shape).openapi('Annotation')

export const annotationsAnswer = z.object({ annotations: z.array(annotation) }).openapi('Annotations')

export const outcomesAnswer = z
  .object({
    ...head,
    /** Cases closed in the period. */
    closed: z.number(),
    /** Closed cases by what their outcome means; unmapped where nothing says so. The shares add up to 1. */
    classes: z.array(
      z.object({
        class: z.enum(outcomeEnds),
        label: z.string(),
        means: z.string(),
        cases: z.number(),
        stat: figure,
        compare: figure.nullable(),
        /** The outcome codes behind it, the most frequent first; an empty code where none was told. */
        codes: z.array(z.object({ service: z.string(), code: z.string(), cases: z.number() })),
      }),
    ),
    intended: figure,
    /** Opened again within so many days after the first close; closes too recent to tell are left out. */
    reopened: z.object({ days: z.number(), stat: figure }),
    /** Somebody got in touch again within so many days after the first close. */
    repeat_contact: z.object({ days: z.number(), stat: figure }),
    /** Contacts that only chase progress or challenge a decision. */
    failure_demand: z.object({
      contacts: z.array(z.object({ kind: z.enum(contactKinds), count: z.number() })),
      /** Of all contacts. */
      share: figure,
      /** For every hundred cases that were open at any time in the period. */
      per_100_open: figure,
    }),
    /** What a completed case cost, in the currency named; or the reason why it is not known. */
    cost: z.object({ stat: figure, currency: z.string().nullable(), reason: z.string().nullable() }),
  })
  .openapi('Outcomes')

const interval = z.tuple([z.number(), z.number()])
const shareOnDay = { share: z.number(), interval }

export const satisfactionAnswer = z
  .object({
    ...head,
    satisfied: figure,
    satisfied_compare: figure.nullable(),
    change,
    /** The share satisfied if every kind of people (service, channel, got what they came for or not) had answered as readily. */
    weighted: z.object({
      stat: figure,
      /** So many equally weighted answers would say as much (Kish). */
      effective: z.number(),
      largest_weight: z.number(),
      /** Groups with fewer than 5 ratings were put together with others. */
      merged: z.number(),
      /** Weights above 4 were cut to 4. */
      trimmed: z.boolean(),
    }),
    /** Whether those who answered differ from all customers so much that the plain share misleads. */
    bias: z.object({
      /** Weighted less plain share, with the interval of the difference. */
      difference: z.number().nullable(),
      difference_interval: interval.nullable(),
      /** The difference is a point or more, and more than chance. */
      shifts: z.boolean(),
      /** Answers by customer, of all. */
      rate: z.number(),
      /** Kinds of people who answer at less than half of that rate. */
      silent: z.array(
        z.object({
          dimension: z.enum(['service', 'channel', 'intended']),
          value: z.string(),
          label: z.string(),
          customers: z.number(),
          answered: z.number(),
          rate: z.number(),
        }),
      ),
      warned: z.boolean(),
    }),
    response: figure,
    /** Answers by customers, asked or not. */
    coverage: figure,
    /** Ratings 1 to 5. */
    counts: z.array(z.number()).length(5),
    customers: z.number(),
    offered: z.number(),
    answered: z.number(),
    /** People behind the answers: who gave several counts once here. */
    respondents: z.number(),
    rated: z.number(),
    /** Answered without an opinion: never part of the share satisfied. */
    no_opinion: z.number(),
    /** Share who would recommend it (9, 10) less share who would not (0 to 6), from -1 to 1: the net promoter score by 100. */
    recommendation: figure,
    thumbs_up: figure,
    /** Share who agree (4 or 5) among those who answered for the driver. */
    drivers: z.array(z.object({ id: z.enum(driverIds), stat: figure })),
    /** Closed cases joined to their rating, by days to the outcome; until_days null is open-ended. */
    by_wait: z.array(z.object({ from_days: z.number(), until_days: z.number().nullable(), stat: figure })),
    /** The share satisfied by exact days of wait; null with fewer than 60 ratings that could be joined. */
    wait_curve: z
      .object({
        shape: z.enum(['break', 'line', 'log', 'flat']),
        /** The last day of the even part, the days it may be (95 %), and the shares on it and on the next. */
        break: z
          .object({ day: z.number(), interval, before: z.object(shareOnDay), after: z.object(shareOnDay) })
          .nullable(),
        points: z.array(z.object({ day: z.number(), answered: z.number(), ...shareOnDay })),
        answered: z.number(),
      })
      .nullable(),
    /** Whose answers the curve is made of: those who got what they came for, where that is told. */
    curve_of: z.enum(['intended', 'all']),
    by_outcome: z.array(z.object({ value: z.string(), label: z.string(), stat: figure })),
    by_channel: z.array(z.object({ value: z.string(), label: z.string(), stat: figure })),
    by_district: z.array(z.object({ value: z.string(), label: z.string(), stat: figure })),
    /** By the stage that took longest beyond its usual time; empty where none did. */
    by_stage: z.array(z.object({ service: z.string(), stage: z.string(), stat: figure })),
    /** Share of the ratings that could be joined to a closed case. */
    joined: figure,
  })
  .openapi('Satisfaction')

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
const themeFigures = {
  /** Null when fewer than `fewest`. */
  comments: z.number().nullable(),
  /** Of all comments. */
  share: figure,
  /** Of those with a rating. */
  satisfied: figure,
}
export const themesAnswer = z
  .object({
    ...head,
    ...themeFigures,
    /** Comments in which no word of any theme stands. */
    without_theme: z.number().nullable(),
    fewest: z.number(),
    themes: z.array(z.object({ theme: z.enum(themeIds), label: z.string(), ...themeFigures })),
  })
  .openapi('Themes')

export const commentsAnswer = z
  .object({
    ...head,
    comments: z.array(z.object(commentShape.shape).openapi('Comment')),
    /** Goes into `cursor` for the next page; null on the last one. */
    next_cursor: z.string().nullable(),
  })
  .openapi('Comments')

export const load = z.object(loadRow.shape).openapi('Load')

export const loadsAnswer = z
  .object({
    loads: z.array(load),
    /** Of the whole ledger, whatever was asked for. */
    totals: z.object(loadsTotal.shape),
    /** Ask with `before` for the loads that follow; null when there are none. */
    next: z.number().nullable(),
  })
  .openapi('Loads')

export const rejectedAnswer = z
  .object({
    load_id: z.string(),
    total: z.number(),
    by_rule: z.array(rejectedRule),
    rows: z.array(rejectedRow),
  })
  .openapi('RejectedRows')

export const glossaryAnswer = z
  .object({
    words: z.array(z.object({ word: z.string(), meaning: z.string(), elsewhere: z.string() })),
    kpis: z.array(kpiDefinition),
  })
  .openapi('Glossary')

/** RFC 9457 problem JSON. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    request_id: z.string(),
  })
  .openapi('Problem')
