import type { LogEntry, ReleaseStep } from '../../sql/releaseLog.ts'
import { noteSteps, readLog } from '../../sql/releaseLog.ts'
import { type About, readAbouts } from './about.ts'
import { rebuild, releaseFolder, unknown } from './build.ts'
import { declaredCalendar } from './calendar.ts'
import { type Desk, oneAtATime, type Person } from './desk.ts'
import { faultsOf, readManifest } from './manifest.ts'
import type { Revision } from './published.ts'
import { ReleaseError } from './releaseError.ts'
import { publicPem, releaseKey } from './signing.ts'
import { catchUp, prepare, switchTo } from './site.ts'
import { mustBeAt, mustBeSecond, type Standing, standingOf } from './state.ts'
import { monthWords, whenWords } from './when.ts'

/**
 * A release goes from draft over checked, approved and scheduled to published, later perhaps corrected or withdrawn. Each step reads where the
 * release stands, refuses what is out of order, and writes itself down, all while no other process does a step.
 */

type Known = { standing: Standing; about: About }

/** Somebody looked through the draft. It is made again first: its bytes must be those that lie there. */
export async function check(desk: Desk, id: string, person: Person): Promise<void> {
  mustBeAt('check', (await known(desk, id)).standing)
  const { identical, differs } = await rebuild(desk, id)
  if (!identical)
    throw new ReleaseError(
      `Made again, release ${id} comes out otherwise: ${differs.slice(0, 5).join(', ')}${differs.length > 5 ? ` and ${differs.length - 5} more` : ''}. Build it again.`,
    )
  await step(desk, id, async ({ standing }) => {
    mustBeAt('check', standing)
    return [row(desk, standing, 'checked', person)]
  })
}

/** A second person answers for it. `loosen`: they agree, and say why, that small numbers are kept back less strictly than before. */
export const approve = (
  desk: Desk,
  id: string,
  person: Person,
  { loosen }: { loosen?: string | undefined } = {},
): Promise<void> =>
  step(desk, id, async ({ standing }) => {
    mustBeAt('approve', standing)
    mustBeSecond(person, standing)
    if (standing.loosened !== null && !loosen?.trim())
      throw new ReleaseError(
        `Release ${id} keeps small numbers back less strictly than the one before: ${standing.loosened}. If you agree, say why with --loosen TEXT.`,
      )
    return [
      ...(standing.loosened !== null ? [row(desk, standing, 'loosened', person, loosen)] : []),
      row(desk, standing, 'approved', person),
    ]
  })

/** From now on it becomes public by itself at its minute. */
export const schedule = (desk: Desk, id: string, person: Person): Promise<void> =>
  step(desk, id, async ({ standing, about }) => {
    mustBeAt('schedule', standing)
    mustFitCalendar(desk, about)
    return [row(desk, standing, 'scheduled', person)]
  })

/**
 * Makes it public. Before its minute that is refused, for everybody and without exception: the minute stands in what was approved, so an earlier one
 * takes another build and another approval.
 */
export const publish = (desk: Desk, id: string, person: Person): Promise<void> =>
  oneAtATime(desk, async () => {
    const { standing, about } = await known(desk, id)
    // whoever published it died after the log was written: what was left is done now
    if (standing.state === 'published' && (await catchUp(desk))) return
    mustBeAt('publish', standing)
    const zone = desk.config().jurisdiction.time_zone
    if (desk.now().getTime() < Date.parse(about.head.published_at))
      throw new ReleaseError(
        `Release ${id} is held until ${whenWords(about.head.published_at, zone)} (${zone}) and becomes public then by itself, while Clearway runs. Another time takes another build: clearway release build --at TIME.`,
      )
    await mustBeWhole(desk, standing)
    const { corrects, reason } = about.head
    const before = corrects === null ? undefined : await known(desk, corrects)
    const at = desk.now().toISOString()
    const steps = [
      { ...row(desk, standing, 'published', person), at },
      ...(before?.standing.state === 'published'
        ? [{ ...row(desk, before.standing, 'corrected', person, reason), at }]
        : []),
    ]
    await makePublic(desk, steps)
  })

/** Takes it off the site, or keeps it from ever getting there. */
export const withdraw = (
  desk: Desk,
  id: string,
  person: Person,
  { reason }: { reason?: string | undefined },
): Promise<void> =>
  oneAtATime(desk, async () => {
    if (!reason?.trim())
      throw new ReleaseError('Give the reason why it is withdrawn: it stands in the place of the release.')
    const { standing } = await known(desk, id)
    mustBeAt('withdraw', standing)
    const steps = [row(desk, standing, 'withdrawn', person, reason.trim())]
    if (standing.public_since === null) await noteSteps(desk.db, steps)
    else await makePublic(desk, steps)
  })

/** Notes that somebody looked at a release that is not public, and why; gives its folder. */
export async function preview(desk: Desk, id: string, person: Person, reason: string): Promise<string> {
  await step(desk, id, async ({ standing }) => {
    await mustBeWhole(desk, standing)
    return standing.state === 'published' || standing.state === 'corrected'
      ? []
      : [row(desk, standing, 'previewed', person, reason)]
  })
  return releaseFolder(desk.db.dataDir, id)
}

/** What the later release says otherwise. Of releases that are not public only a person may know, and it is noted. */
export async function compare(
  desk: Desk,
  before: string,
  now: string,
  person: () => Promise<Person>,
): Promise<Revision[]> {
  for (const id of [before, now]) {
    const { standing } = await known(desk, id)
    if (standing.state === 'published' || standing.state === 'corrected') continue
    const who = await person()
    const other = id === before ? now : before
    await step(desk, id, async () => [row(desk, standing, 'previewed', who, `Compared with ${other}`)])
  }
  return (await desk.makers()).compare(desk.db, before, now)
}

/** The new site is written first and what happened second: the minute is then a matter of one rename. */
async function makePublic(desk: Desk, steps: Omit<LogEntry, 'number'>[]): Promise<void> {
  const prepared = await prepare(desk, steps)
  await noteSteps(desk.db, steps)
  // a process that dies here is made good by keepSite
  await switchTo(desk, prepared)
}

const step = (
  desk: Desk,
  id: string,
  decide: (now: Known) => Promise<Omit<LogEntry, 'number'>[]>,
): Promise<void> =>
  oneAtATime(desk, async () => {
    const steps = await decide(await known(desk, id))
    if (steps.length > 0) await noteSteps(desk.db, steps)
  })

const row = (
  { now }: Desk,
  { id, manifest }: Standing,
  done: ReleaseStep,
  person: Person,
  reason = '',
): Omit<LogEntry, 'number'> => ({
  release: id,
  step: done,
  at: now().toISOString(),
  key_id: person.id,
  key_name: person.name,
  reason,
  manifest,
})

async function known({ db }: Desk, id: string): Promise<Known> {
  const [log, abouts] = id === '' ? [[], new Map()] : await Promise.all([readLog(db, id), readAbouts(db, id)])
  const about = abouts.get(id) as About | undefined
  if (!about) throw unknown(id)
  return { standing: standingOf(log), about }
}

/** What lies in the folder is what was built and approved, byte for byte. */
async function mustBeWhole({ db, secret }: Desk, standing: Standing): Promise<void> {
  const folder = releaseFolder(db.dataDir, standing.id)
  const manifest = await readManifest(folder)
  const faults =
    manifest && manifest.sha256 !== standing.manifest
      ? ['manifest.json is not the one that was built last']
      : await faultsOf(folder, publicPem(await releaseKey(db.dataDir, secret)))
  if (faults.length > 0)
    throw new ReleaseError(
      `The files of release ${standing.id} are not what was built: ${faults.slice(0, 3).join('; ')}. ${standing.public_since === null ? 'Build it again' : `Put them back: clearway release rebuild ${standing.id}`}.`,
    )
}

/** A date that was moved since the release was built is no longer the one that stands in it. */
function mustFitCalendar(desk: Desk, { head }: About): void {
  if (head.corrects !== null) return
  const month = head.period.from.slice(0, 7)
  const declared = declaredCalendar(desk.config()).find((one) => one.month === month)
  if (!declared) return
  const zone = desk.config().jurisdiction.time_zone
  if (declared.cancelled)
    throw new ReleaseError(
      `The calendar says that ${monthWords(month)} is not published (${declared.reason || 'no reason given'}).`,
    )
  if (declared.at > desk.now().toISOString() && declared.at !== head.published_at)
    throw new ReleaseError(
      `The calendar now announces ${monthWords(month)} for ${whenWords(declared.at, zone)}, but the release says ${whenWords(head.published_at, zone)}. Build it again.`,
    )
}
