import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { forgetFiles } from './failed.ts'

const now = Date.UTC(2026, 5, 30)
const daysAgo = (days: number): Date => new Date(now - days * 86_400_000)

test('what did not load is removed with its reason 30 days after it failed, and nothing else is', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-failed-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const folders = ['inbox/failed', 'sources/answers-1/failed', 'sources/a-topic-of-old/failed', 'inbox/done']
  for (const folder of folders) {
    await mkdir(path.join(dir, folder), { recursive: true })
    // a file is often older than its failure
    for (const [name, age] of [
      ['old.csv', 400],
      ['old.csv.reason.txt', 31],
      ['new.csv', 400],
      ['new.csv.reason.txt', 29],
      ['not-ours.csv', 400],
    ] as const) {
      await writeFile(path.join(dir, folder, name), name)
      await utimes(path.join(dir, folder, name), daysAgo(age), daysAgo(age))
    }
  }
  await forgetFiles(dir, ['inbox', 'a-folder-that-is-not-there'], undefined, now)
  const left = ['new.csv', 'new.csv.reason.txt', 'not-ours.csv']
  for (const folder of folders.slice(0, 3))
    expect((await readdir(path.join(dir, folder))).sort(), folder).toEqual(left)
  expect(await readdir(path.join(dir, 'inbox/done'))).toHaveLength(5)
  const kept = { failed_files: 1, loaded_files: 10 }
  await forgetFiles(dir, ['inbox'], kept, Date.now() + 9 * 86_400_000)
  expect(await readdir(path.join(dir, 'inbox/done'))).toHaveLength(5)
  await forgetFiles(dir, ['inbox'], kept, Date.now() + 11 * 86_400_000)
  expect(await readdir(path.join(dir, 'inbox/done'))).toEqual([])
  expect(await readdir(path.join(dir, 'inbox/failed'))).toEqual(['not-ours.csv'])
})
