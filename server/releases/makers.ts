import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Env } from '../env.ts'
import { siteFeeds } from '../openData/siteFeeds.ts'
import type { Made, Makers } from './desk.ts'
import { freeze } from './freeze.ts'
import { compareReleases, revisionSize } from './ledger.ts'
import { make, pages } from './make.ts'
import { ReleaseError } from './releaseError.ts'

type Answer = { made: Made } | { name: string; message: string }

/** What releases are made by: figures from the store, small numbers hidden, then pages and data from what is left. */
export const makersOf = (env: Env): Makers => ({
  freeze,
  make: (db, id) => {
    const apart = fileURLToPath(new URL('./release-maker.js', import.meta.url))
    // run from its sources there is no process to start
    return existsSync(apart) ? makeIn(apart, { ...env, CLEARWAY_DATA: db.dataDir }, id) : make(db, id)
  },
  siteFiles: async (site) => [...(await pages()).renderSite(site), ...siteFeeds(site)],
  compare: compareReleases,
  revisionSize,
})

/** Has another process make it, which ends with this one. */
function makeIn(program: string, env: Env, id: string): Promise<Made> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.once('message', (answer: Answer) => {
      if ('made' in answer) resolve(answer.made)
      else reject(wordsFor(answer))
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`The process that makes release ${id} ended with ${code}.`)),
    )
    child.send({ env, id })
  })
}

/** A refusal is for people, whichever process found it. */
const wordsFor = ({ name, message }: { name: string; message: string }): Error =>
  name === 'Error' || name === 'ExposedCellError'
    ? new ReleaseError(message)
    : Object.assign(new Error(message), { name })
