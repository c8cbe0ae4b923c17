import { createHmac } from 'node:crypto'
import { createReadStream } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Destination } from '../../../sql/reportSchedules.ts'
import type { Parcel } from '../parcel.ts'
import { checkAddress, checkedLookup, ForbiddenAddressError } from './addresses.ts'
import { savedAs } from './bytes.ts'
import { delivered, type Handed, laterThan, refused, retry } from './handed.ts'
import type { WebhookSettings } from './settings.ts'

type Webhook = Extract<Destination, { kind: 'webhook' }>

/**
 * Posts the file itself. `X-Clearway-Signature: t=<seconds>,v1=<hex>` is the HMAC-SHA256 of `<seconds>.<body>` with WEBHOOK_SECRET;
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
  const seconds = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', secret).update(`${seconds}.`)
  for await (const block of createReadStream(file.path)) signature.update(block as Buffer)
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    signal,
    agent: false,
    lookup: checkedLookup(inner),
    headers: {
      'User-Agent': 'Clearway',
      'Content-Type': file.media_type,
      'Content-Length': file.bytes,
      'Content-Disposition': savedAs(file.name),
      // RFC 9530
      'Content-Digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
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
  const [answer, sent] = await Promise.allSettled([answered, pipeline(createReadStream(file.path), request)])
  if (answer.status === 'fulfilled') return answer.value
  throw answer.reason ?? (sent.status === 'rejected' && sent.reason)
}

function whatItMeans({ statusCode = 0, headers }: IncomingMessage): Handed {
  if (statusCode >= 200 && statusCode < 300) return delivered(`HTTP ${statusCode}`)
  const said = `The receiver answered ${statusCode}.`
  if (statusCode >= 500 || [408, 425, 429].includes(statusCode))
    return retry(said, laterThan(headers['retry-after']))
  if (statusCode >= 300 && statusCode < 400)
    return refused(`${said} Redirects are not followed: set the address it leads to.`)
  return refused(said)
}
