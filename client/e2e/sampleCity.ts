import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeCity } from '../../fixtures/city/make.ts'
import { copyMadeOnce } from '../../pipelines/madeOnce.ts'
import { keepWeeks } from '../../pipelines/weeks.ts'
import { openDb } from '../../sql/db.ts'
import { startServer } from './server.ts'

/** Fills a data folder with a small sample city: made and loaded by the app once in a run, then copied. */
export const copyCity = (dir: string): Promise<void> => copyMadeOnce('sample-city', loadCity, dir)

async function loadCity(dir: string): Promise<void> {
  const city = join(dir, 'sample-city')
  await mkdir(city)
  const { files } = await makeCity({ dir: city, seed: 7, scale: 0.1 })
  // A city that is made but not yet loaded: the demo goes on from there.
  const state = {
    files: files.map(({ path, ...rest }) => ({ ...rest, name: basename(path) })),
    loaded: false,
  }
  await writeFile(join(city, 'state.json'), JSON.stringify(state))
  const { stop } = await startServer(dir, ['demo', '--no-release'])
  await stop()
  // what every server would make anew, each on its copy
  const db = await openDb({ CLEARWAY_DATA: dir })
  await keepWeeks(db)
  await db.close()
}
