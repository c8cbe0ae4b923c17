import { readFile } from 'node:fs/promises'
import { createTransport } from 'nodemailer'
import type { Destination } from '../../../sql/reportSchedules.ts'
import type { Parcel } from '../parcel.ts'
import { safeName } from './bytes.ts'
import { delivered, type Handed, refused, retry } from './handed.ts'
import type { MailSettings } from './settings.ts'

type Mailbox = Extract<Destination, { kind: 'email' }>

/** How many mails are handed to the mail server at a time. */
const mailsAtOnce = 5
const quiet = 30_000

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host)

/**
 * How the mail server of an address is spoken to: with TLS and a certificate that holds, always; without TLS only on this machine.
 * Parts behind a `?` are not read, so that none of this can be turned off there.
 */
export function mailServer({ url, ca, dkim }: MailSettings) {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const here = isLoopback(hostname)
  return {
    pool: true as const,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !here,
    ignoreTLS: !secure && here,
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: 'TLSv1.2' as const, ...(ca && { ca }) },
    ...(dkim && { dkim }),
    disableFileAccess: true,
    disableUrlAccess: true,
    maxConnections: mailsAtOnce,
    // what was not taken is told, and tried again as a new attempt
    maxRequeues: 0,
    connectionTimeout: quiet,
    greetingTimeout: quiet,
    socketTimeout: quiet,
    logger: false,
  }
}

/** Opens the way to the mail server; connections are kept for the next mail. */
export function openMail(settings: MailSettings | undefined) {
  const transport = settings && createTransport(mailServer(settings))

  async function send(parcel: Parcel, { to }: Mailbox, signal: AbortSignal): Promise<Handed> {
    if (!settings || !transport) return refused('SMTP_URL and MAIL_FROM are not set.')
    const { key, file, link } = parcel
    const attached = file.bytes <= settings.attachBytes
    if (!attached && link === null)
      return refused('The file is too large for a mail, and this server has no address to fetch it from.')
    const from = settings.from.replace(/^.*<|>.*$/g, '')
    const messageId = `<${key}@${from.split('@').at(-1)}>`
    const { text, html } = attached || link === null ? parcel.message : withLink(parcel, link)
    try {
      const info = await transport.sendMail({
        signal,
        messageId,
        from: settings.from,
        to: { name: '', address: to },
        envelope: { from: settings.bounce ?? from, to },
        subject: parcel.message.subject,
        text,
        html,
        // few mail programs show a picture that stands in the text itself
        attachDataUrls: true,
        headers: { 'Auto-Submitted': 'auto-generated' },
        list: { unsubscribe: settings.unsubscribe ?? `mailto:${from}?subject=unsubscribe` },
        attachments: attached
          ? [
              {
                filename: safeName(file.name),
                contentType: file.media_type,
                content: await readFile(file.path),
              },
            ]
          : [],
      })
      return delivered(`${messageId} ${info.response}`)
    } catch (error) {
      return whatItMeans(error)
    }
  }

  return { send, close: () => transport?.close() }
}

/** RFC 5321: what begins with 4 may work later, with 5 never. A login that fails is for the office to mend, then it works. */
function whatItMeans(error: unknown): Handed {
  const { code, responseCode, response, message } = error as {
    [each in 'code' | 'response' | 'message']?: string
  } & { responseCode?: number }
  if (code === 'EAUTH') return retry('The mail server does not accept the name or the password in SMTP_URL.')
  const said = response || message || String(error)
  if (responseCode && responseCode >= 500) return refused(`The mail server answered: ${said}`)
  return retry(responseCode ? `The mail server answered: ${said}` : `The mail server: ${said}`)
}

function withLink({ message, file }: Parcel, link: string): { text: string; html: string } {
  const size = `${Math.ceil(file.bytes / 1024 / 1024)} MB`
  const words = `Download ${file.name} (${size})`
  const paragraph = `<p><a href="${escaped(link)}">${escaped(words)}</a></p>`
  const html = /<\/body>/i.test(message.html)
    ? message.html.replace(/<\/body>/i, () => `${paragraph}</body>`)
    : `${message.html}${paragraph}`
  return { text: `${message.text}\n\n${words}:\n${link}\n`, html }
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
