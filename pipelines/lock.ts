import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isAlive } from '../sql/alive.ts'

const mine = `${process.pid}:${randomUUID()}:${startOf(process.pid)}`

/**
 * Runs `work` while no other process and no other call holds `<dir>/<name>.lock`. Waits for its turn; a lock whose process is gone is
 * taken over. With `wait: false` gives undefined at once when someone else holds it.
 */
export async function withLock<T>(dir: string, name: string, work: () => Promise<T>): Promise<T>
export async function withLock<T>(
  dir: string,
  name: string,
  work: () => Promise<T>,
  options: { wait: false },
): Promise<T | undefined>
export async function withLock<T>(
  dir: string,
  name: string,
  work: () => Promise<T>,
  options: { wait: boolean } = { wait: true },
): Promise<T | undefined> {
  await mkdir(dir, { recursive: true })
  const file = path.join(dir, `${name}.lock`)
  while (!(await take(file))) {
    if (await isStale(file)) {
      await breakLock(file)
      continue
    }
    if (!options.wait) return undefined
    await wait(40 + Math.random() * 20)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, mine, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    // made, but not written on a full disk
    await rm(file, { force: true })
    throw error
  }
}

async function isStale(file: string): Promise<boolean> {
  let holder: string
  try {
    holder = await readFile(file, 'utf8')
  } catch {
    return false
  }
  if (holder === mine) return false
  const [number, , started] = holder.split(':')
  const pid = Number(number)
  // written a moment ago and still empty, or left empty by a process that died between creating and writing
  if (!Number.isInteger(pid) || pid <= 0) return (await ageOf(file)) > 5_000
  if (pid === process.pid) return true
  // numbers of processes come again
  return isAlive(pid) ? Boolean(started) && started !== startOf(pid) : true
}

/** Two that find the same dead lock may not both remove it: the second would remove the new lock of the first. */
async function breakLock(file: string): Promise<void> {
  const breaker = `${file}.break`
  if (!(await take(breaker))) {
    if ((await ageOf(breaker)) > 5_000) await rm(breaker, { force: true })
    return
  }
  try {
    if (await isStale(file)) await rm(file, { force: true })
  } finally {
    await rm(breaker, { force: true })
  }
}

/** When a process began, in the system's own count; empty where the system does not tell. */
function startOf(pid: number): string {
  try {
    const about = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return about.slice(about.lastIndexOf(')')).split(' ')[20] ?? ''
  } catch {
    return ''
  }
}

async function ageOf(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs
  } catch {
    return 0
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
