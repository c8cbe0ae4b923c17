import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { useStore } from '../../pipelines/testStore.ts'
import type { Db } from '../../sql/db.ts'
import { readLog } from '../../sql/releaseLog.ts'
import { build, rebuild } from './build.ts'
import type { Desk } from './desk.ts'
import { disk } from './disk.ts'
import { faultsOf, pathsIn } from './manifest.ts'
import { publishEvery } from './publishEvery.ts'
import { publicPem, releaseKey } from './signing.ts'
import { keepSite } from './site.ts'
import { standingOf } from './state.ts'
import { testDesk } from './testDesk.ts'
import { approve, check, preview, publish, schedule, withdraw } from './workflow.ts'

const store = useStore()
let dir = ''
let office: ReturnType<typeof testDesk>
let desk: Desk
// each test has the log and the folders to itself
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-releases-'))
  for (const table of ['release_log', 'release_calendar'])
    await store.db.command({ query: `TRUNCATE TABLE ${table}` })
  office = testDesk(() => ({ ...store.db, dataDir: dir }) as Db)
  desk = office.desk()
  return () => rm(dir, { recursive: true, force: true })
})

const ada = { id: 'a', name: 'Planning office' }
const bob = { id: 'b', name: 'Statistics office' }
const pem = async () => publicPem(await releaseKey(dir, undefined))
const shown = (path: string) =>
  readFile(join(dir, 'public', path), 'utf8').catch((error: NodeJS.ErrnoException) => error.code)
const stateOf = async (id: string) => standingOf(await readLog(store.db, id)).state

/** From draft to scheduled. */
const ready = async (asked: Parameters<typeof build>[1] = { month: '2026-06' }) => {
  const { id } = await build(desk, asked, ada)
  await check(desk, id, ada)
  await approve(desk, id, bob)
  await schedule(desk, id, bob)
  return id
}
/** From draft to public, at its minute. */
const release = async (asked?: Parameters<typeof build>[1]) => {
  const id = await ready(asked)
  office.now = new Date(Math.max(office.now.getTime(), Date.parse('2026-07-15T08:30:00Z')))
  await publish(desk, id, bob)
  return id
}

test('steps out of order are refused with what is to be done, and nobody approves their own work', async () => {
  await expect(check(desk, '2026-06', ada)).rejects.toThrow(/no release "2026-06"/)
  await build(desk, { month: '2026-06' }, ada)
  await expect(approve(desk, '2026-06', bob)).rejects.toThrow(/draft .*clearway release check 2026-06/)
  await check(desk, '2026-06', ada)
  for (const self of [ada, { id: 'c', name: ' planning OFFICE ' }, { id: 'a', name: 'Another name' }])
    await expect(approve(desk, '2026-06', self)).rejects.toThrow(/second person/)
  await expect(schedule(desk, '2026-06', bob)).rejects.toThrow(/not "Planning office", has to approve/)
  await approve(desk, '2026-06', bob)
  await expect(publish(desk, '2026-06', bob)).rejects.toThrow(/release schedule 2026-06/)
  await schedule(desk, '2026-06', ada)
  // whoever builds again begins again
  await build(desk, { month: '2026-06' }, bob)
  office.now = new Date('2026-07-15T08:30:00Z')
  await expect(publish(desk, '2026-06', bob)).rejects.toThrow(/draft/)
  expect(await shown('index.html')).toBe('ENOENT')
})

test('a checker is no second person for a builder they share the release with', async () => {
  await build(desk, { month: '2026-06' }, ada)
  await check(desk, '2026-06', bob)
  await expect(approve(desk, '2026-06', bob)).rejects.toThrow(/second person/)
  await approve(desk, '2026-06', { id: 'c', name: 'Director' })
  expect(await stateOf('2026-06')).toBe('approved')
})

test('the embargo holds to the second for people and for the server, which then publishes by itself', async () => {
  await ready()
  office.now = new Date('2026-07-15T08:29:59.999Z')
  await expect(publish(desk, '2026-06', bob)).rejects.toThrow(/held until 09:30 on 15 July 2026/)
  const waited: number[] = []
  const came: string[] = []
  const troubles: unknown[] = []
  await new Promise<void>((resolve) => {
    office.now = new Date('2026-07-15T08:29:57.500Z')
    const server = publishEvery(desk, {
      onPublished: (id) => came.push(`${id} at ${office.now.toISOString()}`),
      onTrouble: (error) => troubles.push(error),
      pause: async (ms) => {
        waited.push(ms)
        if (waited.length > 3) {
          void server.close()
          resolve()
          return
        }
        // a timer that fires a moment too early
        office.now = new Date(office.now.getTime() + (waited.length === 1 ? ms - 1 : ms))
      },
    })
  })
  expect(troubles).toEqual([])
  expect(waited.slice(0, 3)).toEqual([2_500, 1, 5_000])
  expect(came).toEqual(['2026-06 at 2026-07-15T08:30:00.000Z'])
  expect(await shown('index.html')).toContain('June 2026, 2026-06')
})

test('a minute that passed while nobody ran is made up for at the next start, and trouble is tried again', async () => {
  await ready()
  const page = join(dir, 'releases/2026-06/index.html')
  const [right, troubles, came] = [await readFile(page), [] as string[], [] as string[]]
  await rm(page)
  await writeFile(page, 'changed after it was approved')
  office.now = new Date('2026-07-16T12:00:00Z')
  await new Promise<void>((resolve) => {
    const server = publishEvery(desk, {
      onPublished: (id) => {
        came.push(id)
        void server.close()
        resolve()
      },
      onTrouble: (error) => troubles.push(String(error)),
      pause: async (ms) => {
        office.now = new Date(office.now.getTime() + ms)
        await rm(page)
        await writeFile(page, right)
      },
    })
  })
  expect(troubles).toEqual([expect.stringContaining('index.html was changed')])
  expect(came).toEqual(['2026-06'])
  // the calendar tells when it really came
  expect(await shown('calendar.html')).toContain('"at":"2026-07-16T12:01:00.000Z","state":"published"')
})

test('a correction takes the place of a release, and a withdrawn one leaves since when and why', async () => {
  await release()
  expect(await shown('index.html')).toBe(await shown('releases/2026-06/index.html'))
  await expect(build(desk, { month: '2026-06' }, ada)).rejects.toThrow(/--correct 2026-06/)
  await expect(build(desk, { correct: '2026-06' }, ada)).rejects.toThrow(/reason why/)
  const permalink = await shown('releases/2026-06/data/services_by_month.json')
  office.seed = 2
  await release({ correct: '2026-06', reason: 'Twelve cases came late' })
  expect([await stateOf('2026-06'), await stateOf('2026-06.2')]).toEqual(['corrected', 'published'])
  expect(await shown('index.html')).toContain('2026-06.2')
  expect(await shown('releases/2026-06/data/services_by_month.json')).toBe(permalink)
  expect(await shown('data/services_by_month.json')).not.toBe(permalink)

  await expect(withdraw(desk, '2026-06.2', ada, { reason: ' ' })).rejects.toThrow(/reason why/)
  await withdraw(desk, '2026-06.2', ada, { reason: 'A district <was> counted twice' })
  expect(await pathsIn(join(dir, 'public/releases/2026-06.2'))).toEqual(['index.html', 'withdrawn.txt'])
  expect(await shown('releases/2026-06.2/index.html')).toContain('A district &#60;was&#62; counted twice')
  expect(await shown('releases/2026-06.2/withdrawn.txt')).toContain('09:30 on 15 July 2026')
  // no release is left to stand in front: the calendar does
  expect(await shown('index.html')).toBe(await shown('calendar.html'))
  expect(await release({ correct: '2026-06.2', reason: 'Counted anew' })).toBe('2026-06.3')
  expect(await shown('releases.html')).toBe('2026-06.3 published\n2026-06.2 withdrawn\n2026-06 corrected')
})

test('looser rules for small numbers take two persons who say why, and both stand in the log', async () => {
  await release()
  office.k = 5
  const asked = { correct: '2026-06', reason: 'Late cases' }
  await expect(build(desk, asked, ada)).rejects.toThrow(/less strictly .*8 hidden before.* --loosen/)
  await build(desk, { ...asked, loosen: 'The council decided so' }, ada)
  await check(desk, '2026-06.2', ada)
  await expect(approve(desk, '2026-06.2', bob)).rejects.toThrow(/The council decided so .*--loosen/)
  await approve(desk, '2026-06.2', bob, { loosen: 'Council paper 12' })
  const log = (await readLog(store.db, '2026-06.2')).filter(({ step }) => step === 'loosened')
  expect(log.map(({ key_name }) => key_name)).toEqual([ada.name, bob.name])
  // stricter is always possible
  office.k = 11
  await build(desk, asked, ada)
})

test('a release comes out the same byte for byte, is signed, and every fault is named', async () => {
  await release()
  const folder = join(dir, 'releases/2026-06')
  expect(await rebuild(desk, '2026-06')).toEqual({ id: '2026-06', identical: true, files: 5, differs: [] })
  expect(await faultsOf(join(dir, 'public/releases/2026-06'), await pem())).toEqual([])
  const other = publicPem(await releaseKey(dir, 'another secret of at least 32 characters'))
  expect(await faultsOf(folder, other)).toEqual([expect.stringContaining('manifest.sig')])
  await rm(join(folder, 'index.html'))
  await rm(join(folder, 'style.css'))
  await writeFile(join(folder, 'style.css'), 'p { margin: 1 }')
  await writeFile(join(folder, 'data/more.csv'), '')
  expect(await faultsOf(folder, await pem())).toEqual([
    'index.html is missing',
    'style.css was changed',
    'data/more.csv is not in the manifest',
  ])
  expect((await rebuild(desk, '2026-06')).differs).toEqual([
    'index.html (is not in the release)',
    'style.css',
  ])
  // a folder that is lost comes back as it was
  await rm(folder, { recursive: true })
  expect((await rebuild(desk, '2026-06')).identical).toBe(true)
  expect(await faultsOf(folder, await pem())).toEqual([])
})

test('the minute stands in the calendar: a moved date takes another build and is told to who follows it', async () => {
  await expect(build(desk, { month: '2026-07' }, ada)).rejects.toThrow(/July 2026 is not over/)
  await expect(build(desk, { month: '2026-05' }, ada)).rejects.toThrow(/publication.calendar/)
  await expect(build(desk, { month: '2026-06', at: 'now' }, ada)).rejects.toThrow(/announces June 2026/)
  expect(await keepSite(desk)).toBe(true)
  expect(await keepSite(desk)).toBe(false)
  await build(desk, { month: '2026-06' }, ada)
  await check(desk, '2026-06', ada)
  await approve(desk, '2026-06', bob)
  office.calendar = [{ month: '2026-06', at: '2026-07-16T09:30', reason: 'The register was down' }]
  await expect(schedule(desk, '2026-06', bob)).rejects.toThrow(/16 July 2026.*Build it again/)
  office.now = new Date('2026-07-09T06:00:00Z')
  expect(await keepSite(desk)).toBe(true)
  expect(await shown('index.html')).toContain(
    '"at":"2026-07-16T08:30:00.000Z","state":"planned","reason":"The register was down","sequence":1',
  )
  office.calendar = []
  office.now = new Date('2026-07-10T06:00:00Z')
  await keepSite(desk)
  expect(await shown('index.html')).toContain('"state":"cancelled"')
})

test('who looks at a release before it is public is written down with the reason', async () => {
  await build(desk, { month: '2026-06' }, ada)
  expect(await preview(desk, '2026-06', bob, 'Briefing of the mayor')).toBe(join(dir, 'releases/2026-06'))
  expect((await readLog(store.db, '2026-06')).at(-1)).toMatchObject({
    step: 'previewed',
    key_name: bob.name,
    reason: 'Briefing of the mayor',
  })
  expect(await stateOf('2026-06')).toBe('draft')
})

/** A desk for a process that dies at its n-th call to the disk, or at the first of a name: that call and all after it never happen. */
function dyingAt(place: number | keyof typeof disk) {
  let calls = 0
  let isDead = false
  const mortal = Object.fromEntries(
    Object.entries(disk).map(([name, call]) => [
      name,
      (...given: unknown[]) => {
        isDead ||= name === place || ++calls === place
        return isDead ? Promise.reject(new Error('died')) : Reflect.apply(call, disk, given)
      },
    ]),
  ) as typeof disk
  return office.desk({ disk: mortal })
}

test('a process that dies while it publishes leaves the release before, and the next start does what the log says', async () => {
  await release()
  office.seed = 2
  await ready({ correct: '2026-06', reason: 'Late cases' })
  const isWhole = async (id: string) => {
    expect(await shown('index.html')).toContain(`, ${id}<`)
    expect(await faultsOf(join(dir, 'public/releases', id), await pem())).toEqual([])
  }
  // the site is not written: nothing happened
  await expect(publish(dyingAt('write'), '2026-06.2', bob)).rejects.toThrow('died')
  expect(await stateOf('2026-06.2')).toBe('scheduled')
  await isWhole('2026-06')
  // the site is written, and the log
  await expect(publish(dyingAt('rename'), '2026-06.2', bob)).rejects.toThrow('died')
  expect(await stateOf('2026-06.2')).toBe('published')
  await isWhole('2026-06')
  await keepSite(desk)
  await isWhole('2026-06.2')
})

test('a process that dies at any step of the switch leaves the old site or the new one, never a mix', async () => {
  await release()
  const files = await pathsIn(join(dir, 'public'))
  const left = new Set<string>()
  for (let n = 1; ; n++) {
    const [old, wanted] = [`round ${n - 1}`, `round ${n}`]
    office.calendar = [{ month: '2026-06', at: '2026-07-15T09:30', reason: wanted }]
    office.now = new Date(office.now.getTime() + 1_000)
    const failure = await keepSite(dyingAt(n)).catch((error: unknown) => error)
    const isNew = (await shown('calendar.html'))?.includes(wanted)
    if (!isNew && n > 1) expect(await shown('calendar.html'), wanted).toContain(old)
    left.add(isNew ? 'new' : 'old')
    expect(await pathsIn(join(dir, 'public')), wanted).toEqual(files)
    if (failure === true) break
    await keepSite(desk)
    expect(await shown('calendar.html')).toContain(wanted)
  }
  expect([...left]).toEqual(['old', 'new'])
  expect(await faultsOf(join(dir, 'public/releases/2026-06'), await pem())).toEqual([])
  // what died left is taken away, all but the site before
  expect((await readdir(join(dir, 'sites'))).filter((name) => /^\d+$/.test(name))).toHaveLength(2)
})

test('a process that dies at any step of a build leaves no release, or the draft before', async () => {
  for (let n = 1; ; n++) {
    const failure = await build(dyingAt(n), { month: '2026-06' }, ada).catch(String)
    if (typeof failure !== 'string') break
    const files = await pathsIn(join(dir, 'releases')).catch(() => [])
    expect([0, 5]).toContain(files.filter((path) => !path.startsWith('.')).length)
    await expect(check(desk, '2026-06', ada)).rejects.toThrow(/no release/)
  }
  await check(desk, '2026-06', ada)
  expect(await readdir(join(dir, 'releases'))).toEqual(['2026-06'])
})
