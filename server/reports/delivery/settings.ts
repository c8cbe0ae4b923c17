import path from 'node:path'
import type { Env } from '../../env.ts'

/** What the ways to people need to know beside a parcel. It comes from the environment and is told to the postman only. */
export type DeliverySettings = {
  /** Where folders with a relative path lie. */
  outgoing: string
  /** Absolute folders are allowed below these only. */
  folders: string[]
  mail?: MailSettings | undefined
  s3?: S3Settings | undefined
  webhook: WebhookSettings
  sftp: { privateKey?: string | undefined; password?: string | undefined; passwordHosts: string[] }
}

export type MailSettings = {
  url: string
  from: string
  /** Where mail that cannot be delivered is sent back to. */
  bounce?: string | undefined
  /** mailto: or https: address; a mail to the sender when not given. */
  unsubscribe?: string | undefined
  /** Larger files are not attached: the mail brings a link. */
  attachBytes: number
  dkim?: { domainName: string; keySelector: string; privateKey: string } | undefined
  /** Certificates to trust instead of the system's. */
  ca?: string | undefined
}

/** `urls`: addresses by the names of their variables. */
export type WebhookSettings = {
  secret?: string | undefined
  privateHosts: string[]
  urls?: Record<string, string> | undefined
}

export type S3Settings = { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string }

export const reportsDir = (dataDir: string): string => path.join(dataDir, 'reports')

/** The part of the environment that tells how reports leave. @public */
export function deliverySettings(env: Env, dataDir: string): DeliverySettings {
  const { SMTP_URL, MAIL_FROM, DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY } = env
  const { S3_REGION = 'us-east-1', S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env
  return {
    outgoing: path.join(reportsDir(dataDir), 'outgoing'),
    folders: listed(env.REPORT_FOLDERS),
    mail:
      SMTP_URL && MAIL_FROM
        ? {
            url: SMTP_URL,
            from: MAIL_FROM,
            bounce: env.MAIL_BOUNCE,
            unsubscribe: env.MAIL_UNSUBSCRIBE,
            attachBytes: (env.MAIL_ATTACH_MB ?? 10) * 1024 * 1024,
            dkim:
              DKIM_DOMAIN && DKIM_SELECTOR && DKIM_PRIVATE_KEY
                ? { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: pem(DKIM_PRIVATE_KEY) }
                : undefined,
          }
        : undefined,
    s3:
      S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY
        ? {
            endpoint: S3_ENDPOINT ?? `https://s3.${S3_REGION}.amazonaws.com`,
            region: S3_REGION,
            accessKeyId: S3_ACCESS_KEY_ID,
            secretAccessKey: S3_SECRET_ACCESS_KEY,
          }
        : undefined,
    webhook: {
      secret: env.WEBHOOK_SECRET,
      privateHosts: listed(env.WEBHOOK_PRIVATE_HOSTS),
      urls: env.WEBHOOK_URLS,
    },
    sftp: {
      privateKey: env.SFTP_PRIVATE_KEY && pem(env.SFTP_PRIVATE_KEY),
      password: env.SFTP_PASSWORD,
      passwordHosts: listed(env.SFTP_PASSWORD_HOSTS),
    },
  }
}

/** What may never be written anywhere, in the forms it could be repeated in. */
export function secretsOf({ mail, s3, webhook, sftp }: DeliverySettings): string[] {
  const { username = '', password = '' } = mail ? new URL(mail.url) : {}
  const secrets = [
    password,
    decodeURIComponent(password),
    mail?.dkim?.privateKey,
    s3?.secretAccessKey,
    webhook.secret,
    ...Object.values(webhook.urls ?? {}).flatMap(partsOf),
    sftp.privateKey,
    sftp.password,
  ].filter((secret) => secret !== undefined && secret !== '') as string[]
  const login = `\0${decodeURIComponent(username)}\0${decodeURIComponent(password)}`
  const coded = [...secrets, login].map((secret) => Buffer.from(secret).toString('base64'))
  return password === '' ? [...secrets, ...coded.slice(0, -1)] : [...secrets, ...coded]
}

/** An address and what an answer may repeat of it; its host is no secret. */
function partsOf(address: string): string[] {
  const { username, password, pathname, search } = new URL(address)
  return [address, pathname + search, search, pathname, username, password].filter(
    ({ length }) => length >= 8,
  )
}

const listed = (names: string | undefined): string[] =>
  (names ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

/** Keys in PEM have lines; where the environment cannot hold them they are written as \n. */
const pem = (key: string): string => key.replaceAll('\\n', '\n')
