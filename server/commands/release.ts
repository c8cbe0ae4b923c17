import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Deed, openAudit } from '../../sql/audit.ts'
import { type Env, StartError } from '../env.ts'
import { configure, openStore } from '../open.ts'
import { type BuildAsked, build, rebuild } from '../releases/build.ts'
import type { Desk, Person } from '../releases/desk.ts'
import { listReleases, readRelease } from '../releases/listed.ts'
import { faultsOf, readManifest } from '../releases/manifest.ts'
import { openDesk } from '../releases/openDesk.ts'
import { personOf } from '../releases/person.ts'
import { publicPem, releaseKey } from '../releases/signing.ts'
import { whenWords } from '../releases/when.ts'
import { approve, check, compare, publish, schedule, withdraw } from '../releases/workflow.ts'

type Json = { json?: boolean }
type Keyed = Json & { key?: string }

/** Builds a draft and says what comes next. */
export const buildCommand = (env: Env, { key, json = false, ...asked }: Keyed & BuildAsked) =>
  atDesk(env, async (desk) => {
    await configure(desk.db)
    const person = await personOf(desk.db, key ?? env.CLEARWAY_KEY)
    const head = await build(desk, asked, person)
    await noteStep(desk, person, 'release_build', head.id)
    await tell(desk, head.id, json)
  })

/** One step of the workflow by the person behind the key. */
const stepCommand =
  <Flags extends object>(
    step: (desk: Desk, id: string, person: Person, flags: Flags) => Promise<void>,
    deed: Deed,
  ) =>
  (env: Env, id: string, flags: Keyed & Flags) =>
    atDesk(env, async (desk) => {
      const person = await personOf(desk.db, flags.key ?? env.CLEARWAY_KEY)
      await step(desk, id, person, flags)
      await noteStep(desk, person, deed, id)
      await tell(desk, id, flags.json ?? false)
    })

export const checkCommand = stepCommand(check, 'release_check')
export const approveCommand = stepCommand(approve, 'release_approve')
export const scheduleCommand = stepCommand(schedule, 'release_schedule')
export const publishCommand = stepCommand(publish, 'release_publish')
export const withdrawCommand = stepCommand(withdraw, 'release_withdraw')

const noteStep = ({ db }: Desk, { id, name }: Person, deed: Deed, object: string): Promise<void> =>
  openAudit(db).note({ actor: { kind: 'key', id, name }, deed, object })

/** All releases and the coming dates. */
export const listCommand = (env: Env, { json = false }: Json) =>
  atDesk(env, async (desk) => {
    const { releases, calendar } = await listReleases(desk)
    if (json) return print(JSON.stringify({ releases, calendar }))
    if (releases.length === 0)
      print('There is no release yet. Build one: clearway release build --month 2026-06')
    for (const { id, state, next } of releases) print(`${id}  ${state}  ${next}`)
    for (const { month, at, state } of calendar)
      if (state === 'planned') print(`${month}  planned  for ${whenWords(at, zoneOf(desk))}`)
  })

/** Whether a folder is a release as it was signed. It needs no store. */
export async function verifyCommand(
  env: Env,
  folder: string,
  { json = false, publicKey }: Json & { publicKey?: string },
) {
  const pem = publicKey === undefined ? await ownKey(env) : await readKey(publicKey)
  const faults = await faultsOf(folder, pem)
  const manifest = await readManifest(folder)
  if (json) print(JSON.stringify({ ok: faults.length === 0, release: manifest?.release.id ?? null, faults }))
  else for (const fault of faults) print(fault)
  if (faults.length > 0)
    throw new StartError(`${folder} is not a release as it was signed: ${count(faults.length, 'fault')}.`)
  if (!json)
    print(
      `Release ${manifest?.release.id}: the signature and all ${manifest?.files.length} files are as signed.`,
    )
}

async function ownKey({ CLEARWAY_DATA, CLEARWAY_SECRET }: Env): Promise<string> {
  const dataDir = resolve(CLEARWAY_DATA)
  if (CLEARWAY_SECRET === undefined && !existsSync(join(dataDir, 'release.key')))
    throw new StartError(
      `${dataDir} has signed no release: give the key with --public-key; it is release-key.pem on the site the folder comes from.`,
    )
  return publicPem(await releaseKey(dataDir, CLEARWAY_SECRET))
}

async function readKey(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch(() => {
    throw new StartError(`The file ${file} does not exist or may not be read.`)
  })
  if (pem.includes('-----BEGIN PUBLIC KEY-----')) return pem
  throw new StartError(`${file} is no public key: it is release-key.pem on the site the folder comes from.`)
}

/** Whether an old release comes out the same. */
export const rebuildCommand = (env: Env, id: string, { json = false }: Json) =>
  atDesk(env, async (desk) => {
    const rebuilt = await rebuild(desk, id)
    if (json) print(JSON.stringify(rebuilt))
    else for (const path of rebuilt.differs) print(path)
    if (!rebuilt.identical)
      throw new StartError(`Release ${id} comes out otherwise in ${count(rebuilt.differs.length, 'file')}.`)
    if (!json) print(`Release ${id} comes out the same: ${rebuilt.files} files, byte for byte.`)
  })

/** What a release says otherwise than an earlier one. */
export const compareCommand = (env: Env, before: string, now: string, { key, json = false }: Keyed) =>
  atDesk(env, async (desk) => {
    const revisions = await compare(desk, before, now, () => personOf(desk.db, key ?? env.CLEARWAY_KEY))
    if (json) return print(JSON.stringify({ before, now, revisions }))
    const said = ({ value, marks }: { value: number | null; marks: string[] }) =>
      value === null ? `[${marks.join(',')}]` : String(value)
    for (const { table, at, measure, ...revision } of revisions)
      print(
        `${table}  ${Object.values(at).join(' ')}  ${measure}  ${said(revision.before)} -> ${said(revision.now)}`,
      )
    print(`${count(revisions.length, 'figure')} changed between ${before} and ${now}.`)
  })

async function tell(desk: Desk, id: string, json: boolean): Promise<void> {
  const release = await readRelease(desk, id)
  if (json) return print(JSON.stringify(release))
  const { state, published_at, next } = release
  const zone = zoneOf(desk)
  const minute = ['published', 'corrected', 'withdrawn'].includes(state)
    ? ''
    : Date.parse(published_at) > desk.now().getTime()
      ? ` It becomes public at ${whenWords(published_at, zone)} (${zone}).`
      : ' It becomes public as soon as it is scheduled.'
  print(`Release ${id} is ${state}.${state === 'scheduled' ? minute : `${minute} ${next}`}`)
}

const zoneOf = (desk: Desk) => desk.config().jurisdiction.time_zone
const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
const print = (line: string) => void process.stdout.write(`${line}\n`)

async function atDesk(env: Env, work: (desk: Desk) => Promise<void>): Promise<void> {
  const db = await openStore(env)
  try {
    await work(openDesk(db, env))
  } finally {
    await db.close()
  }
}
