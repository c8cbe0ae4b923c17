/** What a reader of cases can choose: pages, the API and reports take the same. */

export const caseStates = ['all', 'open', 'closed', 'late'] as const
/** With a stage also those that still stood there at the end of the period. */
export const caseAlso = ['waiting'] as const
export const caseSorts = ['wait', 'age', 'started'] as const
