import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { ClickHouseError } from '@clickhouse/client'
import type { Db } from '../sql/db.ts'
import { countErased } from '../sql/privacy/tombstones.ts'
import { rowsOf } from '../sql/rowsOf.ts'
import { checkFile, hashFile, statFile } from './check.ts'
import { classify } from './classify.ts'
import { resolveColumns } from './columns.ts'
import { type DryRunReport, dryRunReport } from './dryRun.ts'
import { factTables } from './facts.ts'
import { keyFile } from './keyFile.ts'
import { clock, type LedgerEntry, openEntry, readEntry, writeEntry } from './ledger.ts'
import { HalfPublishedError, LoadError } from './loadError.ts'
import { withLock } from './lock.ts'
import { isTimeZone, type Mapping } from './mapping.ts'
import { startsStandFor, tellsOnlyStarts } from './onlyStarts.ts'
import { isErased, keepRejected, loadTables, type Plan, planLoad } from './plan.ts'
import { erasureKey } from './privacy/erasureKey.ts'
import { namingOf } from './privacy/pseudonyms.ts'
import { locks, publish, publishHeld, spoolOf } from './publish.ts'
import { completeDead } from './recover.ts'
import { dropLoadTables, stageFile } from './stage.ts'
import type { StreamName } from './streams.ts'

export type Phase = 'checking' | 'loading' | 'publishing'

/** How far a load is: `done` and `total` in bytes, rows as far as they are known. */
export type Progress = { phase: Phase; done: number; total: number; rows: number }

export type LoadRequest = {
  file: string
  mapping: Mapping
  /** The system the rows come from, where the file names none. */
  source?: string | undefined
  /** The service of rows that name none; must be known. */
  service?: string | undefined
  stream?: StreamName | undefined
  /** Instead of the mapping's time zone. */
  zone?: string | undefined
  /** Reports what a load would do and stores nothing. */
  dryRun?: boolean | undefined
  /** Above this share of rejected rows nothing is published; 0.05 when not given. */
  maxRejectedShare?: number | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  /** Told the id as soon as it is known. */
  onStart?: ((loadId: string) => void) | undefined
  signal?: AbortSignal | undefined
  /** The moment the load happens: what lies more than a day after it is the future. */
  now?: Date | undefined
  chunkBytes?: number | undefined
}

export type LoadResult = {
  load_id: string
  stream: StreamName
  source: string
  state: 'done' | 'dry_run'
  read: number
  accepted: number
  rejected: number
  duplicates: number
  corrected: number
  facts: number
  /** Of a dry run, unless the file was loaded before. */
  report?: DryRunReport
}

type FileState = { size: number; mtimeMs: number }
type Counts = Pick<LedgerEntry, 'read' | 'accepted' | 'rejected' | 'duplicates' | 'corrected' | 'facts'>

const noCounts: Counts = { read: 0, accepted: 0, rejected: 0, duplicates: 0, corrected: 0, facts: 0 }

/**
 * Takes one file into one stream, once. Checks it, stages it, compares it with what is held, and makes it visible in one
 * step; whatever dies in between, the same load begun again completes exactly. Throws LoadError with one sentence for people;
 * then nothing of the file is visible.
 */
export async function load(db: Db, request: LoadRequest): Promise<LoadResult> {
  const mapping = forRequest(request)
  const before = await statFile(request.file)
  const sha = await hashFile(request.file)
  const source = sourceOf(request, mapping)
  const loadId = identify(sha, mapping, source, request)
  request.onStart?.(loadId)
  const run = new Load(db, request, mapping, loadId, sha, source)
  return withLock(locks(db), `load-${loadId}`, () => run.run(before))
}

/** The id under which bytes with this SHA-256 are loaded. */
export function loadIdOf(sha: string, request: LoadRequest): string {
  const mapping = forRequest(request)
  return identify(sha, mapping, sourceOf(request, mapping), request)
}

const sourceOf = (request: LoadRequest, mapping: Mapping): string =>
  request.source ?? mapping.source ?? baseName(request.file)

/** The same bytes, read the same way, are the same load. */
function identify(sha: string, mapping: Mapping, source: string, request: LoadRequest): string {
  const parts = [sha, JSON.stringify(mapping), source, request.service ?? '', request.stream ?? '']
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function forRequest({ mapping, zone, service }: LoadRequest): Mapping {
  if (zone !== undefined && !isTimeZone(zone))
    throw new LoadError(`"${zone}" is not a known time zone. Write it like Europe/London.`)
  const constants =
    service !== undefined && mapping.constants.service !== undefined
      ? { ...mapping.constants, service }
      : mapping.constants
  return { ...mapping, constants, zone: zone ?? mapping.zone }
}

class Load {
  #entry: LedgerEntry | undefined

  constructor(
    readonly db: Db,
    readonly request: LoadRequest,
    readonly mapping: Mapping,
    readonly loadId: string,
    readonly sha: string,
    readonly source: string,
  ) {}

  async run(before: FileState): Promise<LoadResult> {
    const earlier = await readEntry(this.db, this.loadId)
    try {
      if (earlier?.state === 'done') {
        await dropLoadTables(this.db, this.loadId)
        return finishedBefore(earlier)
      }
      if (earlier?.state === 'publishing') {
        this.#entry = earlier
        const entry = await publish(this.db, earlier)
        return this.request.dryRun ? finishedBefore(entry) : resultOf(entry)
      }
      return await this.#take(before)
    } catch (error) {
      const failure = this.#explain(error)
      // when even this fails the next start, or the next try, undoes the load
      await this.#undo(failure).catch(() => {})
      throw failure
    } finally {
      await rm(spoolOf(this.db, this.loadId), { recursive: true, force: true })
    }
  }

  async #take(before: FileState): Promise<LoadResult> {
    const { db, request, mapping, loadId } = this
    const report = (phase: Phase, done: number, total: number, rows: number): void =>
      request.onProgress?.({ phase, done, total, rows })
    const service = await this.#service()
    await this.#open(before.size, service?.id ?? '')
    const spoolDir = spoolOf(db, loadId)
    await rm(spoolDir, { recursive: true, force: true })
    await mkdir(spoolDir, { recursive: true })
    const file = await checkFile(request.file, {
      mapping,
      spoolDir,
      ...(request.chunkBytes ? { chunkBytes: request.chunkBytes } : {}),
      onBytes: (done, total) => report('checking', done, total, 0),
      signal: request.signal,
    })
    const columns = resolveColumns(file, mapping, request.stream)
    const erased = await countErased(db)
    const planned = {
      version: db.version,
      loadId,
      loadNo: this.#entry?.load_no ?? 1,
      mapping,
      zone: mapping.zone,
      source: this.source,
      service: service?.id ?? '',
      services: [
        ...(await knownServices(db)),
        ...[...(service ? [service] : []), ...mapping.services].map(({ id }) => id),
      ],
      respondentKey: await keyFile(db.dataDir, 'respondents.key', 16),
      erasureKey: erased > 0 ? await erasureKey(db.dataDir) : undefined,
      naming: await namingOf(db),
      now: request.now ?? new Date(),
    }
    let plan = planLoad(file, columns, planned)
    await this.#write({ state: 'staging', stream: columns.stream })
    const stage = (atOnce: number) =>
      stageFile(db, file, plan, {
        loadId,
        atOnce,
        onRows: (rows, done) => report('loading', done, file.bytes, rows),
        signal: request.signal,
      })
    await stage(2)
    if (mapping.whole_log && (await tellsOnlyStarts(db, loadId))) {
      plan = planLoad(file, columns, { ...planned, mapping: startsStandFor(mapping) })
      await stage(2)
    }
    const options = { loadId, stream: columns.stream, ownSeq: plan.ownSeq, wide: columns.events.length > 0 }
    const inFileOrder = columns.stream === 'case_events' && !plan.ownSeq
    if (!inFileOrder && file.chunks.length > 1 && (await hasRepeatedKeys(db, loadId, columns.stream)))
      await stage(1)
    const after = await statFile(request.file)
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      throw new LoadError(
        `The file ${path.basename(request.file)} changed while it was loaded. Load it again.`,
      )
    const rejected = await countRows(db, loadTables(loadId).rejects)
    await this.#stopIfTooMany(plan, rejected, file.rows)
    report('publishing', 0, 1, file.rows)
    const judge = async (): Promise<{ counts: Counts; table: string }> => {
      const { table, ...verdict } = await classify(db, options)
      const counts = { ...verdict, rejected, read: file.rows, facts: table ? await countRows(db, table) : 0 }
      if (counts.accepted + counts.rejected + counts.duplicates !== counts.read)
        throw new LoadError(
          `The rows do not add up: ${counts.read} in the file, but ${counts.accepted} accepted, ${rejected} rejected and ${counts.duplicates} duplicates. Nothing was published.`,
        )
      return { counts, table }
    }
    if (request.dryRun) {
      const { counts } = await judge()
      const report = await dryRunReport(db, loadId, columns.stream, plan.rules)
      await dropLoadTables(db, loadId)
      const about = { load_id: loadId, stream: columns.stream, source: this.source }
      return { ...about, state: 'dry_run', ...counts, report }
    }
    const published = await withLock(locks(db), 'publish', async () => {
      request.signal?.throwIfAborted()
      await completeDead(db)
      if ((await countErased(db)) !== erased) return undefined
      const { counts, table } = await judge()
      await this.#keepRejected(plan)
      if (service) await register(db, service)
      if (table && mapping.services.length > 0) {
        const used = await rowsOf<{ service: string }>(db, `SELECT DISTINCT service FROM ${table}`)
        for (const declared of mapping.services)
          if (used.some((row) => row.service === declared.id)) await register(db, declared)
      }
      const times = table ? await timesOf(db, columns.stream, table) : { first_time: null, last_time: null }
      const entry = await this.#write({ state: 'publishing', ...counts, ...times })
      if (!entry) throw new Error('A load without an entry cannot be published.')
      return resultOf(await publishHeld(db, entry))
    })
    // somebody was erased while the file was staged, and may be in it
    return published ?? this.#take(before)
  }

  /** The service that rows get when they name none. */
  async #service(): Promise<Service | undefined> {
    const { request, mapping } = this
    const known = await knownServices(this.db)
    const named = request.service
    if (named !== undefined && !known.includes(named) && !declares(mapping, named))
      throw new LoadError(
        `There is no service "${named}". ${known.length > 0 ? `Known services: ${known.join(', ')}.` : 'Declare it in clearway.config.json first.'}`,
      )
    const declared = mapping.service
    if (declared !== undefined && declared !== 'file' && (named === undefined || declares(mapping, named)))
      return declared
    if (named !== undefined) return { id: named, name: named, department: '', closes: 'stop' }
    if (declared === 'file') {
      const id = baseName(request.file)
      return { id, name: titleCase(id), department: '', closes: 'last_event' }
    }
    return undefined
  }

  async #open(bytes: number, service: string): Promise<void> {
    if (this.request.dryRun) return
    this.#entry = await openEntry(this.db, locks(this.db), {
      ...noCounts,
      load_id: this.loadId,
      stream: this.request.stream ?? this.mapping.stream ?? 'case_events',
      source: this.source,
      mapping: this.mapping.name,
      service,
      file_name: path.basename(this.request.file),
      file_sha256: this.sha,
      bytes,
      state: 'checking',
      first_time: null,
      last_time: null,
      error: '',
      started_at: clock(this.request.now),
      finished_at: null,
    })
  }

  async #write(change: Partial<LedgerEntry>): Promise<LedgerEntry | undefined> {
    if (this.#entry) this.#entry = await writeEntry(this.db, this.#entry, change)
    return this.#entry
  }

  /** Too many rejected rows mean a wrong mapping more often than wrong rows: nothing of such a file is shown. */
  async #stopIfTooMany(plan: Plan, rejected: number, read: number): Promise<void> {
    const most = this.request.maxRejectedShare ?? 0.05
    if (rejected === 0 || this.request.dryRun) return
    // rows of people who were erased say nothing against the others
    const erased = await countErasedRows(this.db, this.loadId, plan)
    const wrong = rejected - erased
    if (wrong === 0 || (wrong < read - erased && wrong / (read - erased) <= most)) return
    await this.#keepRejected(plan)
    await this.#write({ read, rejected })
    const why = await commonReasons(this.db, this.loadId)
    throw new LoadError(
      `${rejected} of ${read} rows were rejected, more than the ${Math.round(most * 1000) / 10} % allowed, so nothing was published. Most common: ${why}`,
    )
  }

  /** In place of what an earlier try of the same file kept: meanwhile other rows may be right. */
  async #keepRejected(plan: Plan): Promise<void> {
    const { db, loadId } = this
    const ofLoad = `FROM rejected_rows WHERE load_id = '${loadId}'`
    if ((await rowsOf(db, `SELECT 1 ${ofLoad} LIMIT 1`)).length > 0)
      await db.command({ query: `DELETE ${ofLoad}` })
    await db.command({ query: keepRejected(loadId, plan.rules) })
  }

  /** What went wrong, as a sentence for people. */
  #explain(error: unknown): unknown {
    const isHalf = this.#entry?.state === 'publishing'
    if (this.request.signal?.aborted && !isHalf)
      return new LoadError('The load was cancelled; nothing of it was kept.')
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const again = isHalf ? 'Loading the file again completes it.' : 'Nothing of the file was stored.'
    const Failure = isHalf ? HalfPublishedError : LoadError
    if (isDiskFull(error))
      return new Failure(`The disk is full. ${again} Free some space and load the file again.`, {
        cause: Object.assign(new Error('The disk is full.', { cause: error }), { code: 'ENOSPC' }),
      })
    if (code === '241') return new Failure(`The engine ran out of memory. ${again}`, { cause: error })
    if (error instanceof ClickHouseError)
      return new Failure(
        `The engine could not take the file: ${this.#withoutPaths(error.message).slice(0, 500)} ${again}`,
        { cause: error },
      )
    if (!isHalf) return error
    const reason = error instanceof Error ? error.message : String(error)
    const what = this.#withoutPaths(reason).replace(/\.?$/, '.')
    return new Failure(`The load failed while it was published: ${what} ${again}`, { cause: error })
  }

  /** Where our folders are is nobody's business: a path is told as the name of the file. */
  #withoutPaths(message: string): string {
    const { file } = this.request
    return [file, this.db.dataDir].reduce((text, folder) => {
      const begin = path.resolve(folder).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return text.replace(new RegExp(`${begin}[^\\s'"\`,;:()]*`, 'g'), path.basename(file))
    }, message)
  }

  async #undo(error: unknown): Promise<void> {
    if (this.#entry?.state === 'publishing') return
    await dropLoadTables(this.db, this.loadId)
    const message = this.#withoutPaths(error instanceof Error ? error.message : String(error))
    const state = this.request.signal?.aborted ? 'cancelled' : 'failed'
    await this.#write({ state, error: message.slice(0, 2000), finished_at: clock() })
  }
}

type Service = Exclude<Mapping['service'], 'file' | undefined>

const declares = (mapping: Mapping, id: string): boolean =>
  mapping.service !== undefined && mapping.service !== 'file' && mapping.service.id === id

function resultOf(entry: LedgerEntry): LoadResult {
  const { load_id, stream, source, read, accepted, rejected, duplicates, corrected, facts } = entry
  return { load_id, stream, source, state: 'done', read, accepted, rejected, duplicates, corrected, facts }
}

/** The file was taken in before: every row is one more copy of what is there. */
function finishedBefore(entry: LedgerEntry): LoadResult {
  return { ...resultOf(entry), accepted: 0, rejected: 0, duplicates: entry.read, corrected: 0, facts: 0 }
}

/** Whether the engine or the system says that there is no room. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return ['243', 'ENOSPC'].includes(code) || error.message.includes('No space left on device')
}

async function knownServices(db: Db): Promise<string[]> {
  return (await rowsOf<{ id: string }>(db, 'SELECT id FROM services FINAL ORDER BY id')).map(({ id }) => id)
}

async function register(db: Db, service: Service): Promise<void> {
  if ((await knownServices(db)).includes(service.id)) return
  await db.insert({
    table: 'services',
    values: [{ ...service, calendar: '', means: '', version: 1 }],
    format: 'JSONEachRow',
  })
}

async function countRows(db: Db, table: string): Promise<number> {
  return (await rowsOf<{ rows: number }>(db, `SELECT count() AS rows FROM ${table}`))[0]?.rows ?? 0
}

/** Rows of one key whose order in the file decides which of them counts. */
async function hasRepeatedKeys(db: Db, loadId: string, stream: StreamName): Promise<boolean> {
  const { stage } = loadTables(loadId)
  const keys = factTables[stream].key.join(', ')
  const query = `SELECT 1 FROM ${stage} GROUP BY ${keys} HAVING count() > 1 LIMIT 1 SETTINGS optimize_aggregation_in_order = 1`
  return (await rowsOf(db, query)).length > 0
}

async function countErasedRows(db: Db, loadId: string, { rules }: Plan): Promise<number> {
  const [erased] = isErased(rules)
  if (erased === undefined) return 0
  const query = `SELECT count() AS rows FROM ${loadTables(loadId).rejects} WHERE ${erased}`
  return (await rowsOf<{ rows: number }>(db, query))[0]?.rows ?? 0
}

async function timesOf(db: Db, stream: StreamName, table: string) {
  const { time } = factTables[stream]
  const rows = await rowsOf<{ first_time: string; last_time: string; rows: number }>(
    db,
    `SELECT min(${time}) AS first_time, max(${time}) AS last_time, count() AS rows FROM ${table} WHERE NOT deleted`,
  )
  const found = rows[0]
  return found && found.rows > 0
    ? { first_time: found.first_time, last_time: found.last_time }
    : { first_time: null, last_time: null }
}

async function commonReasons(db: Db, loadId: string): Promise<string> {
  const rows = await rowsOf<{ reason: string; rows: number; first_line: number }>(
    db,
    `SELECT any(reason) AS reason, uniqExact(line) AS rows, min(line) AS first_line FROM rejected_rows
     WHERE load_id = {id: String} GROUP BY field, rule ORDER BY rows DESC, field LIMIT 3`,
    { id: loadId },
  )
  return rows
    .map(
      ({ reason, rows, first_line }) => `${reason.replace(/\.$/, '')} (${rows}, first on line ${first_line})`,
    )
    .join('; ')
    .concat('.')
}

/** `receipt` for `receipt.xes.gz`. */
function baseName(file: string): string {
  return path
    .basename(file)
    .replace(/(\.(csv|tsv|txt|ndjson|jsonl|json|parquet|xes|xml))?(\.(gz|zst))?$/i, '')
}

function titleCase(id: string): string {
  const words = id.replace(/[-_]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
