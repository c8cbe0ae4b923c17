import { openAsBlob } from 'node:fs'
import { AwsClient } from 'aws4fetch'
import type { Destination } from '../../../sql/reportSchedules.ts'
import type { Parcel } from '../parcel.ts'
import { aboutName, hasAbout, markedName, savedAs } from './bytes.ts'
import { delivered, type Handed, laterThan, refused, retry } from './handed.ts'
import type { S3Settings } from './settings.ts'

type Bucket = Extract<Destination, { kind: 's3' }>

/** One put takes 5 GB at most. */
const largest = 5 * 1024 ** 3

/** Puts the file into a bucket, under a name that belongs to this parcel alone, unless it is there already. */
export async function toS3(
  { key, attempt, file, message }: Parcel,
  { bucket, prefix }: Bucket,
  settings: S3Settings | undefined,
  signal: AbortSignal,
): Promise<Handed> {
  if (!settings) return refused('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are not set.')
  if (file.bytes > largest) return refused('The file is larger than the 5 GB that a bucket takes at once.')
  const client = new AwsClient({ ...settings, service: 's3', retries: 0 })
  const name = `${prefix.replace(/^\/+/, '')}${markedName(file.name, key)}`
  const urlOf = (name: string) =>
    `${settings.endpoint.replace(/\/+$/, '')}/${[bucket, ...name.split('/')].map(encodeURIComponent).join('/')}`
  // redirects would send the file elsewhere
  const ask = async (init: RequestInit, url = urlOf(name)) =>
    client.fetch(url, { redirect: 'manual', signal, ...init })

  const lookedFor = async (): Promise<Handed | undefined> => {
    const { status, headers } = await ask({ method: 'HEAD' })
    if (status !== 200) return undefined
    return headers.get('x-amz-meta-sha256') === file.sha256
      ? delivered(proofOf(name, headers), 'It was there already.')
      : refused(`There is another object of the name ${name} in the bucket ${bucket}.`)
  }
  const put = async (condition: Record<string, string>) =>
    ask({
      method: 'PUT',
      body: await openAsBlob(file.path, { type: file.media_type }),
      headers: {
        ...condition,
        'content-type': file.media_type,
        'content-disposition': savedAs(file.name),
        // what arrives is checked against these by the storage
        'x-amz-content-sha256': file.sha256,
        'x-amz-checksum-sha256': Buffer.from(file.sha256, 'hex').toString('base64'),
        'x-amz-meta-sha256': file.sha256,
        'x-amz-meta-idempotency-key': key,
      },
    })

  const there = await lookedFor()
  if (there) return there
  // before the file: what is known again by its name alone may be put again
  if (hasAbout(file.name)) {
    const about = {
      method: 'PUT',
      body: message.text,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    }
    const { status, headers } = await ask(about, urlOf(aboutName(name)))
    if (status >= 500)
      return retry(
        `The storage answered ${status} (attempt ${attempt + 1}).`,
        laterThan(headers.get('retry-after')),
      )
  }
  let answer = await put({ 'if-none-match': '*' })
  // storage that knows no conditions: it was looked before, and the name is this parcel's own
  if (answer.status === 501) answer = await put({})
  const { status, headers } = answer
  if (answer.ok) return delivered(proofOf(name, headers))
  if (status === 412) return (await lookedFor()) ?? retry(`${name} could not be looked at.`)
  const code = /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1] ?? ''
  const said = `The storage answered ${status} ${code} (attempt ${attempt + 1}).`
  // a wrong key or clock is for the office to mend, then it works
  if (status >= 500 || [401, 403, 408, 409, 425, 429].includes(status))
    return retry(said, laterThan(headers.get('retry-after')))
  return refused(said)
}

const proofOf = (name: string, headers: Headers): string => `${name} ${headers.get('etag') ?? ''}`.trim()
