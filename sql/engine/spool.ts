/** Files on their way in and out of the engine: bodies of INSERTs and results of queries, under `<data>/spool`. */
import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { EngineError } from './errors.ts'

/** The engine unpacks by the ending of a file name. */
const endings: Record<string, string> = { gzip: '.gz', zstd: '.zst', br: '.br', identity: '', '': '' }

export class Spool {
  /** Empties the folder: what is left in it belongs to requests of an engine that is gone. */
  constructor(readonly folder: string) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
  }

  /** A path nothing else uses, for the engine to write to. */
  path(ending = ''): string {
    return join(this.folder, `${randomUUID()}${ending}`)
  }

  /** Writes a request body to a file; undefined for an empty body. Rejects when the sender goes away half-way. */
  async receive(request: IncomingMessage): Promise<string | undefined> {
    const encoding = request.headers['content-encoding'] ?? ''
    const ending = endings[encoding]
    if (ending === undefined)
      throw new EngineError(1002, 'UNKNOWN_EXCEPTION', `Content-Encoding ${encoding} is not supported`)
    const path = this.path(ending)
    try {
      await pipeline(request, createWriteStream(path))
      if ((await stat(path)).size > 0) return path
      this.remove(path)
    } catch (error) {
      this.remove(path)
      throw error instanceof Error && 'code' in error && error.code === 'ENOSPC'
        ? new EngineError(243, 'NOT_ENOUGH_SPACE', 'The disk of the data folder is full')
        : error
    }
  }

  remove(path: string): void {
    rmSync(path, { force: true })
  }
}
