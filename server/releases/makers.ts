import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dbEnv } from '../../sql/db.ts'
import { apart, type Failure } from '../apart.ts'
import type { Env } from '../env.ts'
import { siteFeeds } from '../openData/siteFeeds.ts'
import type { Made, Makers } from './desk.ts'
import { freeze } from './freeze.ts'
import { compareReleases, revisionSize } from './ledger.ts'
import { make, pages } from './make.ts'
import { ReleaseError } from './releaseError.ts'

/** What releases are made by: figures from the store, small numbers hidden, then pages and data from what is left. */
export const makersOf = (env: Env): Makers => ({
  freeze,
  make: (db, id) => {
    const program = fileURLToPath(new URL('./release-maker.js', import.meta.url))
    // run from its sources there is no process to start
    if (!existsSync(program)) return make(db, id)
    const asked = { env: dbEnv(env, db.dataDir), id }
    return apart<Made>(program, asked, { what: `The release ${id}`, errorOf })
  },
  siteFiles: async (site) => [...(await pages()).renderSite(site), ...siteFeeds(site)],
  compare: compareReleases,
  revisionSize,
})

/** A refusal is for people, whichever process found it. */
const refusals = ['Error', 'ReleaseError', 'UnknownIdError', 'ExposedCellError']
const errorOf = ({ name, message }: Failure): Error =>
  refusals.includes(name) ? new ReleaseError(message) : Object.assign(new Error(message), { name })
