import { createHash, createHmac } from 'node:crypto'
import { createReadStream } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Destination } from '../../../sql/reportSchedules.ts'
import type { Parcel } from '../parcel.ts'
import { checkAddress, checkedLookup, ForbiddenAddressError } from './addresses.ts'
import { delivered, type Handed, laterThan, refused, retry } from './handed.ts'
import type { WebhookSettings } from './settings.ts'

type Webhook = Extract<Destination, { kind: 'webhook' }>

/**
 * Posts a form (`multipart/form-data`) of two parts: `about`, the title and the head of the report as JSON, and `file`. `X-Clearway-Signature: t=<seconds>,v1=<hex>` is the HMAC-SHA256 of `<seconds>.<body>` with WEBHOOK_SECRET;
 * `Idempotency-Key` is the same each time a parcel is tried.
 */
export async function toWebhook(
  parcel: Parcel,
  destination: Webhook,
  { secret, privateHosts, urls = {} }: WebhookSettings,
  signal: AbortSignal,
): Promise<Handed> {
  if (!secret) return refused('WEBHOOK_SECRET is not set.')
  const named = destination.url.startsWith('$') ? destination.url.slice(1) : undefined
  const address = named === undefined ? destination.url : urls[named]
  if (address === undefined) return refused(`${named} is not set: it holds the address of the receiver.`)
  const url = new URL(address)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const inner = privateHosts.includes(host)
  if (named === undefined && (url.username || url.password))
    return refused(
      'The address of the receiver holds a name or password, and is stored as it is: put it into the environment as WEBHOOK_URL_ and a name.',
    )
  if (url.protocol === 'http:' && !inner)
    return refused(`Reports go to ${host} by https only; name it in WEBHOOK_PRIVATE_HOSTS to allow http.`)
  try {
    // a name is checked when it is looked up, a number is not looked up
    if (isIP(host)) checkAddress(host, inner)
    const answer = await post(url, parcel, secret, inner, signal)
    answer.resume()
    return whatItMeans(answer)
  } catch (error) {
    if (error instanceof ForbiddenAddressError) return refused(error.message)
    throw error
  }
}

async function post(
  url: URL,
  { key, attempt, file, message, link }: Parcel,
  secret: string,
  inner: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const boundary = `clearway-${key}`
  const about = JSON.stringify({ title: message.subject, head: message.head })
  const [before, after] = [
    part(boundary, 'name="about"', 'application/json') +
      `${about}\r\n` +
      part(boundary, `name="file"; filename="${file.name.replace(/[^\w.-]/g, '_')}"`, file.media_type),
    `\r\n--${boundary}--\r\n`,
  ]
  const form = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from(before)
    yield* createReadStream(file.path)
    yield Buffer.from(after)
  }
  const seconds = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', secret).update(`${seconds}.`)
  const digest = createHash('sha256')
  for await (const block of form()) {
    signature.update(block)
    digest.update(block)
  }
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    signal,
    agent: false,
    lookup: checkedLookup(inner),
    headers: {
      'User-Agent': 'Clearway',
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': Buffer.byteLength(before) + file.bytes + Buffer.byteLength(after),
      // RFC 9530
      'Content-Digest': `sha-256=:${digest.digest('base64')}:`,
      'Idempotency-Key': key,
      'X-Clearway-Signature': `t=${seconds},v1=${signature.digest('hex')}`,
      'X-Clearway-Attempt': String(attempt + 1),
      'X-Clearway-Title': encodeURIComponent(message.subject),
      ...(link && { 'X-Clearway-Link': link }),
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  // a receiver may answer before it has read all, and hang up: its answer counts
  const [answer, sent] = await Promise.allSettled([answered, pipeline(form, request)])
  if (answer.status === 'fulfilled') return answer.value
  throw answer.reason ?? (sent.status === 'rejected' && sent.reason)
}

/** The head of one part of a form (RFC 7578). */
const part = (boundary: string, disposition: string, type: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`

function whatItMeans({ statusCode = 0, headers }: IncomingMessage): Handed {
  if (statusCode >= 200 && statusCode < 300) return delivered(`HTTP ${statusCode}`)
  const said = `The receiver answered ${statusCode}.`
  if (statusCode >= 500 || [408, 425, 429].includes(statusCode))
    return retry(said, laterThan(headers['retry-after']))
  if (statusCode >= 300 && statusCode < 400)
    return refused(`${said} Redirects are not followed: set the address it leads to.`)
  return refused(said)
}
