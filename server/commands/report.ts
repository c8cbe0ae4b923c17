import { createReadStream, existsSync } from 'node:fs'
import { copyFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openAudit } from '../../sql/audit.ts'
import type { Db } from '../../sql/db.ts'
import { filters as filtersSchema } from '../../sql/filters.ts'
import { readMeta } from '../../sql/meta.ts'
import { isReportId, type ReportFormat, reportIds } from '../../sql/reportIds.ts'
import { type Env, StartError } from '../env.ts'
import { configOrNone, openStore } from '../open.ts'
import { openArchive } from '../reports/archive.ts'
import { checked } from '../reports/asked.ts'
import type { MadeReport, ReportFile, ReportOptions, ReportRequest } from '../reports/content.ts'
import { aboutName, hasAbout } from '../reports/delivery/bytes.ts'
import { makeReport } from '../reports/makeReport.ts'
import { ReportError } from '../reports/reportError.ts'
import { formatBytes, formatPeriod } from '../words/format.ts'
import { byCommand } from './actor.ts'

export type RunFlags = {
  format?: ReportFormat
  out?: string
  from?: string
  until?: string
  compare?: 'previous' | 'year' | 'none'
  service?: string[]
  department?: string[]
  district?: string[]
  channel?: string[]
  team?: string[]
  json?: boolean
} & ReportOptions

/** Makes one report and writes its file. */
export async function runCommand(env: Env, id: string, flags: RunFlags): Promise<void> {
  const { out, json = false } = flags
  const db = await openStore(env)
  try {
    const request = await requestOf(db, id, flags)
    const say = (line: string) => process.stderr.write(`${line}\n`)
    say(`Making ${id} as ${request.format}, ${formatPeriod(request.filters)}`)
    const detail = { format: request.format, ...request.filters }
    await openAudit(db).note({ actor: byCommand('report run'), deed: 'report_make', object: id, detail })
    const started = performance.now()
    const config = () => configOrNone(db.dataDir)
    const archive = openArchive(db.dataDir)
    const made = await makeReport(
      // kept too, so that its checksum can be verified
      {
        ...{ db, env, config },
        archive: async (file, about) => handedOver(await archive.keep(file.path, about), out),
      },
      request,
    )
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const beside = await besideIt(made, out)
    const { message: _, ...told } = made
    if (json && out !== '-') process.stdout.write(`${JSON.stringify(told)}\n`)
    const where =
      out === '-' ? 'Written' : `${made.file.path}${beside ? `, and what to know of it in ${beside}` : ''}`
    say(`${where}: ${formatBytes(made.file.bytes)} in ${seconds} s`)
    say(`Checksum of the figures ${made.figures_sha256}`)
    say(made.title)
  } finally {
    await db.close()
  }
}

/** What is asked for, with the last full month of the data unless told otherwise. */
async function requestOf(db: Db, id: string, flags: RunFlags): Promise<ReportRequest> {
  const { table, stage, also, state, sort, kpi, against, raw } = flags
  const given = { table, stage, also, state, sort, kpi, against, raw }
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const format = flags.format ?? (isReportId(id) ? reportIds[id].formats[0] : 'pdf')
  const { held } = await readMeta(db)
  const now = held ?? { default_from: '1970-01-01', default_until: '1970-01-02' }
  const chosen = filtersSchema.safeParse({
    ...flags,
    from: flags.from ?? (flags.until ? held?.from : now.default_from),
    until: flags.until ?? (flags.from ? held?.until : now.default_until),
  })
  if (!chosen.success) {
    const [issue] = chosen.error.issues
    throw new ReportError(`--${issue?.path.join('.')} ${issue?.message}.`)
  }
  const { from = now.default_from, until = now.default_until } = chosen.data
  const request = { report: id, format, options, filters: { ...chosen.data, from, until } }
  checked(request)
  return request
}

/** Where people want the file: at --out, or by its own name in the folder they work in; whole or not at all. */
async function handedOver(file: ReportFile, out: string | undefined): Promise<ReportFile> {
  if (out === '-') {
    await pipeline(createReadStream(file.path), process.stdout, { end: false })
    return file
  }
  const path = await placeOf(file.name, out)
  const aside = `${path}.${process.pid}.part`
  try {
    await copyFile(file.path, aside)
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw new StartError(`${path} cannot be written: ${error instanceof Error ? error.message : error}.`)
  }
  return { ...file, path }
}

async function placeOf(name: string, out = '.'): Promise<string> {
  const target = resolve(out)
  const found = await stat(target).catch(() => undefined)
  if (found?.isDirectory()) return join(target, name)
  if (!existsSync(dirname(target)))
    throw new StartError(
      `The folder ${dirname(target)} does not exist: make it first, or name another file with --out.`,
    )
  return target
}

/** A format that holds one table and nothing else gets its head block beside it. */
async function besideIt(
  { file, message, request }: MadeReport,
  out: string | undefined,
): Promise<string | null> {
  if (out === '-' || !hasAbout(`.${request.format}`)) return null
  const path = aboutName(file.path)
  await writeFile(path, message.text)
  return path
}
