import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { access } from '../../sql/accessConfig.ts'
import type { Db } from '../../sql/db.ts'
import { createApp } from '../app.ts'
import { close, listen, portOf } from '../listening.ts'
import { makeOnceLink, wasOnceLinkMade } from './once.ts'
import { SignIn } from './signIn.ts'
import { Visitor } from './testVisitor.ts'

/** The store holds only what ended here: nothing. */
let dir: string
let address: string
let ahead = 0
let stop: () => Promise<void>
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-once-link-'))
  const db = { dataDir: dir, query: async () => ({ json: async () => [] }) } as unknown as Db
  const signIn = new SignIn({
    db,
    secrets: ['the secret of the tests, long enough'],
    address: () => address,
    access: () => access.parse({}),
    clock: () => Date.now() + ahead,
  })
  const server = await listen(createApp({ db, signIn }).fetch, 0)
  address = `http://localhost:${portOf(server)}`
  stop = () => close(server)
})
afterAll(async () => {
  await stop?.()
  await rm(dir, { recursive: true, force: true })
})

const opens = async (link: string, init?: RequestInit) => {
  const visitor = new Visitor()
  const { status } = await visitor.step(link, init)
  const { name } = (await (await visitor.step(`${address}/api/v1/me`)).json()) as { name: string }
  return [status, name]
}
const administrator = 'Administrator of this machine'
const nobody = 'on this machine'

test('a link signs in once, with the rights of an administrator and of a case worker', async () => {
  expect(wasOnceLinkMade(dir)).toBe(false)
  const link = await makeOnceLink(dir, address)
  const visitor = new Visitor()
  const answer = await visitor.step(link)
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/'])
  expect(await (await visitor.step(`${address}/api/v1/me`)).json()).toMatchObject({
    kind: 'person',
    roles: ['administrator', 'case_worker'],
    rows: [
      { department: [], service: [], district: [] },
      { department: [], service: [], district: [] },
    ],
  })
  expect(await opens(link)).toEqual([410, nobody])
  expect(wasOnceLinkMade(dir)).toBe(true)
})

test('of many who come at once one gets in', async () => {
  const link = await makeOnceLink(dir, address)
  const all = await Promise.all(Array.from({ length: 10 }, () => opens(link)))
  expect(all.filter(([status]) => status === 303)).toEqual([[303, administrator]])
})

test('a look at the link does not use it up; a proxy and a foreign page get nothing of it', async () => {
  const link = await makeOnceLink(dir, address)
  expect(await opens(link, { method: 'HEAD' })).toEqual([204, nobody])
  expect(await opens(link, { headers: { 'Sec-Purpose': 'prefetch;prerender' } })).toEqual([204, nobody])
  expect(await opens(link, { headers: { 'X-Forwarded-For': '10.0.0.7' } })).toEqual([403, nobody])
  expect(await opens(link, { headers: { 'Sec-Fetch-Site': 'cross-site' } })).toEqual([403, nobody])
  expect(await opens(link)).toEqual([303, administrator])
})

test('a newer link ends the one before, and after a day none works', async () => {
  const [first, second] = [await makeOnceLink(dir, address), await makeOnceLink(dir, address)]
  expect(await opens(first)).toEqual([410, nobody])
  ahead = 24 * 3_600_000
  expect(await opens(second)).toEqual([410, nobody])
  ahead = 0
  expect(await opens(`${second.slice(0, -1)}${second.endsWith('A') ? 'B' : 'A'}`)).toEqual([410, nobody])
  expect(await opens(second)).toEqual([303, administrator])
})

test('no file holds what opens', async () => {
  const token = (await makeOnceLink(dir, address)).split('/').at(-1) ?? ''
  for (const name of await readdir(dir)) expect(await readFile(join(dir, name), 'utf8')).not.toContain(token)
})
