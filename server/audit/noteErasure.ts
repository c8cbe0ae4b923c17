import type { Audit } from '../../sql/audit.ts'
import { byCommand } from '../commands/actor.ts'
import type { Noted } from '../privacy/erase.ts'

/** Writes down that somebody was erased, and which entries of the audit no longer say whom they were about. */
export const noteErasure =
  (audit: Audit) =>
  ({ deed, erasure, detail }: Noted): Promise<void> =>
    audit.note({ actor: byCommand('erase'), deed, object: erasure, detail })
