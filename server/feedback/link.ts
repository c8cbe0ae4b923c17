import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { keyFile } from '../../pipelines/keyFile.ts'

/** What a link stands for: one person may answer once, about this case, or about the service where no case is named. */
export type Link = {
  service: string
  source: string
  /** Empty for a link that was handed out: `slip` then tells it from the others. */
  case_id: string
  slip: string
  channel: string
  /** Seconds since 1970. */
  expires: number
}

/** Made of one secret: with `seal` links are encrypted and authenticated, `id` makes ids of answers that tell nothing. */
export type LinkKeys = { seal: Buffer; id: Buffer }

/** The secret of CLEARWAY_SECRET, else a key kept in the data folder. */
export const secretOf = async (dataDir: string, secret: string | undefined): Promise<string> =>
  secret ?? (await keyFile(dataDir, 'feedback.key', 32))

export async function linkKeys(dataDir: string, secret: string | undefined): Promise<LinkKeys> {
  const from = await secretOf(dataDir, secret)
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', from, '', `clearway feedback ${use}`, 32))
  return { seal: derive('seal'), id: derive('id') }
}

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16
/** Four texts of 200 characters fit, whatever they are written in. */
const longest = 6_000

const parts = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.number()])

/** The token in the address of the form. Nobody without the key can read it, make one, or change one. */
export function sealLink({ seal }: LinkKeys, link: Link): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, seal, iv)
  const { service, source, case_id, slip, channel, expires } = link
  const text = JSON.stringify([service, source, case_id, slip, channel, expires])
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  )
}

/** What a token stands for; undefined when it was not made with this key. Whether it has expired is for the caller to say. */
export function openLink({ seal }: LinkKeys, token: string): Link | undefined {
  if (token.length > longest || !/^[\w-]+$/.test(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  // the last sign may be written in several ways: only one of them is the token
  if (bytes.length <= ivBytes + tagBytes || bytes.toString('base64url') !== token) return undefined
  try {
    const decipher = createDecipheriv(algorithm, seal, bytes.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const text =
      decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
    const [service, source, case_id, slip, channel, expires] = parts.parse(JSON.parse(text))
    return { service, source, case_id, slip, channel, expires }
  } catch {
    return undefined
  }
}

/** The id of the answer to a link: the same for every link to the same case, so that a case is answered once. */
export function answerId({ id }: LinkKeys, { service, source, case_id, slip }: Link): string {
  const about = JSON.stringify([service, source, case_id, slip])
  return `fb-${createHmac('sha256', id).update(about).digest('base64url').slice(0, 22)}`
}
