/** What the API answers, one schema an answer: it checks what handlers return and describes it in OpenAPI. */
export { annotation, annotationsAnswer, caseAnswer, caseRow, casesAnswer } from './answers/cases.ts'
export { commentsAnswer, themesAnswer } from './answers/comments.ts'
export { fairnessAnswer } from './answers/fairness.ts'
export { bottlenecksAnswer, causesAnswer, changeAnswer, stageAnswer } from './answers/findings.ts'
export { breachesAnswer, flowAnswer } from './answers/flow.ts'
export {
  byAnswer,
  change,
  cityAnswer,
  glossaryAnswer,
  kpiDefinition,
  kpisAnswer,
  meta,
  seriesAnswer,
  standard,
} from './answers/kpis.ts'
export { load, loadsAnswer, rejectedAnswer } from './answers/loads.ts'
export { meAnswer } from './answers/me.ts'
export { outcomesAnswer } from './answers/outcomes.ts'
export { processMapAnswer, reworkAnswer, variantsAnswer } from './answers/paths.ts'
export { problem } from './answers/problem.ts'
export { satisfactionAnswer } from './answers/satisfaction.ts'
