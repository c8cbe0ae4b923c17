import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { withLock } from '../../pipelines/lock.ts'
import {
  eraseAnswers,
  eraseFrom,
  filesBeside,
  type Named,
  type Searched,
  search,
} from '../../pipelines/privacy/eraseFiles.ts'
import { erasureKey } from '../../pipelines/privacy/erasureKey.ts'
import { loadWaiting } from '../../pipelines/privacy/loadWaiting.ts'
import { namesOneOf } from '../../pipelines/privacy/namesOf.ts'
import { namesOfCase } from '../../pipelines/privacy/pseudonyms.ts'
import { locks } from '../../pipelines/publish.ts'
import { completeDead } from '../../pipelines/recover.ts'
import { keepWeeks } from '../../pipelines/weeks.ts'
import type { Db } from '../../sql/db.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import { emptyAudit, eraseFromStore, heldOf, type Life, searchStore } from '../../sql/privacy/eraseStore.ts'
import { dropOldParts } from '../../sql/privacy/rewrite.ts'
import { type Subject, subjectHash } from '../../sql/privacy/subjects.ts'
import {
  beginErasure,
  type Erasure,
  endErasure,
  type Found,
  listErasures,
} from '../../sql/privacy/tombstones.ts'
import { isCode, writeDurably } from '../durable.ts'
import { findConfig } from '../open.ts'
import { eraseReports, reportsAbout } from './eraseReports.ts'
import { noteInList, readList } from './erasureList.ts'
import { inParquet } from './inParquet.ts'

/** What is on disk while somebody is being erased, and only then: the ids themselves. */
type Pending = Erasure & { subjects: Subject[]; found: Found; life?: Life }

/** What became of an erasure. Places are tables and folders; with `dry_run` nothing was changed. */
export type Erased = { erasure: string | null; hashes: string[]; found: Found; dry_run: boolean }

/** What the audit is told: that somebody was erased, and before it which of its own entries no longer say whom they were about. */
export type Noted = {
  deed: 'erase' | 'audit_empty'
  by: string
  erasure: string
  detail: { hashes: string[]; found: Found } | { entries: string[] }
}
export type EraseOptions = {
  by: string
  dryRun?: boolean
  /** Told of what was done, for the audit. */
  note?: (noted: Noted) => Promise<void>
}

/**
 * Erases people everywhere: facts, what is derived from them, rejected rows, words that name their cases, what waits to be loaded, files that
 * were loaded, reports. Figures are then those of a store that never had them, and no load brings them back. Killed half way, the next call
 * or the next start brings it to its end. Throws UnknownIdError when nobody of them is held anywhere.
 */
export function erase(
  db: Db,
  asked: readonly Subject[],
  { by, dryRun = false, note }: EraseOptions,
): Promise<Erased> {
  return withLock(locks(db), 'erase', async () => {
    const key = await erasureKey(db.dataDir)
    const subjects = await namedOf(db, asked)
    const hashes = subjects.map((subject) => subjectHash(key, subject))
    if (!dryRun) await finishOpen(db, key, note)
    const { found, life } = await searchAll(db, subjects)
    if (isNothing(found)) {
      const earlier = (await listErasures(db)).findLast((each) =>
        hashes.every((hash) => each.hashes.includes(hash)),
      )
      if (earlier) return { erasure: earlier.erasure, hashes, found: earlier.found, dry_run: dryRun }
      throw new UnknownIdError(
        `Nothing is held of ${asked.length === 1 ? `case "${asked[0]?.case_id}" of source "${asked[0]?.source}"` : 'these cases'}: check the source and the id. Nothing was erased.`,
      )
    }
    if (dryRun) return { erasure: null, hashes, found, dry_run: true }
    const erasure = randomUUID()
    const about = { erasure, at: new Date().toISOString(), by, hashes }
    const pending: Pending = { ...about, subjects: [...subjects], found, ...(life ? { life } : {}) }
    await mkdir(path.dirname(pendingFile(db, erasure)), { recursive: true, mode: 0o700 })
    await writeDurably(pendingFile(db, erasure), JSON.stringify(pending))
    await carryOut(db, pending, note)
    return { erasure, hashes, found, dry_run: false }
  })
}

/**
 * For every start, and after a backup was restored: erases again whom the store holds although they were erased, as a backup older than
 * the erasure does, and completes what was interrupted. Gives the number of erasures it carried out.
 */
export async function applyErasures(db: Db, note?: EraseOptions['note']): Promise<number> {
  const done = await withLock(
    locks(db),
    'erase',
    async () => {
      const listed = await readList(db.dataDir)
      const known = await listErasures(db)
      if (listed.length === 0 && known.length === 0 && (await pendingOnes(db)).length === 0) return 0
      for (const each of listed)
        if (!known.some(({ erasure }) => erasure === each.erasure)) await beginErasure(db, each)
      for (const each of known)
        if (!listed.some(({ erasure }) => erasure === each.erasure)) await noteInList(db.dataDir, each)
      return finishOpen(db, await erasureKey(db.dataDir), note)
    },
    { wait: false },
  )
  return done ?? 0
}

async function finishOpen(db: Db, key: string, note: EraseOptions['note']): Promise<number> {
  const pending = await pendingOnes(db)
  const open = (await listErasures(db)).filter(({ done_at }) => done_at === null)
  for (const each of open) {
    if (pending.some(({ erasure }) => erasure === each.erasure)) continue
    const { erasure, at, by, hashes } = each
    const subjects = await heldOf(db, key, erasure)
    pending.push({ erasure, at, by, hashes, subjects, ...(await searchAll(db, subjects)) })
  }
  for (const each of pending) await carryOut(db, each, note)
  return pending.length
}

async function carryOut(db: Db, pending: Pending, note: EraseOptions['note']): Promise<void> {
  const { erasure, at, by, hashes, subjects, found, life } = pending
  await noteInList(db.dataDir, { erasure, at, by, hashes })
  if (!(await listErasures(db)).some((each) => each.erasure === erasure))
    await beginErasure(db, { erasure, at, by, hashes })
  if (subjects.length > 0) {
    await withLock(locks(db), 'publish', async () => {
      await completeDead(db)
      await eraseFromStore(db, erasure, subjects)
    })
    await emptyAudit(db, subjects, async (entries) =>
      note?.({ deed: 'audit_empty', by, erasure, detail: { entries } }),
    )
    await eraseBeside(db, subjects, life)
    await keepWeeks(db)
    // stages of weeks that were made anew may have named them
    for (const table of ['weekly_visits', 'weekly_moves', 'weekly_ends']) await dropOldParts(db, table)
    const { found: left } = await searchAll(db, subjects)
    if (!isNothing(left))
      throw new Error(
        `The erasure is not complete, and will be tried again: ${Object.entries(left)
          .filter(([, n]) => n > 0)
          .map(([place, n]) => `${place} (${n})`)
          .join(', ')} came in meanwhile.`,
      )
  }
  await note?.({ deed: 'erase', by, erasure, detail: { hashes, found } })
  await endErasure(db, { erasure, at, by, hashes }, found)
  await rm(pendingFile(db, erasure), { force: true })
}

/** The same people under every name by which a case may be stored. */
async function namedOf(db: Db, asked: readonly Subject[]): Promise<Subject[]> {
  const named = await Promise.all(
    asked.map(async ({ source, case_id }) =>
      (await namesOfCase(db.dataDir, source, case_id)).map((name) => ({ source, case_id: name })),
    ),
  )
  return named.flat()
}

const isNothing = (found: Found): boolean => Object.values(found).every((n) => n === 0)

/** How much is held of these people, by place. */
async function searchAll(db: Db, subjects: readonly Subject[]): Promise<{ found: Found; life?: Life }> {
  if (subjects.length === 0) return { found: {} }
  const { found, life } = await searchStore(db, subjects)
  const searched = searching(db, subjects)
  for (const { file, lines } of await filesNaming(db, searched)) {
    const place = `files in ${path.relative(db.dataDir, file).split(path.sep)[0]}`
    found[place] = (found[place] ?? 0) + (lines ?? 1)
  }
  const reports = await reportsAbout(db.dataDir, searched, life)
  if (reports.length > 0) found.reports = reports.length
  return { found, ...(life ? { life } : {}) }
}

async function eraseBeside(db: Db, subjects: readonly Subject[], life: Life | undefined): Promise<void> {
  const searched = searching(db, subjects)
  for (const named of await filesNaming(db, searched)) {
    const [place] = path.relative(db.dataDir, named.file).split(path.sep)
    if (place === 'push') await loadWaiting(db)
    else if (place === 'answers') await eraseAnswers(db.dataDir, named, searched)
    else await eraseFrom(named, searched)
  }
  await eraseReports(db.dataDir, await reportsAbout(db.dataDir, searched, life))
}

/** Files that name them, beside the archive of reports. */
async function filesNaming(db: Db, searched: Searched): Promise<Named[]> {
  const sources = findConfig(db.dataDir)?.sources ?? []
  const watched = sources.flatMap((source) => (source.kind === 'folder' ? [source.path] : []))
  const archive = path.join(db.dataDir, 'reports', 'archive') + path.sep
  const found: Named[] = []
  for (const file of await filesBeside(db.dataDir, watched)) {
    const named = file.startsWith(archive) ? undefined : await search(file, searched)
    if (named) found.push(named)
  }
  return found
}

function searching(db: Db, subjects: readonly Subject[]): Searched {
  const ids = subjects.map(({ case_id }) => case_id)
  return {
    names: namesOneOf(ids),
    inParquet: (file) => inParquet(db, file, ids),
  }
}

const pendingFile = (db: Db, erasure: string): string => path.join(db.dataDir, 'erasing', `${erasure}.json`)

async function pendingOnes(db: Db): Promise<Pending[]> {
  const folder = path.join(db.dataDir, 'erasing')
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return []
    throw error
  })
  const whole = names.filter((name) => /^[0-9a-f-]{36}\.json$/.test(name))
  return Promise.all(
    whole.map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as Pending),
  )
}
