import { z } from '@hono/zod-openapi'
import { annotation as annotationShape } from '../../sql/annotations.ts'
import { caseRow as caseRowShape } from '../../sql/cases.ts'
import { pieceKinds } from '../../sql/caseTime.ts'
import { head } from './shared.ts'

/** Answers about single cases, and what people noted beside figures. */

export const caseRow = z.object(caseRowShape.shape).openapi('Case')

export const casesAnswer = z
  .object({
    ...head,
    total_cases: z.number(),
    /** Visits to the stage that was asked for: a case may come back to it. Null without a stage. */
    total_visits: z.number().nullable(),
    /** Of the cases, those that still stood at the stage at the end of the period. Null without a stage. */
    total_there: z.number().nullable(),
    cases: z.array(caseRow),
    /** Goes into `cursor` for the next page; null on the last one. */
    next_cursor: z.string().nullable(),
  })
  .openapi('Cases')

export const caseAnswer = z
  .object({
    ...caseRowShape.omit({ state: true, stage_state: true, stage_visits: true, stage_hours: true }).shape,
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
