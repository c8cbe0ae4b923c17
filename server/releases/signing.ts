import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto'
import { keyFile } from '../../pipelines/keyFile.ts'

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key releases are signed with: made of CLEARWAY_SECRET, else kept in the data folder as `release.key`. */
export async function releaseKey(dataDir: string, secret: string | undefined): Promise<KeyObject> {
  const seed =
    secret === undefined
      ? Buffer.from(await keyFile(dataDir, 'release.key', 32), 'hex')
      : Buffer.from(hkdfSync('sha256', secret, '', 'clearway release signature', 32))
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
}

/** The public half, as `release-key.pem` on the site. */
export const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()

/** 64 bytes that are the same for the same words and key. */
export const signatureOf = (key: KeyObject, words: Uint8Array): Buffer => sign(null, words, key)

export const isSignedBy = (pem: string, words: Uint8Array, signature: Uint8Array): boolean => {
  const key = createPublicKey(pem)
  return key.asymmetricKeyType === 'ed25519' && verify(null, words, key, signature)
}
