import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openAudit, readHeads } from '../../sql/audit.ts'
import { auditExport, verifyAudit } from '../../sql/auditRead.ts'
import type { Db } from '../../sql/db.ts'
import { readJurisdiction } from '../../sql/reference.ts'
import { readHeadsFile, writeHeadsFile } from '../audit/heads.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { parquetSettings } from '../parquetRows.ts'
import { faultSentence } from '../words/deeds.ts'
import { byCommand } from './actor.ts'

/** Walks all chains of the audit. Fails when an entry is not as it was written, and names it. */
export async function verifyAuditCommand(
  env: Env,
  { json = false, head }: { json?: boolean; head?: string },
): Promise<void> {
  const db = await openStore(env)
  try {
    const seen = head === undefined ? [] : await readHeadsFile(head)
    // read first: what is written meanwhile is behind them
    const heads = await readHeads(db)
    const verified = await verifyAudit(db, seen)
    if (json) print(JSON.stringify(verified))
    else for (const fault of verified.faults) print(faultSentence(fault))
    const [first] = verified.faults
    if (first) throw new StartError(`The audit is not whole. ${faultSentence(first)}`)
    if (head !== undefined) await writeHeadsFile(resolve(head), heads, verified.entries)
    if (json) return
    const { entries, chains, emptied } = verified
    print(
      `The audit is whole: ${entries} entries in ${chains} chains${emptied > 0 ? `, ${emptied} of them emptied by erasures` : ''}.`,
    )
    if (head !== undefined)
      print(`${head} holds ${heads.length} heads now: keep it where nobody who can change the store can.`)
  } finally {
    await db.close()
  }
}

const auditFormats = { csv: 'CSVWithNames', ndjson: 'JSONEachRow', parquet: 'Parquet' } as const
export type ExportFlags = { format: keyof typeof auditFormats; out: string; from?: string; until?: string }

/** Writes the entries of a period into a file, whole or not at all. Noted before. */
export async function exportAuditCommand(env: Env, { format, out, from, until }: ExportFlags): Promise<void> {
  const db = await openStore(env)
  try {
    const file = resolve(out)
    if (!existsSync(dirname(file)))
      throw new StartError(
        `The folder ${dirname(file)} does not exist: make it first, or name another file with --out.`,
      )
    await openAudit(db).note({
      ...{ actor: byCommand('audit export'), deed: 'audit_export' },
      detail: { format, ...(from && { from }), ...(until && { until }) },
    })
    const aside = `${file}.${process.pid}.part`
    try {
      await writeEntries(db, aside, { format, from, until })
      await rename(aside, file)
    } catch (error) {
      await rm(aside, { force: true })
      throw error
    }
    print(`Written: ${file}`)
  } finally {
    await db.close()
  }
}

async function writeEntries(
  db: Db,
  file: string,
  {
    format,
    from,
    until,
  }: Pick<ExportFlags, 'format'> & { from?: string | undefined; until?: string | undefined },
): Promise<void> {
  const { query, query_params } = auditExport({ from, until, zone: (await readJurisdiction(db)).time_zone })
  const { stream } = await db.exec({
    query: `${query.trimEnd()} FORMAT ${auditFormats[format]}`,
    query_params,
    ...(format === 'parquet' && { clickhouse_settings: parquetSettings }),
  })
  await pipeline(stream, createWriteStream(file, { mode: 0o600 }))
}

const print = (line: string) => void process.stdout.write(`${line}\n`)
