import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Erasure } from '../../sql/privacy/tombstones.ts'
import { isCode, writeDurably } from '../durable.ts'

/**
 * Who was erased, beside the store: one line of JSON for each erasure, with keyed hashes only. A backup that is older than an erasure does not know of
 * it; this file, kept from the newer folder, tells it.
 */
const listOf = (dataDir: string): string => path.join(dataDir, 'erasures.ndjson')

export async function readList(dataDir: string): Promise<Erasure[]> {
  const text = await readFile(listOf(dataDir), 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return ''
    throw error
  })
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Erasure]))
}

/** Adds an erasure, once. */
export async function noteInList(dataDir: string, { erasure, at, by, hashes }: Erasure): Promise<void> {
  const list = await readList(dataDir)
  if (list.some((each) => each.erasure === erasure)) return
  const lines = [...list, { erasure, at, by, hashes }].map((each) => `${JSON.stringify(each)}\n`)
  await writeDurably(listOf(dataDir), lines.join(''))
}
