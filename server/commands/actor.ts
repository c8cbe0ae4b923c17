import type { Actor } from '../../sql/audit.ts'

/** A command as the audit names it: who typed it is not known. */
export const byCommand = (name: string): Actor => ({ kind: 'machine', id: 'command', name })

/** The server, for what it does of its own accord. */
export const byServer: Actor = { kind: 'machine', id: 'server', name: 'Clearway' }
