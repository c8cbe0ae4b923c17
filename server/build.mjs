// Builds the dashboard and the server into dist/ when the sources are newer than the last build.
// `node server/build.mjs` always builds, `--if-needed` only when something changed.
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const stampFile = join(dist, 'stamp.json')
const lockFile = join(dist, 'build.lock')
const folders = ['server', 'client', 'sql', 'pipelines', 'fixtures']
const files = ['package-lock.json', 'vite.config.ts', 'tsconfig.json']
const notBuilt = /\.(test|e2e)\.tsx?$|\.md$/

/** Path, size and time of change of every source file: tells within milliseconds whether anything changed. */
const sources = () => {
  const found = []
  const add = (path) => {
    const { size, mtimeMs } = statSync(path)
    found.push({ path: relative(root, path), size, mtimeMs })
  }
  for (const folder of folders)
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && !notBuilt.test(entry.name)) add(join(entry.parentPath, entry.name))
  for (const file of files) add(join(root, file))
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

const hash = (parts) => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part)
  return sum.digest('hex').slice(0, 16)
}
const quickStamp = (list) => hash(list.map((f) => `${f.path}:${f.size}:${f.mtimeMs};`))
const contentStamp = (list) => hash(list.flatMap((f) => [`${f.path};`, readFileSync(join(root, f.path))]))

const lastBuild = () => {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

const alive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Takes the build lock, or waits for the process that holds it. */
const lock = async () => {
  mkdirSync(dist, { recursive: true })
  for (;;) {
    try {
      const file = openSync(lockFile, 'wx')
      writeFileSync(file, String(process.pid))
      closeSync(file)
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    let holder = Number.NaN
    try {
      holder = Number(readFileSync(lockFile, 'utf8'))
    } catch {}
    if (holder > 0 && !alive(holder)) rmSync(lockFile, { force: true })
    else await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const viteBuilds = async (stamp) => {
  process.env.CLEARWAY_BUILD = stamp
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  const configFile = join(root, 'vite.config.ts')
  await Promise.all([
    build({ configFile, logLevel: 'warn' }),
    build({ configFile, logLevel: 'warn', build: { ssr: true } }),
  ])
}

/** True when dist/ belongs to the sources as they are now. */
export const isBuilt = () => {
  if (!existsSync(join(dist, 'server/clearway.js')) || !existsSync(join(dist, 'client/index.html')))
    return false
  const last = lastBuild()
  const list = sources()
  if (last.quick === quickStamp(list)) return true
  if (last.content !== contentStamp(list)) return false
  writeFileSync(stampFile, JSON.stringify({ quick: quickStamp(list), content: last.content }))
  return true
}

/** Builds unless dist/ is up to date. Several processes may ask at once: one builds, the others wait. */
export const build = async ({ force = false } = {}) => {
  await lock()
  try {
    if (!force && isBuilt()) return
    const list = sources()
    const content = contentStamp(list)
    rmSync(stampFile, { force: true })
    await viteBuilds(content)
    writeFileSync(stampFile, JSON.stringify({ quick: quickStamp(list), content }))
  } finally {
    rmSync(lockFile, { force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await build({ force: !process.argv.includes('--if-needed') })
  } catch (error) {
    const missing = error?.code === 'ERR_MODULE_NOT_FOUND'
    console.error(
      missing
        ? 'Building needs the development packages: run "npm ci --include=dev".'
        : (error?.message ?? error),
    )
    process.exit(1)
  }
}
