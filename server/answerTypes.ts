import type { z } from 'zod'
import type * as answers from './answers.ts'

/** What the API answers, as types. */

export type Meta = z.infer<typeof answers.meta>
export type Kpis = z.infer<typeof answers.kpisAnswer>
export type KpiFigure = Kpis['kpis'][number]
export type KpiDefinition = z.infer<typeof answers.kpiDefinition>
export type Standard = z.infer<typeof answers.standard>
export type Change = z.infer<typeof answers.change>
export type Series = z.infer<typeof answers.seriesAnswer>
export type By = z.infer<typeof answers.byAnswer>
export type ProcessMapAnswer = z.infer<typeof answers.processMapAnswer>
export type Bottlenecks = z.infer<typeof answers.bottlenecksAnswer>
export type Finding = Bottlenecks['findings'][number]
export type StageAnswer = z.infer<typeof answers.stageAnswer>
export type FlowAnswer = z.infer<typeof answers.flowAnswer>
export type FlowPoint = FlowAnswer['stages'][number]['points'][number]
export type OutcomesAnswer = z.infer<typeof answers.outcomesAnswer>
export type SatisfactionAnswer = z.infer<typeof answers.satisfactionAnswer>
export type WaitCurve = NonNullable<SatisfactionAnswer['wait_curve']>
export type FairnessAnswer = z.infer<typeof answers.fairnessAnswer>
export type Grouping = FairnessAnswer['groupings'][number]
export type GapRow = Grouping['rows'][number]
export type ThemesAnswer = z.infer<typeof answers.themesAnswer>
export type CommentsAnswer = z.infer<typeof answers.commentsAnswer>
export type Cases = z.infer<typeof answers.casesAnswer>
export type CaseRow = z.infer<typeof answers.caseRow>
export type CaseInFull = z.infer<typeof answers.caseAnswer>
export type Annotation = z.infer<typeof answers.annotation>
export type Annotations = z.infer<typeof answers.annotationsAnswer>
