import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import type { SourceConfig } from '../../sql/sourceConfig.ts'
import type { LoadResult } from '../load.ts'
import { loadMapping, type Mapping } from '../mapping.ts'
import { mayPass, type RunningLoads } from './running.ts'
import { patience } from './source.ts'

export type Delivery = {
  config: SourceConfig
  file: string
  signal: AbortSignal
  /** Instead of what the mapping says, when it leaves the format open. */
  format?: Mapping['format'] | undefined
  /** Told of every try that failed and will be made again. */
  onTrouble: (reason: string) => void
}

/** Loads one file as its source is configured. The mapping is read anew for each file, so that a mended one counts at once. */
export async function deliverOnce(
  db: Db,
  running: RunningLoads,
  { config, file, signal, format }: Omit<Delivery, 'onTrouble'>,
): Promise<LoadResult> {
  const { service, source, stream, max_rejected_share } = config
  const isFile = config.mapping.endsWith('.json')
  const known = await loadMapping(isFile ? path.resolve(db.dataDir, config.mapping) : config.mapping)
  const mapping = format && known.format === 'auto' ? { ...known, format } : known
  const request = { file, mapping, service, source, stream, maxRejectedShare: max_rejected_share, signal }
  return running.run(db, request)
}

/**
 * Loads one file as its source is configured, and tries again as long as that may help. Throws the failure that is final (a LoadError is
 * for people), or the signal's reason.
 */
export async function deliver(
  db: Db,
  running: RunningLoads,
  { onTrouble, ...delivery }: Delivery,
): Promise<LoadResult> {
  const { signal } = delivery
  for (let tries = 1; ; tries++) {
    try {
      return await deliverOnce(db, running, delivery)
    } catch (error) {
      signal.throwIfAborted()
      if (!mayPass(error, tries)) throw error
      onTrouble(error instanceof Error ? error.message : String(error))
      await wait(patience(tries), undefined, { signal })
    }
  }
}
