import { resolve } from 'node:path'
import { namesOfCase, rotatePseudonyms } from '../../pipelines/privacy/pseudonyms.ts'
import { listErasures } from '../../sql/privacy/tombstones.ts'
import type { Env } from '../env.ts'
import { configOrNone, openStore } from '../open.ts'
import { readCaseName } from '../privacy/caseName.ts'
import { recordOf } from '../privacy/record.ts'
import { recordHtml, recordMarkdown } from '../privacy/recordText.ts'

export type RecordFormat = 'markdown' | 'html' | 'json'

/** Prints the record of processing. */
export async function recordCommand(env: Env, format: RecordFormat): Promise<void> {
  const db = await openStore(env)
  try {
    const record = recordOf(configOrNone(db.dataDir), await listErasures(db))
    const written = {
      markdown: recordMarkdown,
      html: recordHtml,
      json: (all: object) => `${JSON.stringify(all)}\n`,
    }
    process.stdout.write(written[format](record))
  } finally {
    await db.close()
  }
}

/** Prints the names of a case, one a line. The store is not needed for it. */
export async function namesCommand(env: Env, given: string): Promise<void> {
  const { source, case_id } = readCaseName(given)
  for (const name of await namesOfCase(resolve(env.CLEARWAY_DATA), source, case_id))
    process.stdout.write(`${name}\n`)
}

export async function rotateCommand(env: Env): Promise<void> {
  const version = await rotatePseudonyms(resolve(env.CLEARWAY_DATA))
  process.stdout.write(
    `New cases are named with key ${version}. Keep pseudonyms.key of the data folder with the backups: without it no case is known again.\n`,
  )
}
