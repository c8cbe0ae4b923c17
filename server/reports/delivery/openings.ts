import type { Destination } from '../../../sql/reportSchedules.ts'
import type { DeliverySettings } from './settings.ts'

/** Whether reports can leave by a way; `mend`: what to set where they cannot. No secret is in it. */
export type Opening = {
  way: Destination['kind']
  open: boolean
  mend: string
  /** Addresses of programs that the environment holds, as a schedule names them. */
  names: string[]
}

/** The ways there are, and which of them this server can go. */
export function openings({
  mail,
  s3,
  webhook,
  sftp,
}: Omit<DeliverySettings, 'outgoing' | 'folders'>): Opening[] {
  const set = (what: string) => `Set ${what} in the environment of the server, and start it again.`
  const ways: [Destination['kind'], unknown, string][] = [
    ['email', mail, set('SMTP_URL and MAIL_FROM')],
    ['folder', true, ''],
    ['webhook', webhook.secret, set('WEBHOOK_SECRET')],
    ['s3', s3, set('S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_ENDPOINT')],
    ['sftp', sftp.privateKey ?? sftp.password, set('SFTP_PRIVATE_KEY')],
  ]
  return ways.map(([way, needed, mend]) => ({
    ...{ way, open: Boolean(needed), mend: needed ? '' : mend },
    names: way === 'webhook' ? Object.keys(webhook.urls ?? {}).map((name) => `$${name}`) : [],
  }))
}
