import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type AboutReport, openArchive } from './archive.ts'
import { checkLink, linkFor, reportLinkKey } from './link.ts'
import { linkRoutes } from './linkRoutes.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-archive-'))
  return () => rm(dir, { recursive: true, force: true })
})

const day = 86_400_000
const shaOf = (text: string) => createHash('sha256').update(text).digest('hex')
const about = (figures: string): AboutReport => ({
  ...{
    name: 'Wartezeiten, Juni.csv',
    media_type: 'text/csv',
    figures_sha256: shaOf(figures),
    report: 'brief',
  },
  ...{ from: '2026-06-01', until: '2026-07-01', as_of: null, made_at: '2026-07-02T06:00:00.000Z' },
})
const made = async (text: string): Promise<string> => {
  const file = join(dir, `${shaOf(text).slice(0, 8)}.made`)
  await writeFile(file, text)
  return file
}

test('a report is kept once under its checksum, found by either checksum, and a file is verified against it', async () => {
  const archive = openArchive(dir)
  const file = await made('a,b\n1,2\n')
  const kept = await Promise.all([1, 2, 3].map(() => archive.keep(file, about('figures'))))
  const [first] = kept
  const sha256 = shaOf('a,b\n1,2\n')
  expect(kept).toEqual(Array(3).fill(first))
  expect(first).toMatchObject({ name: 'Wartezeiten, Juni.csv', bytes: 8, sha256 })
  expect(await readFile(first?.path as string, 'utf8')).toBe('a,b\n1,2\n')
  for (const checksum of [sha256, shaOf('figures')])
    expect((await archive.find(checksum.slice(0, 12))).map((each) => each.sha256)).toEqual([sha256])
  for (const none of ['abc', '../../etc', 'f'.repeat(64), 'zz'.repeat(8)])
    expect(await archive.find(none)).toEqual([])
  expect(await archive.open('../../../etc/passwd')).toBeUndefined()

  expect(await archive.verify(file)).toMatchObject({ sha256, whole: true, archived: { report: 'brief' } })
  expect(await archive.verify(await made('a,b\n1,3\n'))).toMatchObject({ archived: undefined, whole: false })
  const place = first?.path as string
  await chmod(place, 0o600)
  await writeFile(place, 'a,b\n9,9\n')
  expect(await archive.verify(file)).toMatchObject({ whole: false, archived: { sha256 } })
  await archive.keep(file, about('figures'))
  expect(await archive.verify(file)).toMatchObject({ whole: true })
})

test('what was last kept longer ago than the retention is forgotten, but not what a run under way needs', async () => {
  const archive = openArchive(dir)
  const [old, needed] = [
    await archive.keep(await made('old'), about('1')),
    await archive.keep(await made('needed'), about('2')),
  ]
  const at = (days: number) => ({
    needed: (sha256: string) => sha256 === needed.sha256,
    now: Date.now() + days * day,
  })
  expect(await archive.forget(at(400 - 0.01))).toEqual([])
  expect(await archive.forget(at(400.01))).toEqual([old.sha256])
  expect(await archive.open(old.sha256)).toBeUndefined()
  expect(await archive.find(shaOf('1'))).toEqual([])
  expect(await archive.open(needed.sha256)).toMatchObject({ figures_sha256: shaOf('2') })
})

test('a signed link fetches its report until its time, and nothing else', async () => {
  const archive = openArchive(dir)
  const { sha256 } = await archive.keep(await made('a,b\n'), about('1'))
  const key = await reportLinkKey(dir, undefined)
  const until = new Date('2026-07-10T00:00:00Z')
  const token = linkFor(key, sha256, until)
  expect(checkLink(key, token)).toEqual({ sha256, until })
  const noted: string[] = []
  const noteOpened = async (_: unknown, opened: string) => void noted.push(opened)
  const ask = async (given: string, now = until.getTime() - 1, method = 'GET') => {
    const answer = await linkRoutes({ archive, key }, noteOpened, () => now).request(`/${given}`, { method })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }

  const whole = await ask(token)
  expect([whole.status, whole.text]).toEqual([200, 'a,b\n'])
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    ...{ 'cache-control': 'no-store', 'content-type': 'text/csv' },
    ...{
      'content-length': '4',
      'content-disposition': `attachment; filename="Wartezeiten__Juni.csv"; filename*=UTF-8''Wartezeiten%2C%20Juni.csv`,
    },
  })
  expect(await ask(token, until.getTime() - 1, 'HEAD')).toMatchObject({ status: 200, text: '' })

  const late = await ask(token, until.getTime())
  expect(noted).toEqual([sha256, sha256])
  expect([late.status, JSON.parse(late.text).detail]).toEqual([410, expect.stringContaining('2026-07-10')])
  expect(late.headers.get('Content-Type')).toContain('problem+json')
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    expect(checkLink(key, token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined()
  }
  const stranger = linkFor(await reportLinkKey(dir, 'x'.repeat(32)), sha256, until)
  for (const wrong of [stranger, token.slice(0, -1), `${token}A`, 'x'])
    expect((await ask(wrong)).status).toBe(404)
  await archive.forget({ now: Date.now() + 500 * day })
  expect(JSON.parse((await ask(token)).text).title).toBe('The report is gone')
})
