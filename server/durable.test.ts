import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeAllDurably, writeDurably } from './durable.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-durable-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

test('what a writer that died left aside goes with the next write, what others are writing stays', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const kept = [`.other.json.${process.ppid}-0123abcd.part`, '.not ours.part', 'whole.1.part']
  const left = [
    `.letter.json.${child.pid}.part`,
    `.letter.json.${child.pid}-0123abcd.part`,
    // of one that had our number before
    `.letter.json.${process.pid}-0123abcd.part`,
  ]
  for (const write of [
    () => writeDurably(join(dir, 'a.json'), 'a'),
    () => writeAllDurably(dir, [['a.json', 'b']]),
  ]) {
    for (const name of [...kept, ...left]) await writeFile(join(dir, name), '')
    await write()
    expect((await readdir(dir)).sort()).toEqual([...kept, 'a.json'].sort())
  }
})
