import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { decompress } from 'fzstd'
import { packingOf } from '../../pipelines/decoders/unpack.ts'
import type { Db } from '../../sql/db.ts'
import { rowsOf } from '../../sql/rowsOf.ts'

/** For tests: where one of these words stands, in files below the data folder, packed or not, and in tables. */
export const traces = async (db: Db, words: readonly string[]): Promise<string[]> =>
  [...(await filesWith(db.dataDir, words)), ...(await tablesWith(db, words))].sort()

/** Files by name and content. What the engine compressed is looked for in its tables. */
export async function filesWith(folder: string, words: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const found: string[] = []
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = path.join(entry.parentPath, entry.name)
    const texts = await readFile(file).then(unpacked, gone)
    const name = path.relative(folder, file)
    if (words.some((word) => name.includes(word) || texts.some((text) => text.includes(word))))
      found.push(name)
  }
  return found
}

/** All columns of all rows, also of rows that a later version replaced or that are only marked as gone. */
async function tablesWith(db: Db, words: readonly string[]): Promise<string[]> {
  const tables = await rowsOf<{ name: string }>(
    db,
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const [rows] = await rowsOf<{ n: number }>(
      db,
      `SELECT countIf(multiSearchAny(formatRow('TSV', *), {words: Array(String)})) AS n FROM \`${name}\`
       SETTINGS apply_deleted_mask = 0, asterisk_include_materialized_columns = 1`,
      { words: [...words] },
    )
    if (rows && rows.n > 0) found.push(`table ${name}`)
  }
  return found
}

function unpacked(bytes: Buffer): Buffer[] {
  const packing = packingOf(bytes)
  if (packing === 'gzip') return [bytes, gunzipSync(bytes)]
  if (packing === 'zstd') return [bytes, Buffer.from(decompress(bytes))]
  if (bytes.toString('latin1', 0, 4) !== 'PK\x03\x04') return [bytes]
  return [bytes, ...Object.values(unzipSync(bytes)).map((part) => Buffer.from(part))]
}

/** The engine takes files away while they are listed. */
function gone(error: NodeJS.ErrnoException): Buffer[] {
  if (error.code === 'ENOENT') return []
  throw error
}
