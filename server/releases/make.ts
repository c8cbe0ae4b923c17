import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Db } from '../../sql/db.ts'
import { dataFiles } from '../openData/dataFiles.ts'
import { parquetBy } from '../openData/parquet.ts'
import type { Made } from './desk.ts'
import { disclose } from './disclose.ts'
import type { File, Published, Site } from './published.ts'
import { ReleaseError } from './releaseError.ts'

type Pages = { renderRelease(published: Published): File[]; renderSite(site: Site): File[] }

/** The public pages are drawn by components of the dashboard, which are built apart: they lie beside the built server. */
export async function pages(): Promise<Pages> {
  const file = ['./pages.js', '../../dist/server/pages.js']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path))
  if (!file) throw new ReleaseError('The public pages are not built. Run npm run build.')
  return (await import(/* @vite-ignore */ file)) as Pages
}

/** Hides small numbers in what is frozen, and makes pages and data of what is left. */
export async function make(db: Db, id: string): Promise<Made> {
  const published = await disclose(db, id)
  const files = [...(await pages()).renderRelease(published), ...(await dataFiles(published, parquetBy(db)))]
  return { published, files }
}
