/** The only file that loads chDB. It must never run inside a server, a CLI or a test worker: a native crash ends the process. */
import { createRequire } from 'node:module'
import type { Session } from 'chdb'

type Chdb = typeof import('chdb')
type Addon = {
  InsertRawAsyncConnection(
    connection: unknown,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<{ rowsWritten: number; bytesWritten: number }>
}

export type { Session }

const require = createRequire(import.meta.url)

export const chdb = require('chdb') as Chdb

const addon = createRequire(require.resolve('chdb'))('./dist/loader.js') as { loadNative(): Addon }

/**
 * Runs an INSERT of any form and returns the rows written, those of materialized views included. chDB's public calls
 * count them only for some forms; the native call beneath them counts all.
 */
export async function runInsert(session: Session, sql: string): Promise<number> {
  const native = addon.loadNative()
  const result = await native.InsertRawAsyncConnection(session.connection, sql, Buffer.from('\n'), false)
  return result.rowsWritten
}
