import { z } from 'zod'

/** What stands first in a backup: what it is of, so that it can be refused before anything is unpacked. */
export const headSchema = z.object({
  /** The layout of the file. A program reads layouts up to its own. */
  backup: z.int(),
  /** The version of Clearway that made it. */
  clearway: z.string(),
  made_at: z.string(),
  /** The version of the embedded engine, like 26.7.2.1. */
  engine: z.string(),
  database: z.string(),
  migrations: z.array(z.string()),
  data_version: z.string(),
})
export type Head = z.output<typeof headSchema>

export const layout = 1
/** Where the copied tables lie in a backup. */
export const tablesName = 'tables'
export const headName = 'backup.json'
export const manifestName = 'manifest.json'

/** A path inside the folder, written in one way only. */
export const isInner = (path: string): boolean =>
  /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\\\0]+(?:\/[^/\\\0]+)*$/.test(path)

/** What stands last: every file with its checksum, and every name that is a second name of a file. */
export const manifestSchema = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string() })),
  links: z.array(z.object({ path: z.string(), to: z.string() })),
})
export type Manifest = z.output<typeof manifestSchema>
