import type { Subject } from '../../sql/privacy/subjects.ts'
import { StartError } from '../env.ts'

/** A case as people write it: the source, a slash and the id. Throws a StartError that says so. */
export function readCaseName(given: string): Subject {
  const at = given.indexOf('/')
  if (at < 1 || at === given.length - 1)
    throw new StartError(
      `"${given}" names no case: write the source, a slash and the id, like permit-system/BP-2026-00417; two systems may use the same ids.`,
    )
  return { source: given.slice(0, at), case_id: given.slice(at + 1) }
}
