import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** Hours for which a link works. */
const lasts = 24

const link = z.object({ hash: z.string().length(64), expires: z.number() })

const fileOf = (dataDir: string) => join(dataDir, 'sign-in-link.json')
const usedOf = (dataDir: string) => join(dataDir, 'sign-in-link.used.json')
// 256 random bits need no salt
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Makes a link that signs in the administrator of this machine, once; an earlier one that was not used opens nothing from then on. */
export async function makeOnceLink(dataDir: string, origin: string, now = Date.now()): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const draft = `${fileOf(dataDir)}.draft`
  const made = { hash: hashOf(token), expires: now + lasts * 3_600_000 }
  await writeFile(draft, JSON.stringify(made), { mode: 0o600, flush: true })
  await rename(draft, fileOf(dataDir))
  return `${origin}/sign-in/once/${token}`
}

/** Whether a link was ever made for this data folder. */
export const wasOnceLinkMade = (dataDir: string): boolean =>
  existsSync(fileOf(dataDir)) || existsSync(usedOf(dataDir))

/** Uses a link up; false when it is not the last one that was made, too old, or used already. */
export async function takeOnceLink(dataDir: string, token: string, now = Date.now()): Promise<boolean> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch(() => 'null')
  const read = link.safeParse(JSON.parse(text))
  if (!read.success || read.data.expires <= now) return false
  if (!timingSafeEqual(Buffer.from(read.data.hash), Buffer.from(hashOf(token)))) return false
  // of two who come at once one moves the file
  return rename(fileOf(dataDir), usedOf(dataDir)).then(
    () => true,
    () => false,
  )
}
