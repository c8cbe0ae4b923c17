import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../sql/config.ts'
import { type Db, dbEnv } from '../../sql/db.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import { apart, type Failure, type Limits } from '../apart.ts'
import type { Crew } from '../crew.ts'
import type { Env } from '../env.ts'
import { checked } from './asked.ts'
import type { MadeReport, ReportFile, ReportRequest } from './content.ts'
import { make } from './make.ts'
import { papers } from './papers.ts'
import { NotNowError, ReportError } from './reportError.ts'

/** Keeps the file for good, taken from where it lies now; `about` is what is kept beside it. */
export type Archive = (file: ReportFile, about: AboutFile) => Promise<ReportFile>
export type AboutFile = Pick<ReportFile, 'name' | 'media_type'> &
  Pick<MadeReport, 'figures_sha256' | 'as_of'> & {
    report: string
    from: string
    until: string
    made_at: string
  }

export type MakingDesk = {
  db: Db
  env: Env
  config: () => Config
  archive: Archive
  limits?: Limits
  /** Who makes them; without one a process is started for each. */
  crew?: Crew
  now?: () => Date
}

/** A brief needs 250 MB and a second; a list of a million cases as a spreadsheet 300 MB and a minute. */
const usual: Limits = { seconds: 600, megabytes: 1_000 }

/** Makes a report in a process of its own and lays its file into the archive. Throws a ReportError that says how to mend it. */
export async function makeReport(
  { db, env, config, archive, limits = usual, crew, now = () => new Date() }: MakingDesk,
  request: ReportRequest,
  stop?: AbortSignal,
): Promise<MadeReport> {
  checked(request)
  const making = join(db.dataDir, 'reports', 'making')
  const folder = join(making, randomUUID())
  await mkdir(folder, { recursive: true })
  try {
    await sweep(making, now().getTime() - 2 * limits.seconds * 1000)
    const program = fileURLToPath(new URL('./report-maker.js', import.meta.url))
    const given = config()
    const address = addressOf(given)
    const made = existsSync(program)
      ? await apart<MadeReport>(
          program,
          { env: dbEnv(env, db.dataDir), config: given, address, request, folder },
          { what: 'The report', limits, stop, crew, errorOf },
        )
      : // run from its sources there is no process to start
        await make({ db, config: given, address, paper: await papers() }, request, folder)
    const { from, until } = made.request.filters
    const { name, media_type } = made.file
    const { figures_sha256, as_of } = made
    const about = {
      name,
      media_type,
      figures_sha256,
      as_of,
      report: request.report,
      from,
      until,
      made_at: now().toISOString(),
    }
    return { ...made, file: await archive(made.file, about) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A refusal is for people, whichever process found it. */
export function errorOf({ name, message }: Failure): Error {
  switch (name) {
    case 'ReportError':
      return new ReportError(message)
    case 'NotNowError':
    case 'Ended':
      return new NotNowError(message)
    case 'TooMuch':
      return new ReportError(`${message}: choose a shorter period, fewer filters, or CSV.`)
    case 'UnknownIdError':
      return new UnknownIdError(message)
    default:
      return Object.assign(new Error(message), { name })
  }
}

/** Where people reach this server, without a slash at the end. */
export const addressOf = ({ feedback }: Config) => feedback.address ?? ''

/** Takes away what a server that died in the middle left behind. */
async function sweep(making: string, before: number): Promise<void> {
  for (const name of await readdir(making)) {
    const left = await stat(join(making, name)).catch(() => undefined)
    if (left && left.mtimeMs < before) await rm(join(making, name), { recursive: true, force: true })
  }
}
