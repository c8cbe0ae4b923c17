import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { withLock } from '../../pipelines/lock.ts'
import { locks } from '../../pipelines/publish.ts'
import { UnknownIdError } from '../../sql/errors.ts'
import { readMeta } from '../../sql/meta.ts'
import { noteSteps, readLog } from '../../sql/releaseLog.ts'
import { version } from '../version.ts'
import { type About, aboutOf, readAbouts } from './about.ts'
import { declaredCalendar } from './calendar.ts'
import { type Desk, type Made, oneAtATime, type Person } from './desk.ts'
import { bytesOf, manifestFiles, readManifest, sha256 } from './manifest.ts'
import type { File, Profile, Published, ReleaseHead } from './published.ts'
import { ReleaseError } from './releaseError.ts'
import { releaseKey } from './signing.ts'
import { byRelease, nextWords, type Standing, standingOf } from './state.ts'
import { dayIn, minuteOf, monthAfter, monthWords, titleOf, toUtc, whenWords } from './when.ts'

export type BuildAsked = {
  /** The last whole month of the data when not given. */
  month?: string | undefined
  /** The id of the public release this one takes the place of. */
  correct?: string | undefined
  /** Why it is corrected. */
  reason?: string | undefined
  /** When it becomes public, in the time of the jurisdiction, or `now`; as the calendar says when not given. */
  at?: string | undefined
  /** Why small numbers are kept back less strictly than in the release before. */
  loosen?: string | undefined
}

export const releaseFolder = (dataDir: string, id: string): string => join(dataDir, 'releases', id)

/**
 * Builds a release as a draft: reads the figures of the store at this instant, hides what tells of single people, makes all files, signs
 * their list, and puts them into a folder of their own, whole or not at all. A draft of the same month is replaced.
 */
export const build = (desk: Desk, asked: BuildAsked, person: Person): Promise<ReleaseHead> =>
  // apart from the lock of the steps: a long build keeps no release from its minute
  withLock(locks(desk.db), 'release-build', async () => {
    const { db } = desk
    await removeDrafts(desk)
    const makers = await desk.makers()
    const standings = await readStandings(desk)
    const head = await headOf(desk, asked, standings)
    const earlier = standings.filter((one) => one.public_since !== null).map(({ id }) => id)
    const month = head.period.from.slice(0, 7)
    await makers.freeze(db, { id: head.id, month, config: desk.config(), head, earlier })
    const { published, files } = await makeWhole(desk, head.id)
    const loosened = looser(published, await lastPublic(desk, standings))
    if (loosened.length > 0 && !asked.loosen)
      throw new ReleaseError(
        `Small numbers would be kept back less strictly than in the release before: ${loosened.join('; ')}. If that is meant, say why with --loosen TEXT; who approves the release has to say so too.`,
      )
    const manifest = sha256(files.find(({ path }) => path === 'manifest.json')?.body ?? '')
    const draft = await writeFolder(desk, head.id, files)
    const who = { key_id: person.id, key_name: person.name, release: head.id, manifest }
    await oneAtATime(desk, async () => {
      const now = standingOf(await readLog(db, head.id))
      if (now.public_since !== null)
        throw new ReleaseError(`Release ${head.id} became public meanwhile. ${nextWords(now)}`)
      await putInPlace(desk, draft, releaseFolder(db.dataDir, head.id))
      const at = desk.now().toISOString()
      await noteSteps(db, [
        { ...who, step: 'built', at, reason: head.reason, about: JSON.stringify(aboutOf(published)) },
        ...(loosened.length > 0
          ? [{ ...who, step: 'loosened' as const, at, reason: `${asked.loosen} (${loosened.join('; ')})` }]
          : []),
      ])
    })
    return head
  })

export async function readStandings({ db }: Desk): Promise<Standing[]> {
  return [...byRelease(await readLog(db)).values()].map(standingOf)
}

/** A release with all its files, manifest and signature too. */
async function makeWhole({ db, secret, makers }: Desk, id: string): Promise<Made> {
  const { published, files } = await (await makers()).make(db, id)
  const key = await releaseKey(db.dataDir, secret)
  return { published, files: [...files, ...manifestFiles(published.release, files, key)] }
}

/** What the release is called, what it is about and when it becomes public. Throws what stands against building it. */
async function headOf(desk: Desk, asked: BuildAsked, standings: Standing[]): Promise<ReleaseHead> {
  const { month, version: number } = asked.correct
    ? correctionOf(asked.correct, asked, standings)
    : { month: asked.month ?? (await lastWholeMonth(desk)), version: 1 }
  const config = desk.config()
  const zone = config.jurisdiction.time_zone
  const now = desk.now()
  const until = monthAfter(month)
  if (dayIn(now, zone) < `${until}-01`)
    throw new ReleaseError(`${monthWords(month)} is not over: a release is about a whole month.`)
  const id = number === 1 ? month : `${month}.${number}`
  const known = standings.find((one) => one.id === id)
  if (known && known.public_since !== null)
    throw new ReleaseError(`Release ${id} is public already and stays as it is. ${nextWords(known)}`)
  const published_at = minuteToPublish(desk, month, asked)
  const next = declaredCalendar(config)
    .filter((one) => one.month > month && !one.cancelled && one.at > published_at)
    .sort((a, b) => (a.month < b.month ? -1 : 1))[0]
  return {
    id,
    title: titleOf(month),
    period: { from: `${month}-01`, until: `${until}-01` },
    version: number,
    as_of: now.toISOString(),
    published_at,
    corrects: asked.correct ?? null,
    reason: asked.correct ? (asked.reason ?? '') : '',
    next: next ? { month: next.month, at: next.at } : null,
    made_with: version,
  }
}

function correctionOf(correct: string, { month, reason }: BuildAsked, standings: Standing[]) {
  const corrected = standings.find((one) => one.id === correct)
  if (!corrected) throw unknown(correct)
  if (month !== undefined && month !== correct.slice(0, 7))
    throw new ReleaseError(
      `Release ${correct} is about ${monthWords(correct.slice(0, 7))}: leave --month out.`,
    )
  if (!reason?.trim())
    throw new ReleaseError('Give the reason why it is corrected: everybody reads it beside the new figures.')
  if (corrected.public_since === null)
    throw new ReleaseError(
      `Release ${correct} is not public yet: build it again with --month ${correct.slice(0, 7)} instead of correcting it.`,
    )
  const ofMonth = standings.filter(
    ({ id, public_since }) => id.startsWith(correct.slice(0, 7)) && public_since !== null,
  )
  const newest = Math.max(...ofMonth.map(({ id }) => versionOf(id)))
  if (versionOf(correct) !== newest)
    throw new ReleaseError(
      `Release ${correct} was corrected already: correct ${idOf(correct.slice(0, 7), newest)}, the newest of its month.`,
    )
  return { month: correct.slice(0, 7), version: newest + 1 }
}

export const versionOf = (id: string): number => Number(id.slice(8) || 1)
const idOf = (month: string, number: number) => (number === 1 ? month : `${month}.${number}`)

/** As the calendar says; a correction, and a month whose time has gone by, as soon as it is scheduled. */
function minuteToPublish(desk: Desk, month: string, { at, correct }: BuildAsked): string {
  const config = desk.config()
  const zone = config.jurisdiction.time_zone
  const now = minuteOf(desk.now())
  const given = at === undefined || at === 'now' ? at : toUtc(at, zone)
  if (given !== undefined && given !== 'now' && given < now)
    throw new ReleaseError(`${whenWords(given, zone)} is past: give a time to come, or --at now.`)
  const announced = correct ? undefined : declaredCalendar(config).find((one) => one.month === month)
  if (announced?.cancelled)
    throw new ReleaseError(
      `The calendar says that ${monthWords(month)} is not published (${announced.reason || 'no reason given'}). Change publication.calendar in clearway.config.json first.`,
    )
  if (announced && announced.at > now) {
    if (given !== undefined && given !== announced.at)
      throw new ReleaseError(
        `The calendar announces ${monthWords(month)} for ${whenWords(announced.at, zone)}. To change that, change publication.calendar in clearway.config.json and say there why.`,
      )
    return announced.at
  }
  if (given === undefined && !announced && !correct)
    throw new ReleaseError(
      `The calendar does not say when ${monthWords(month)} is published: declare it under publication.calendar in clearway.config.json, or give --at with a time like 2026-08-14T09:30, or --at now.`,
    )
  return given === undefined || given === 'now' ? now : given
}

/** The last month of which the store holds every day. */
async function lastWholeMonth({ db, now, config }: Desk): Promise<string> {
  const { held } = await readMeta(db)
  if (!held) throw new ReleaseError('The store holds no data yet: there is nothing to release.')
  const today = dayIn(now(), config().jurisdiction.time_zone)
  const [end = today] = [held.until, today].sort()
  const [year = 0, month = 1] = end.split('-').map(Number)
  return new Date(Date.UTC(year, month - 2, 1)).toISOString().slice(0, 7)
}

/** The newest release that is or was public. */
async function lastPublic(desk: Desk, standings: Standing[]): Promise<About | undefined> {
  const last = standings
    .filter(({ public_since }) => public_since !== null)
    .sort((a, b) => ((a.public_since ?? '') < (b.public_since ?? '') ? 1 : -1))[0]
  return last && (await readAbouts(desk.db, last.id)).get(last.id)
}

/** The services of which small numbers are kept back less strictly than before, in words. */
function looser({ services }: Published, before: About | undefined): string[] {
  const words = ({ name, k }: Profile) => `${name}, fewer than ${k} hidden`
  return services.flatMap(({ id, name, profile }) => {
    const was = before?.profiles[id]
    const isLooser =
      was && (profile.k < was.k || profile.base < was.base || (was.zeros_tell && !profile.zeros_tell))
    return isLooser ? [`${name} (${words(was)} before, ${words(profile)} now)`] : []
  })
}

/** Writes the files beside the place they belong to, and gives where. */
async function writeFolder({ db, disk }: Desk, id: string, files: File[]): Promise<string> {
  const draft = join(db.dataDir, 'releases', `.${id}.${randomUUID()}`)
  const folders = new Set(files.map(({ path }) => dirname(join(draft, path))))
  for (const folder of folders) await disk.makeFolder(folder)
  for (const { path, body } of files) await disk.write(join(draft, path), bytesOf(body))
  for (const folder of folders) await disk.settle(folder)
  return draft
}

/** What builds left that died. The caller holds the lock of builds. */
async function removeDrafts({ db, disk }: Desk): Promise<void> {
  const folder = join(db.dataDir, 'releases')
  const names = await readdir(folder).catch((): string[] => [])
  for (const name of names.filter((each) => each.startsWith('.'))) await disk.remove(join(folder, name))
}

/** Gives the written folder its name; what stood there before goes first, so that there is a whole one or none. */
async function putInPlace({ disk }: Desk, draft: string, place: string): Promise<void> {
  const old = `${draft}.old`
  await disk.rename(place, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await disk.rename(draft, place)
  await disk.settle(dirname(place))
  await disk.remove(old)
}

export const unknown = (id: string): UnknownIdError =>
  new UnknownIdError(`There is no release "${id}". clearway release list shows them.`)

export type Rebuilt = { id: string; identical: boolean; files: number; differs: string[] }

/**
 * Makes a release once more from what was frozen for it and compares every byte with what was signed. A folder that is gone is written again
 * when all is the same.
 */
export async function rebuild(desk: Desk, id: string): Promise<Rebuilt> {
  const standing = standingOf(await readLog(desk.db, id))
  if (standing.id === '') throw unknown(id)
  const { files } = await makeWhole(desk, id)
  const place = releaseFolder(desk.db.dataDir, id)
  const manifest = await readManifest(place)
  const made = files.find(({ path }) => path === 'manifest.json')?.body ?? ''
  if (!manifest) {
    const identical = sha256(made) === standing.manifest
    if (identical)
      await withLock(locks(desk.db), 'release-build', async () => {
        const draft = await writeFolder(desk, id, files)
        await oneAtATime(desk, () => putInPlace(desk, draft, place))
      })
    const differs = identical ? [] : ['manifest.json (the folder is gone, so that no file can be compared)']
    return { id, identical, files: files.length, differs }
  }
  const differs: string[] = []
  for (const { path, body } of files) {
    const held = await readFile(join(place, path)).catch(() => undefined)
    if (!held) differs.push(`${path} (is not in the release)`)
    else if (Buffer.compare(held, bytesOf(body)) !== 0) differs.push(path)
  }
  for (const { path } of manifest.files)
    if (!files.some((file) => file.path === path)) differs.push(`${path} (is not made any more)`)
  return { id, identical: differs.length === 0, files: files.length, differs: differs.sort() }
}
