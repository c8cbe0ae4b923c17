import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Config } from '../../sql/config.ts'
import type { LogEntry } from '../../sql/releaseLog.ts'
import { version } from '../version.ts'
import { releaseFolder } from './build.ts'
import { announce } from './calendar.ts'
import { type Desk, oneAtATime } from './desk.ts'
import { leadsTo } from './disk.ts'
import { bytesOf, sha256 } from './manifest.ts'
import type { File, Site } from './published.ts'
import { publicPem, releaseKey } from './signing.ts'
import { latestOf, siteOf } from './siteOf.ts'
import type { Standing } from './state.ts'
import { withdrawnFiles } from './withdrawn.ts'

/** The folder that any web server can carry: a symbolic link to the site of now. */
export const publicFolder = (dataDir: string): string => join(dataDir, 'public')

/** A site that is written but not public yet. */
export type Prepared = { number: number; madeFrom: string }

/**
 * Writes the site that is public once these steps are done into `sites/<n>`: releases by hard links at their addresses for ever, the latest
 * at the root too, and the pages and feeds above them. Nobody sees it before `switchTo`. The caller holds the lock of releases.
 */
export async function prepare(
  desk: Desk,
  steps: readonly Omit<LogEntry, 'number'>[] = [],
): Promise<Prepared> {
  const { disk, db, secret } = desk
  const { site, standings } = await siteOf(desk, steps)
  const madeFrom = sha256(JSON.stringify({ site, version }))
  const number = Math.max(0, ...(await numbersIn(db.dataDir))) + 1
  const root = join(db.dataDir, 'sites', String(number))
  const folders = new Set<string>()
  const placeOf = async (path: string): Promise<string> => {
    const folder = dirname(join(root, path))
    if (!folders.has(folder)) {
      await disk.makeFolder(folder)
      folders.add(folder)
    }
    return join(root, path)
  }
  const own: File[] = [
    ...(await (await desk.makers()).siteFiles(site)),
    { path: 'release-key.pem', body: publicPem(await releaseKey(db.dataDir, secret)) },
    ...withdrawnOnes(desk.config(), site, standings),
  ]
  const front = own.find(({ path }) => path === 'calendar.html')
  // until the first release the calendar is all there is to see
  if (!latestOf(site) && front && !own.some(({ path }) => path === 'index.html'))
    own.push({ path: 'index.html', body: front.body })
  for (const { path, body } of own) await disk.write(await placeOf(path), bytesOf(body))
  const taken = new Set(own.map(({ path }) => path))
  for (const { head, state, files } of site.releases) {
    if (state === 'withdrawn') continue
    const paths = ['manifest.json', 'manifest.sig', ...files.map(({ path }) => path)]
    const isLatest = head.id === latestOf(site)?.head.id
    for (const path of paths) {
      const from = join(releaseFolder(db.dataDir, head.id), path)
      await disk.link(from, await placeOf(`releases/${head.id}/${path}`))
      if (isLatest && !taken.has(path)) await disk.link(from, await placeOf(path))
    }
  }
  for (const folder of [...folders].reverse()) await disk.settle(folder)
  await disk.write(markOf(db.dataDir, number), madeFrom)
  await disk.settle(join(db.dataDir, 'sites'))
  return { number, madeFrom }
}

/** Makes a prepared site public, in one rename; then takes sites away that nobody reads any more. */
export async function switchTo({ disk, db }: Desk, { number }: Prepared): Promise<void> {
  const link = publicFolder(db.dataDir)
  const before = await numberOfNow(db.dataDir)
  await disk.remove(`${link}.new`)
  await disk.symlink(join('sites', String(number)), `${link}.new`)
  await disk.rename(`${link}.new`, link)
  await disk.settle(db.dataDir)
  // the one before stays: somebody may be reading it
  for (const old of await numbersIn(db.dataDir))
    if (old !== number && old !== before) {
      await disk.remove(markOf(db.dataDir, old))
      await disk.remove(join(db.dataDir, 'sites', String(old)))
    }
}

/**
 * Brings the public folder to what the log, the calendar and the configuration say, when it is not there yet: after a process died, a date
 * was moved, or the program changed. Without releases and dates there is no public folder. Says whether anything changed.
 */
export const keepSite = (desk: Desk): Promise<boolean> => oneAtATime(desk, () => catchUp(desk))

/** The same for who holds the lock of releases. */
export async function catchUp(desk: Desk): Promise<boolean> {
  await announce(desk.db, desk.config(), desk.now())
  const { site } = await siteOf(desk)
  const now = await numberOfNow(desk.db.dataDir)
  if (now === undefined && site.releases.length === 0 && site.calendar.length === 0) return false
  const mark = now && (await readFile(markOf(desk.db.dataDir, now), 'utf8').catch(() => undefined))
  if (mark === sha256(JSON.stringify({ site, version }))) return false
  await switchTo(desk, await prepare(desk))
  return true
}

const markOf = (dataDir: string, number: number) => join(dataDir, 'sites', `${number}.made-from`)

async function numbersIn(dataDir: string): Promise<number[]> {
  const names = await readdir(join(dataDir, 'sites')).catch((): string[] => [])
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** The site that is public now. */
async function numberOfNow(dataDir: string): Promise<number | undefined> {
  const target = await leadsTo(publicFolder(dataDir))
  return target === undefined ? undefined : Number(basename(target))
}

/** In place of withdrawn releases: since when and why. */
const withdrawnOnes = (config: Config, { releases }: Site, standings: readonly Standing[]): File[] =>
  releases
    .filter(({ state }) => state === 'withdrawn')
    .flatMap(({ head, reason }) => {
      const since = standings.find(({ id }) => id === head.id)?.withdrawn?.at ?? ''
      return withdrawnFiles(head, { since, reason }, config)
    })
