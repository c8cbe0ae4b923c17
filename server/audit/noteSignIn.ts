import type { Audit, Deed } from '../../sql/audit.ts'
import type { Note, SignInEvent } from '../signIn/note.ts'

const deedOf: Record<SignInEvent['what'], Deed> = {
  signed_in: 'sign_in',
  refused: 'sign_in_refused',
  signed_out: 'sign_out',
  session_ended: 'session_end',
  groups_changed: 'rights_change',
}

/** Writes down who signed in and out, and who was refused and why. */
export const noteSignIn =
  (audit: Audit): Note =>
  ({ what, who, name, provider, why }) =>
    audit.note({
      actor: { kind: who === '' ? 'nobody' : 'person', id: who || 'nobody', name: name || 'nobody' },
      deed: deedOf[what],
      object: provider,
      detail: why === '' ? {} : { reason: why },
    })
