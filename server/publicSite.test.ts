import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { publicSite } from './publicSite.ts'

let dir: string
let app: Hono

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-public-'))
  await writeFile(join(dir, 'secret.json'), '"planted"')
  app = new Hono().route('/public', publicSite(join(dir, 'public')))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Makes a site and switches to it in one rename. */
async function publish(name: string, files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, name, path, '..'), { recursive: true })
    await writeFile(join(dir, name, path), text)
  }
  await symlink(name, join(dir, 'next'))
  await rename(join(dir, 'next'), join(dir, 'public'))
}
const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })

test('a file comes as it lies in the folder, compressed where that is understood, and is told apart by its tag', async () => {
  const text = '<!doctype html>'.padEnd(5_000, 'x')
  await publish('one', {
    'index.html': text,
    'data/cases.csv': 'a\n',
    'releases/2026-06/embed/permits.html': text,
  })
  const plain = await get('/public/')
  expect(await plain.text()).toBe(text)
  expect(plain.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  const coded = { br: brotliDecompressSync, gzip: gunzipSync }
  const tags = [plain.headers.get('ETag')]
  for (const [coding, open] of Object.entries(coded)) {
    const answer = await get('/public/index.html', { 'Accept-Encoding': coding })
    expect(answer.headers.get('Content-Encoding')).toBe(coding)
    expect(open(Buffer.from(await answer.arrayBuffer())).toString()).toBe(text)
    tags.push(answer.headers.get('ETag'))
  }
  expect(new Set(tags).size).toBe(3)
  const again = await get('/public/', { 'If-None-Match': tags[0] ?? '' })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await app.request('/public/', { method: 'HEAD' })).status).toBe(200)
  expect((await get('/public')).headers.get('Location')).toBe('/public/')
  const csp = async (path: string) => (await get(path)).headers.get('Content-Security-Policy')
  expect(await csp('/public/')).toContain("frame-ancestors 'self'")
  expect(await csp('/public/releases/2026-06/embed/permits.html')).toContain('frame-ancestors *')
})

test('nothing outside the folder, no hidden file and no folder can be asked for', async () => {
  await publish('one', {
    'index.html': 'ours',
    '404.html': 'not here',
    '.hidden.json': '"planted"',
    'data/x.csv': 'a',
  })
  const paths = [
    '../secret.json',
    '..%2fsecret.json',
    '%2e%2e/secret.json',
    'data/..%2f..%2fsecret.json',
    '.hidden.json',
    'data',
    'data/',
    '%',
    '%00',
    '//secret.json',
    'index.html/',
    'index.html%00.json',
  ]
  for (const path of paths) {
    const answer = await get(`/public/${path}`)
    expect([path, answer.status]).toEqual([path, 404])
    // what leads out of the folder already in the address is not even asked here
    expect(await answer.text()).toMatch(/^(not here|404 Not Found)$/)
    expect(answer.headers.get('Cache-Control') ?? 'no-store').toBe('no-store')
  }
})

test('the site is switched as a whole, and before the first release nothing is there', async () => {
  expect((await get('/public/')).status).toBe(404)
  await publish('one', { 'index.html': 'old', 'gone.html': 'old' })
  await expect.poll(async () => (await get('/public/')).text()).toBe('old')
  expect(await (await get('/public/gone.html')).text()).toBe('old')
  await publish('two', { 'index.html': 'new' })
  await expect.poll(async () => (await get('/public/')).text()).toBe('new')
  expect((await get('/public/gone.html')).status).toBe(404)
})

test('every address below a withdrawn release is gone for good and says so, whatever was there', async () => {
  await publish('one', {
    'index.html': 'ours',
    '404.html': 'not here',
    'releases/2026-05/index.html': 'withdrawn, because',
    'releases/2026-05/withdrawn.txt': 'why',
    'releases/2026-06/index.html': 'a release',
  })
  for (const path of [
    '',
    'index.html',
    'services/permits.html',
    'data/x.csv',
    'embed/permits.svg',
    'data/',
  ]) {
    const answer = await get(`/public/releases/2026-05/${path}`)
    expect([path, answer.status, await answer.text()]).toEqual([path, 410, 'withdrawn, because'])
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
  }
  expect(await (await get('/public/releases/2026-05/withdrawn.txt')).text()).toBe('why')
  expect((await get('/public/releases/2026-06/')).status).toBe(200)
  for (const path of ['2026-06/data/x.csv', '2026-07/', '2026-05', '2026-05/../../secret.json', ''])
    expect([path, (await get(`/public/releases/${path}`)).status]).toEqual([path, 404])
})

/** The files that a file imports, with all that those import; what is a type only is not there when it runs. */
async function importedBy(file: string, known = new Set<string>()): Promise<Set<string>> {
  known.add(file)
  if (!/\.tsx?$/.test(file)) return known
  const source = await readFile(file, 'utf8')
  const named = [
    ...source.matchAll(/(?:^import (?!type )[^;'"]*|^export [^;'"]*from |import\()['"](\.[^'"]+)['"]/gm),
  ]
  for (const [, path = ''] of named) {
    const target = join(dirname(file), path)
    if (!known.has(target)) await importedBy(target, known)
  }
  return known
}

test('what serves the public imports nothing that leads to the store, at whatever distance', async () => {
  const root = join(import.meta.dirname, '..')
  const from = async (file: string) =>
    [...(await importedBy(join(root, 'server', file)))].map((path) => relative(root, path))
  const isInside = (path: string) => /^(sql|pipelines)\//.test(path)
  const own = [...(await from('publicSite.ts')), ...(await from('publicFiles.ts'))]
  expect(own).toContain('server/publicFiles.ts')
  expect(own.filter(isInside)).toEqual([])
  // it is found where it is
  expect((await from('releases/siteOf.ts')).filter(isInside)).toContain('sql/db.ts')
})

test('many who come at once when the server has just started all get the page', async () => {
  await publish('one', { 'index.html': 'here' })
  const answers = await Promise.all(Array.from({ length: 20 }, () => get('/public/')))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
})

test('a large file is streamed whole', async () => {
  const text = 'a,b\n'.repeat(1_000_000)
  await publish('one', { 'data/large.csv': text })
  const answer = await get('/public/data/large.csv', { 'Accept-Encoding': 'br' })
  expect(answer.headers.get('Content-Length')).toBe(String(text.length))
  const sum = (of: Buffer | string) => createHash('sha256').update(of).digest('hex')
  expect(sum(Buffer.from(await answer.arrayBuffer()))).toBe(sum(text))
  expect(
    (await get('/public/data/large.csv', { 'If-None-Match': answer.headers.get('ETag') ?? '' })).status,
  ).toBe(304)
})
