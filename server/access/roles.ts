import type { Role, Scope } from '../../sql/keys.ts'

/** What each role may do. A key has these scopes unless it was made with others. */
export const scopesOf: Record<Role, readonly Scope[]> = {
  viewer: ['figures'],
  analyst: ['figures', 'annotate', 'reports'],
  case_worker: ['figures', 'cases', 'comments', 'annotate'],
  publisher: ['figures', 'publish', 'reports'],
  data_steward: ['figures', 'loads', 'rejected', 'ingest:*', 'annotate'],
  administrator: ['figures', 'loads', 'rejected', 'ingest:*', 'annotate', 'reports', 'audit', 'administer'],
  auditor: ['audit', 'loads'],
  ingest: ['ingest:*'],
}

/** What is about everybody at once: part of it is for nobody. What is published is whole, and rows that are sent can be about anybody. */
export const isOfAllRows = (scope: Scope): boolean =>
  ['audit', 'administer', 'publish'].includes(scope) || scope.startsWith('ingest')
