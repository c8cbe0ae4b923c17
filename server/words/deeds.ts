import type { z } from 'zod'
import type { Deed } from '../../sql/audit.ts'
import type { auditAnswer, auditStateAnswer } from '../answers/audit.ts'
import { formatCount } from './format.ts'
import { streamWords } from './streamWords.ts'

export type AuditEntry = z.output<typeof auditAnswer>['entries'][number]
export type AuditState = z.output<typeof auditStateAnswer>

/** The name of a service by its id. */
type NameOf = (service: string) => string
type Words = {
  /** To choose by. */
  label: string
  /** What was done, behind the name of who did it. `object` is never empty. */
  says: (object: string, detail: Record<string, unknown>, name: NameOf) => string
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const count = (value: unknown, one: string, more = `${one}s`): string =>
  typeof value === 'number' ? `${formatCount(value)} ${value === 1 ? one : more}` : `a number of ${more}`
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
const of = ({ service }: Record<string, unknown>, name: NameOf): string => {
  const services = typeof service === 'string' && service !== '' ? [service] : list(service)
  return services.length > 0 ? ` of ${services.map(name).join(', ')}` : ''
}
const during = ({ from, until }: Record<string, unknown>): string =>
  text(from) && text(until) ? `, ${text(from)} until ${text(until)}` : ''
const as = ({ format }: Record<string, unknown>): string =>
  text(format) ? ` as ${text(format).toUpperCase()}` : ''
const because = ({ reason }: Record<string, unknown>): string => (text(reason) ? `: ${text(reason)}` : '')

/** What each deed is called. */
export const deedWords: Record<Deed, Words> = {
  sign_in: { label: 'Signed in', says: () => 'signed in' },
  sign_in_refused: {
    label: 'Sign-in refused',
    says: (_, detail) => `tried to sign in and was refused${because(detail)}`,
  },
  sign_out: { label: 'Signed out', says: () => 'signed out' },
  session_end: {
    label: 'Session ended',
    says: (_, detail) => `was signed out by the server${because(detail)}`,
  },
  rights_change: { label: 'Got other rights', says: (_, detail) => `got other rights${because(detail)}` },
  access_refused: { label: 'Access refused', says: (object) => `asked for ${object} and was refused` },
  key_create: { label: 'Made a key', says: (object, { name }) => `made the key ${text(name) || object}` },
  key_revoke: {
    label: 'Revoked a key',
    says: (object, { name }) => `revoked the key ${text(name) || object}`,
  },
  key_list: { label: 'Listed keys', says: () => 'listed the keys' },
  key_use: { label: 'Used a key', says: () => 'began to use the key from this network today' },
  key_refused: { label: 'Key refused', says: () => 'came with a key that is not known here or was revoked' },
  case_view: {
    label: 'Opened a case',
    says: (object, detail, name) => `opened case ${object}${of(detail, name)}`,
  },
  cases_view: {
    label: 'Listed cases',
    says: (_, detail, name) => `listed ${count(detail.cases, 'case')}${of(detail, name)}${during(detail)}`,
  },
  cases_export: {
    label: 'Took cases along',
    says: (_, detail, name) => `took the cases${of(detail, name)} along${as(detail)}${during(detail)}`,
  },
  comments_view: {
    label: 'Read comments',
    says: (_, detail, name) =>
      `read ${count(detail.comments, 'comment')}${of(detail, name)}${during(detail)}`,
  },
  rejected_view: {
    label: 'Saw rejected rows',
    says: (object, { rows }) => `saw ${count(rows, 'rejected row')} of load ${object}`,
  },
  rejected_export: {
    label: 'Took rejected rows along',
    says: (object, detail) => `took the rejected rows of load ${object} along${as(detail)}`,
  },
  export: {
    label: 'Took figures along',
    says: (object, detail, name) =>
      `took figures along (${object})${of(detail, name)}${as(detail)}${during(detail)}`,
  },
  annotation_add: {
    label: 'Noted what was done',
    says: (_, detail, name) => `noted what was done on ${text(detail.day)}${of(detail, name)}`,
  },
  annotation_remove: {
    label: 'Deleted a note',
    says: (_, detail, name) => `deleted a note of ${text(detail.day)}${of(detail, name)}`,
  },
  release_build: { label: 'Built a release', says: (object) => `built release ${object}` },
  release_check: { label: 'Checked a release', says: (object) => `looked through release ${object}` },
  release_approve: { label: 'Approved a release', says: (object) => `approved release ${object}` },
  release_schedule: { label: 'Scheduled a release', says: (object) => `scheduled release ${object}` },
  release_publish: { label: 'Published a release', says: (object) => `made release ${object} public` },
  release_withdraw: {
    label: 'Withdrew a release',
    says: (object, detail) => `withdrew release ${object}${because(detail)}`,
  },
  release_preview: {
    label: 'Looked at a release early',
    says: (object, detail) => `looked at release ${object} before it was public${because(detail)}`,
  },
  release_compare: {
    label: 'Compared releases',
    says: (object, { before }) => `compared release ${object} with ${text(before)} before it was public`,
  },
  schedule_add: {
    label: 'Scheduled a report',
    says: (object, { report, recipients }) =>
      `scheduled the report ${text(report)} for ${count(recipients, 'recipient')} as ${object}`,
  },
  schedule_change: { label: 'Changed a schedule', says: (object) => `changed the schedule ${object}` },
  schedule_end: { label: 'Ended a schedule', says: (object) => `ended the schedule ${object}` },
  schedule_pause: { label: 'Paused a schedule', says: (object) => `paused the schedule ${object}` },
  schedule_resume: { label: 'Resumed a schedule', says: (object) => `let the schedule ${object} go on` },
  report_run: { label: 'Sent a report', says: (object) => `sent the report of the schedule ${object}` },
  report_make: {
    label: 'Made a report',
    says: (object, detail, name) =>
      `made the report ${object}${of(detail, name)}${as(detail)}${during(detail)}`,
  },
  report_download: {
    label: 'Fetched a report',
    says: (object, { report }) =>
      `fetched the report ${text(report)} with the checksum ${object.slice(0, 16)}`,
  },
  report_link: {
    label: 'Fetched a report by its link',
    says: (object) => `fetched the report with the checksum ${object.slice(0, 16)} by its link`,
  },
  rows_send: {
    label: 'Sent rows',
    says: (object, { stream, source }) =>
      `sent ${streamWords[text(stream)] ?? 'rows'} of ${text(source)}, load ${object}`,
  },
  rows_load: {
    label: 'Loaded a file',
    says: (object, { source, accepted }) =>
      `loaded ${count(accepted, 'row')} of ${text(source)}, load ${object}`,
  },
  load_cancel: { label: 'Cancelled a load', says: (object) => `cancelled load ${object}` },
  source_run: { label: 'Ran a source', says: (object) => `let the source ${object} look for data` },
  config_change: {
    label: 'Changed the configuration',
    says: (object) => `put a changed ${object} into force`,
  },
  erase: {
    label: 'Erased a person',
    says: (_, detail) => `erased what is held of a person${because(detail)}`,
  },
  backup: { label: 'Made a backup', says: (object) => `made the backup ${object}` },
  restore: { label: 'Restored a backup', says: (object) => `restored the backup ${object}` },
  audit_export: {
    label: 'Took the audit along',
    says: (_, detail) => `took entries of the audit along${as(detail)}`,
  },
  audit_empty: {
    label: 'Emptied entries',
    says: (_, { entries }) =>
      `took out of ${count(list(entries).length, 'entry', 'entries')} of the audit what they were done with`,
  },
  audit_trim: {
    label: 'Removed old entries',
    says: (_, { before }) =>
      `removed entries of the audit from before ${text(before).slice(0, 10)}, as the retention says`,
  },
}

const isDeed = (deed: string): deed is Deed => deed in deedWords

/** Who did it, as a sentence begins. */
export function actorWords({ actor_kind, actor_id, actor_name }: AuditEntry): string {
  if (actor_kind === 'key') return `The key ${actor_name || actor_id}`
  if (actor_kind === 'person') return actor_name || actor_id
  if (actor_kind === 'nobody') return 'Somebody unknown'
  if (actor_id === 'command') return `The command ${actor_name}`
  return actor_id === 'server' ? 'Clearway' : 'Somebody on this machine'
}

/** "Jo Miller opened case 123 of Building permits for: complaint." */
export function deedSentence(entry: AuditEntry, name: NameOf): string {
  const { deed, object, emptied, detail, purpose } = entry
  const what = emptied ? '(forgotten)' : object || '(not named)'
  const done = isDeed(deed) ? deedWords[deed].says(what, detail, name) : `did ${deed} with ${what}`
  return `${actorWords(entry)} ${done}${purpose ? ` for: ${purpose}` : ''}`
}

const problemWords: Record<AuditState['faults'][number]['problem'], string> = {
  changed: 'was changed after it was written',
  replaced: 'is not the one that was written first',
  missing: 'is missing',
  doubled: 'is there twice',
  cut: 'was cut off, with all behind it',
  emptied: 'was emptied, and no erasure names it',
}

/** The state of the audit as a heading says it. */
export function auditTitle({ whole, entries, faults: [first] }: AuditState): string {
  if (!whole && first)
    return `Entry ${first.no} of chain ${first.chain.slice(0, 8)} ${problemWords[first.problem]}`
  if (entries === 0) return 'Nothing is written down yet'
  return `The chain is whole, ${formatCount(entries)} ${entries === 1 ? 'entry' : 'entries'}`
}

/** One fault in a line, for the command and the page. */
export const faultSentence = ({ chain, no, problem }: AuditState['faults'][number]): string =>
  `Chain ${chain}: entry ${no} ${problemWords[problem]}.`
