import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Db } from '../sql/db.ts'
import { isAddress, withDownload } from './download.ts'
import { type LoadRequest, type LoadResult, load, type Progress } from './load.ts'
import { LoadError } from './loadError.ts'
import { loadMapping, type Mapping } from './mapping.ts'
import { shownAddress } from './sources/httpDownload.ts'

export type IngestOptions = Omit<LoadRequest, 'file' | 'mapping' | 'onProgress'> & {
  /** A shipped mapping's name, the path of a .json file, or a mapping. */
  mapping: string | Mapping
  onProgress?: ((progress: Progress, file: string) => void) | undefined
}

/** What one file came to: the line that `ingest --json` prints. */
export type Ingested = Pick<
  LoadResult,
  'load_id' | 'source' | 'read' | 'accepted' | 'rejected' | 'duplicates' | 'corrected'
> & { seconds: number; rows_per_second: number }

const extensions = /\.(csv|tsv|txt|ndjson|jsonl|json|parquet|xes|xml)(\.(gz|zst))?$/i

/**
 * Loads one file, what an http(s) address answers with, or every data file of a folder in the order of their names. Stops at the
 * first file that fails, with its LoadError; the files before it stay loaded.
 */
export async function ingest(db: Db, target: string, options: IngestOptions): Promise<Ingested[]> {
  const { mapping: wanted, onProgress, ...request } = options
  const mapping = typeof wanted === 'string' ? await loadMapping(wanted) : wanted
  if (isAddress(target)) {
    if (mapping.format === 'gtfs-rt')
      throw new LoadError(
        'GTFS-Realtime is loaded from a folder of snapshots with their schedule, not from an address.',
      )
    const shown = shownAddress(new URL(target))
    const told: IngestOptions['onProgress'] = (progress) => onProgress?.(progress, shown)
    return withDownload(db.dataDir, target, request.signal, (file) =>
      ingest(db, file, { ...request, mapping, onProgress: told }),
    )
  }
  // snapshots of one feed belong together: a folder of them is one load
  const files = mapping.format === 'gtfs-rt' ? [target] : await filesOf(target)
  const results: Ingested[] = []
  for (const file of files) {
    const started = performance.now()
    const result = await named(file, files.length > 1, () =>
      load(db, { ...request, file, mapping, onProgress: (progress) => onProgress?.(progress, file) }),
    )
    const seconds = (performance.now() - started) / 1000
    const { load_id, source, read, accepted, rejected, duplicates, corrected } = result
    results.push({
      ...{ load_id, source, read, accepted, rejected, duplicates, corrected },
      seconds: Math.round(seconds * 1000) / 1000,
      rows_per_second: Math.round(read / Math.max(seconds, 0.001)),
    })
  }
  return results
}

async function filesOf(target: string): Promise<string[]> {
  const found = await stat(target).catch(() => {
    throw new LoadError(`The file or folder ${target} does not exist or may not be read.`)
  })
  if (!found.isDirectory()) return [target]
  const names = (await readdir(target))
    .filter((name) => extensions.test(name) && !name.startsWith('.'))
    .sort()
  if (names.length === 0)
    throw new LoadError(
      `The folder ${target} holds no data files (csv, tsv, ndjson, json, parquet, xes, xml, or gzip or zstd of them).`,
    )
  return names.map((name) => path.join(target, name))
}

/** In a folder the sentence has to say which file it is about. */
async function named<T>(file: string, several: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const name = path.basename(file)
    if (!several || !(error instanceof LoadError) || error.message.includes(name)) throw error
    throw new LoadError(`${name}: ${error.message}`, { cause: error })
  }
}
