import { createHash } from 'node:crypto'
import path from 'node:path'

/** Letters that are the same in every file system. */
export const safeName = (name: string): string => name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\.+/, '_')

/** The folder in which a source keeps its things: readable, and its own however alike the names are. */
export function sourceFolder(dataDir: string, name: string): string {
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return path.join(dataDir, 'sources', `${safeName(name).slice(0, 60)}-${mark}`)
}
