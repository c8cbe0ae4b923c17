import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withLock } from './lock.ts'

const tempDir = async (): Promise<string> => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-lock-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

test('only one at a time works under a lock', async () => {
  const dir = await tempDir()
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside)
    await new Promise((resume) => setImmediate(resume))
    inside--
  }
  await Promise.all(Array.from({ length: 8 }, () => withLock(dir, 'x', work)))
  expect(most).toBe(1)
})

test('a lock is given back after a failure, and not waited for when asked so', async () => {
  const dir = await tempDir()
  await expect(withLock(dir, 'x', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  const inner = await withLock(dir, 'x', () => withLock(dir, 'x', async () => 'inner', { wait: false }))
  expect(inner).toBeUndefined()
})

test('a lock of a process that is gone is taken over by exactly one', async () => {
  const dir = await tempDir()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  await writeFile(path.join(dir, 'x.lock'), `${pid}:gone`)
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside)
    await new Promise((resume) => setImmediate(resume))
    inside--
  }
  await Promise.all(Array.from({ length: 4 }, () => withLock(dir, 'x', work)))
  expect(most).toBe(1)
})

test.runIf(process.platform === 'linux')(
  'a lock of a dead process whose number another one has now is taken over',
  async () => {
    const dir = await tempDir()
    await writeFile(path.join(dir, 'x.lock'), `${process.ppid}:gone:1`)
    expect(await withLock(dir, 'x', async () => 'mine', { wait: false })).toBe('mine')
  },
)
