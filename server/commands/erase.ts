import { userInfo } from 'node:os'
import { openAudit } from '../../sql/audit.ts'
import type { Subject } from '../../sql/privacy/subjects.ts'
import { listErasures } from '../../sql/privacy/tombstones.ts'
import { noteErasure } from '../audit/noteErasure.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { readCaseName } from '../privacy/caseName.ts'
import { applyErasures, type Erased, erase } from '../privacy/erase.ts'
import { readCaseFile } from './caseFile.ts'

export type EraseFlags = {
  case?: string[]
  cases?: string
  list?: boolean
  dryRun?: boolean
  json?: boolean
}

/** Erases cases everywhere, shows what would go, or lists what was erased. An erasure that was interrupted is completed first. */
export async function eraseCommand(env: Env, { json = false, dryRun = false, ...flags }: EraseFlags) {
  const subjects = flags.list ? [] : await subjectsOf(flags)
  const db = await openStore(env)
  try {
    if (flags.list) {
      const erasures = await listErasures(db)
      if (json) return print(JSON.stringify({ erasures }))
      for (const { erasure, at, by, hashes, done_at } of erasures)
        print(
          `${at}  ${erasure}  ${hashes.length} by ${by}  ${done_at === null ? 'not complete' : `done ${done_at}`}`,
        )
      if (erasures.length === 0) print('Nobody was erased yet.')
      return
    }
    const note = noteErasure(openAudit(db))
    if (!dryRun) await applyErasures(db, note)
    const erased = await erase(db, subjects, { by: userInfo().username, dryRun, note })
    print(json ? JSON.stringify(erased) : sentence(erased))
  } finally {
    await db.close()
  }
}

const print = (line: string) => void process.stdout.write(`${line}\n`)

function sentence({ erasure, hashes, found, dry_run }: Erased): string {
  const places = Object.entries(found).filter(([, n]) => n > 0)
  const lines = places.map(([place, n]) => `${String(n).padStart(8)}  ${place}`)
  const what = dry_run ? 'Would be erased (nothing was changed)' : `Erased (proof ${erasure})`
  return [`${what}: ${hashes.length} ${hashes.length === 1 ? 'case' : 'cases'}`, ...lines].join('\n')
}

async function subjectsOf({ case: given = [], cases }: EraseFlags): Promise<Subject[]> {
  const named = given.map(readCaseName)
  const subjects = [...named, ...(cases === undefined ? [] : await readSubjects(cases))]
  if (subjects.length === 0)
    throw new StartError(
      'Say whom with --case SOURCE/ID, or with --cases and a CSV file with the columns source and case_id.',
    )
  return subjects
}

/** A CSV file with the columns source and case_id. */
const readSubjects = async (file: string): Promise<Subject[]> =>
  (await readCaseFile(file, ['source', 'case_id'])).map((cell) => ({
    source: cell('source') ?? '',
    case_id: cell('case_id') ?? '',
  }))
