import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { keyFile } from '../../pipelines/keyFile.ts'

const shaBytes = 32
const timeBytes = 6
const wordBytes = shaBytes + timeBytes

/** The key that links to reports are signed with: made of CLEARWAY_SECRET, else of one kept in the data folder. */
export async function reportLinkKey(dataDir: string, secret: string | undefined): Promise<Buffer> {
  const from = secret ?? (await keyFile(dataDir, 'report-link.key', 32))
  return Buffer.from(hkdfSync('sha256', from, '', 'clearway report link', 32))
}

/** The token that fetches one report until a time: who has it needs nothing else. @public */
export function linkFor(key: Buffer, sha256: string, until: Date): string {
  const words = Buffer.alloc(wordBytes)
  words.write(sha256, 'hex')
  words.writeUIntBE(Math.floor(until.getTime() / 1000), shaBytes, timeBytes)
  return Buffer.concat([words, signatureOf(key, words)]).toString('base64url')
}

/** What a token fetches; undefined when it was not made with this key. Whether it has expired is for the caller to say. */
export function checkLink(key: Buffer, token: string): { sha256: string; until: Date } | undefined {
  const bytes = Buffer.from(token, 'base64url')
  // the last sign may be written in several ways: only one of them is the token
  if (bytes.length !== wordBytes + shaBytes || bytes.toString('base64url') !== token) return undefined
  const words = bytes.subarray(0, wordBytes)
  if (!timingSafeEqual(signatureOf(key, words), bytes.subarray(wordBytes))) return undefined
  const seconds = words.readUIntBE(shaBytes, timeBytes)
  return { sha256: words.subarray(0, shaBytes).toString('hex'), until: new Date(seconds * 1000) }
}

const signatureOf = (key: Buffer, words: Buffer): Buffer => createHmac('sha256', key).update(words).digest()
