import type { z } from '@hono/zod-openapi'
import type { Annotation, AnnotationInput } from '../sql/annotations.ts'
import type { listCases, readCase, selectCases, streamCases } from '../sql/cases.ts'
import type { readComments } from '../sql/comments.ts'
import type { Db } from '../sql/db.ts'
import type { FairnessKpi, Reference } from '../sql/fairness.ts'
import type { Dimension, Filters, Grain } from '../sql/filters.ts'
import type { streamFlow } from '../sql/flow.ts'
import type { freshness } from '../sql/freshness.ts'
import type { KpiId } from '../sql/kpis.ts'
import type { LoadsAsked } from '../sql/loads.ts'
import type { streamEdges } from '../sql/processMap.ts'
import type { streamRework } from '../sql/rework.ts'
import type { streamVariants } from '../sql/variants.ts'
import type * as answers from './answers.ts'

type Answer<Name extends keyof typeof answers> = z.output<(typeof answers)[Name]>

/** Moves on with every load; not final while a load is being published: an answer then may mix old and new. */
export type DataVersion = { version: string; final: boolean }

/** The questions the API puts to the store, each giving exactly the answer's type. */
export type Data = {
  dataVersion(db: Db): Promise<DataVersion>
  readMeta(db: Db): Promise<Answer<'meta'>>
  kpiAnswer(db: Db, filters: Filters): Promise<Answer<'kpisAnswer'>>
  kpiSeries(db: Db, id: KpiId, grain: Grain, filters: Filters): Promise<Answer<'seriesAnswer'>>
  kpiBy(db: Db, id: KpiId, dimension: Dimension, filters: Filters): Promise<Answer<'byAnswer'>>
  processMap(db: Db, filters: Filters): Promise<Answer<'processMapAnswer'>>
  streamEdges: typeof streamEdges
  variants(db: Db, filters: Filters, options: { limit: number }): Promise<Answer<'variantsAnswer'>>
  streamVariants: typeof streamVariants
  rework(db: Db, filters: Filters): Promise<Answer<'reworkAnswer'>>
  streamRework: typeof streamRework
  bottlenecks(db: Db, filters: Filters): Promise<Answer<'bottlenecksAnswer'>>
  stage(db: Db, service: string, stage: string, filters: Filters): Promise<Answer<'stageAnswer'>>
  causesOf(db: Db, service: string, stage: string, filters: Filters): Promise<Answer<'causesAnswer'>>
  flow(db: Db, grain: Grain, stage: string, filters: Filters): Promise<Answer<'flowAnswer'>>
  streamFlow: typeof streamFlow
  change(db: Db, dimension: Dimension | undefined, filters: Filters): Promise<Answer<'changeAnswer'>>
  breaches(db: Db, filters: Filters): Promise<Answer<'breachesAnswer'>>
  fairness(db: Db, kpi: FairnessKpi, against: Reference, filters: Filters): Promise<Answer<'fairnessAnswer'>>
  satisfaction(db: Db, filters: Filters): Promise<Answer<'satisfactionAnswer'>>
  outcomes(db: Db, filters: Filters): Promise<Answer<'outcomesAnswer'>>
  themesOf(db: Db, filters: Filters): Promise<Answer<'themesAnswer'>>
  readComments: typeof readComments
  listCases: typeof listCases
  streamCases: typeof streamCases
  selectCases: typeof selectCases
  readCase: typeof readCase
  listAnnotations(db: Db, about: { service?: string[]; from?: string; until?: string }): Promise<Annotation[]>
  addAnnotation(db: Db, input: AnnotationInput): Promise<Annotation>
  deleteAnnotation(db: Db, id: string): Promise<Annotation>
  freshness(db: Db): ReturnType<typeof freshness>
  listLoads(db: Db, asked: LoadsAsked): Promise<Answer<'loadsAnswer'>>
  readLoad(db: Db, id: string): Promise<Answer<'load'>>
  readRejected(db: Db, id: string, options: { limit: number }): Promise<Answer<'rejectedAnswer'>>
}

/** Loaded with the first question: a command that asks nothing does not wait for it. */
export const data = async (): Promise<Data> => {
  const { dataVersion } = await import('../sql/dataVersion.ts')
  const { readMeta } = await import('../sql/meta.ts')
  const { kpiAnswer, kpiSeries, kpiBy } = await import('../sql/kpiFigures.ts')
  const { processMap, streamEdges } = await import('../sql/processMap.ts')
  const { variants, streamVariants } = await import('../sql/variants.ts')
  const { rework, streamRework } = await import('../sql/rework.ts')
  const { bottlenecks } = await import('../sql/bottlenecks.ts')
  const { stage } = await import('../sql/stage.ts')
  const { causesOf } = await import('../sql/causes.ts')
  const { flow, streamFlow } = await import('../sql/flow.ts')
  const { change } = await import('../sql/decompose.ts')
  const { breaches } = await import('../sql/breaches.ts')
  const { fairness } = await import('../sql/fairness.ts')
  const { themesOf, readComments } = await import('../sql/comments.ts')
  const { satisfaction } = await import('../sql/satisfaction.ts')
  const { outcomes } = await import('../sql/outcomes.ts')
  const { freshness } = await import('../sql/freshness.ts')
  const { listLoads, readLoad, readRejected } = await import('../sql/loads.ts')
  const { listCases, streamCases, selectCases, readCase } = await import('../sql/cases.ts')
  const { listAnnotations, addAnnotation, deleteAnnotation } = await import('../sql/annotations.ts')
  const caseQuestions = { listCases, streamCases, selectCases, readCase }
  const annotationQuestions = { listAnnotations, addAnnotation, deleteAnnotation }
  const kpiQuestions = { kpiAnswer, kpiSeries, kpiBy }
  const loadQuestions = { listLoads, readLoad, readRejected }
  return {
    dataVersion,
    readMeta,
    ...kpiQuestions,
    processMap,
    streamEdges,
    variants,
    streamVariants,
    rework,
    streamRework,
    bottlenecks,
    stage,
    causesOf,
    flow,
    streamFlow,
    change,
    breaches,
    fairness,
    themesOf,
    readComments,
    outcomes,
    satisfaction,
    freshness,
    ...loadQuestions,
    ...caseQuestions,
    ...annotationQuestions,
  }
}
