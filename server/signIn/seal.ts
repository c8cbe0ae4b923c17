import { hkdfSync } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'
import type { Env } from '../env.ts'
import { secretOf } from '../feedback/link.ts'

/** What a cookie is for: nothing sealed for one use opens for another. */
type Use = 'session' | 'pending'

/** Seals what a browser keeps for us: encrypted and authenticated (AES-256-GCM), so that nobody can read, make or change it. */
export class Seal {
  readonly #keys: readonly Buffer[]

  /** The first secret seals; all of them open, so that a new one signs nobody out. */
  constructor(secrets: readonly string[], use: Use) {
    this.#keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', `clearway ${use}`, 32)))
  }

  close(content: object): Promise<string> {
    const [key] = this.#keys
    if (!key) throw new Error('Nothing can be sealed without a secret.')
    return new EncryptJWT({ content }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key)
  }

  /** What was sealed; undefined when it was not sealed with a key of ours, or was changed. Whether it is too old is for the caller to say. */
  async open(text: string): Promise<unknown> {
    const allowed = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
    for (const key of this.#keys) {
      const opened = await jwtDecrypt(text, key, allowed).catch(() => undefined)
      if (opened) return opened.payload.content
    }
    return undefined
  }
}

/** The secret in force and the one before: CLEARWAY_SECRET, else the key of the data folder. */
export async function secretsOf(
  dataDir: string,
  { CLEARWAY_SECRET, CLEARWAY_SECRET_BEFORE }: Pick<Env, 'CLEARWAY_SECRET' | 'CLEARWAY_SECRET_BEFORE'>,
): Promise<string[]> {
  const before = CLEARWAY_SECRET_BEFORE === undefined ? [] : [CLEARWAY_SECRET_BEFORE]
  return [await secretOf(dataDir, CLEARWAY_SECRET), ...before]
}
