import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../../sql/db.ts'
import { readLog } from '../../sql/releaseLog.ts'
import { sentReports } from '../../sql/reportRuns.ts'
import { configOrNone } from '../open.ts'
import { releaseFolder } from '../releases/build.ts'
import { faultsOf, readManifest } from '../releases/manifest.ts'
import { publicPem, releaseKey } from '../releases/signing.ts'
import { byRelease, standingOf } from '../releases/state.ts'
import { openArchive } from '../reports/archive.ts'
import { sha256Of } from '../reports/delivery/bytes.ts'
import type { Finding } from './finding.ts'

/** Bodies that were acknowledged and wait to be loaded: whether they are there, and as they came. */
export async function damagedBodies({ dataDir }: Pick<Db, 'dataDir'>): Promise<Finding[]> {
  const folder = join(dataDir, 'push')
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
  const findings: Finding[] = []
  for (const name of names) {
    const problem = await problemOf(join(folder, name))
    // a running server may have loaded it meanwhile
    if (problem && existsSync(join(folder, name)))
      findings.push({
        subject: `push/${name}`,
        problem,
        remedy: 'Ask the sender to send it again, then remove this file.',
      })
  }
  return findings
}

async function problemOf(ticket: string): Promise<string | undefined> {
  let told: { format: string; sha256: string; source: string }
  try {
    told = JSON.parse(await readFile(ticket, 'utf8'))
  } catch {
    return 'how its body is to be loaded cannot be read, so it never will be'
  }
  const sha256 = await sha256Of(ticket.replace(/json$/, told.format))
  if (sha256 === told.sha256) return undefined
  return `the body from ${told.source} that was acknowledged is ${sha256 === undefined ? 'missing' : 'damaged'}`
}

/** Reports that were sent and should still be in the archive. */
export async function lostReports(db: Db): Promise<Finding[]> {
  const archive = openArchive(db.dataDir)
  const since = new Date(Date.now() - (configOrNone(db.dataDir).reports.keep_days - 1) * 86_400_000)
  const findings: Finding[] = []
  for (const { sha256, report, period_from, period_until, format } of await sentReports(db, since)) {
    const kept = await archive.open(sha256)
    const isWhole = kept !== undefined && (await sha256Of(kept.path)) === sha256
    if (isWhole) continue
    findings.push({
      subject: `report ${sha256.slice(0, 16)}`,
      problem: `the ${report} from ${period_from} until ${period_until} as ${format}, which was sent, is ${kept ? 'changed in' : 'missing from'} the archive`,
      remedy: 'Take it from a backup, or ask who received it: the checksum tells whether it is the same.',
    })
  }
  return findings
}

/** Releases whose folder is not what was signed, or is not there. */
export async function changedReleases(db: Db, secret: string | undefined): Promise<Finding[]> {
  const standings = [...byRelease(await readLog(db)).values()].map(standingOf)
  const shown = standings.filter(({ state }) => state !== 'withdrawn')
  if (shown.length === 0) return []
  const pem = publicPem(await releaseKey(db.dataDir, secret))
  const findings: Finding[] = []
  for (const { id, manifest } of shown) {
    const folder = releaseFolder(db.dataDir, id)
    const now = await readManifest(folder)
    const faults =
      now && now.sha256 !== manifest
        ? ['manifest.json is not the one that was approved']
        : await faultsOf(folder, pem)
    for (const fault of faults)
      findings.push({
        subject: `release ${id}`,
        problem: existsSync(folder) ? fault : 'its folder is missing',
        remedy: `Make it again from what was frozen: clearway release rebuild ${id}.`,
      })
  }
  return findings
}
