import { createHash, type KeyObject } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import type { File, ReleaseHead } from './published.ts'
import { isSignedBy, signatureOf } from './signing.ts'

/** A file of a release with its size and SHA-256 in hex. */
export type Listed = { path: string; bytes: number; sha256: string }

export const sha256 = (body: string | Uint8Array): string => createHash('sha256').update(body).digest('hex')

export const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body, 'utf8') : body

/** By bytes, not by the customs of a country. */
const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : Number(a.path > b.path))

export const list = (files: readonly File[]): Listed[] =>
  files.map(({ path, body }) => ({ path, bytes: bytesOf(body).length, sha256: sha256(body) })).sort(byPath)

/** The manifest of a release and its signature, to lie beside the files they speak of. */
export function manifestFiles(head: ReleaseHead, files: readonly File[], key: KeyObject): [File, File] {
  const manifest = Buffer.from(
    `${JSON.stringify({ manifest: 1, release: head, files: list(files) }, null, 1)}\n`,
  )
  return [
    { path: 'manifest.json', body: manifest },
    { path: 'manifest.sig', body: signatureOf(key, manifest) },
  ]
}

/** A path inside the folder, written in one way only. */
const innerPath = z.string().regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\\\0]+(?:\/[^/\\\0]+)*$/)
const manifestSchema = z.object({
  manifest: z.literal(1),
  release: z.object({ id: z.string() }),
  files: z.array(z.object({ path: innerPath, bytes: z.int(), sha256: z.string() })),
})

/** What the manifest in a folder lists, and its own SHA-256. Undefined where no readable manifest is. */
export async function readManifest(folder: string) {
  try {
    const words = await readFile(join(folder, 'manifest.json'))
    return { words, sha256: sha256(words), ...manifestSchema.parse(JSON.parse(words.toString('utf8'))) }
  } catch {
    return undefined
  }
}

/**
 * What is wrong with the folder of a release, file by file: changed, missing, too many, or signed by somebody else. Empty when all
 * is as it was signed.
 */
export async function faultsOf(folder: string, pem: string): Promise<string[]> {
  const manifest = await readManifest(folder)
  if (!manifest) return ['manifest.json is missing or is no manifest of a release']
  const signature = await readFile(join(folder, 'manifest.sig')).catch(() => undefined)
  const faults: string[] = []
  if (!signature) faults.push('manifest.sig is missing')
  else if (!isSignedBy(pem, manifest.words, signature))
    faults.push('manifest.sig was not made for this manifest with this key')
  for (const { path, ...listed } of manifest.files) {
    const body = await readFile(join(folder, path)).catch(() => undefined)
    if (!body) faults.push(`${path} is missing`)
    else if (body.length !== listed.bytes || sha256(body) !== listed.sha256)
      faults.push(`${path} was changed`)
  }
  const known = new Set(['manifest.json', 'manifest.sig', ...manifest.files.map(({ path }) => path)])
  for (const path of await pathsIn(folder))
    if (!known.has(path)) faults.push(`${path} is not in the manifest`)
  return faults
}

/** All files of a folder, by path. */
export async function pathsIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
