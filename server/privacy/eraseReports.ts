import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Searched } from '../../pipelines/privacy/eraseFiles.ts'
import { search } from '../../pipelines/privacy/eraseFiles.ts'
import type { Life } from '../../sql/privacy/eraseStore.ts'
import { openArchive } from '../reports/archive.ts'
import { sha256Of } from '../reports/delivery/bytes.ts'
import { reportsDir } from '../reports/delivery/settings.ts'

/**
 * Reports of the archive that tell of somebody, by checksum. A PDF cannot be searched: a list of cases on paper counts when the case was under way
 * in its period.
 */
export async function reportsAbout(
  dataDir: string,
  searched: Searched,
  life: Life | undefined,
): Promise<string[]> {
  const found: string[] = []
  for (const { path: file, sha256, report, from, until, media_type } of await openArchive(dataDir).list()) {
    const isPaper = media_type === 'application/pdf'
    const tells = isPaper
      ? report === 'case-list' && life !== undefined && life.first < until && (life.last ?? from) >= from
      : await search(file, searched)
    if (tells) found.push(sha256)
  }
  return found
}

/** Takes such reports away, also those that lie in a folder for somebody to fetch. */
export async function eraseReports(dataDir: string, reports: readonly string[]): Promise<void> {
  if (reports.length === 0) return
  const root = reportsDir(dataDir)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile() && entry.name.endsWith('.pdf') && reports.includes((await sha256Of(file)) ?? ''))
      await rm(file, { force: true })
  }
  await openArchive(dataDir).remove(reports)
}
