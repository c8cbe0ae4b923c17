import { appendFile, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type ConfigInput, configSchema } from '../../sql/config.ts'
import { load } from '../load.ts'
import { loadMapping } from '../mapping.ts'
import { useStore } from '../testStore.ts'
import { Intake } from './intake.ts'

const store = useStore()
const csv = (ids: string[], time = '2026-01-05T09:00:00Z') =>
  `case_id,event_id,service,activity,time\n${ids.map((id) => `${id},1,permits,Review,${time}`).join('\n')}\n`
const inFolder = (...names: string[]) => path.join(store.db.dataDir, ...names)
const visible = async (...names: string[]) =>
  (await readdir(inFolder(...names), { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort()
const cases = (source: string) =>
  store.value(`SELECT count() FROM case_events FINAL WHERE source = '${source}'`)

function watching(source: NonNullable<ConfigInput['sources']>[number]): Promise<Intake> {
  const config = configSchema.parse({ jurisdiction: { name: 'Town', time_zone: 'UTC' }, sources: [source] })
  return Intake.open(store.db, { sources: config.sources, settleMs: 300 })
}

test('files are taken when they are complete, each once, and moved to done or to failed with the reason', async () => {
  await mkdir(inFolder('inbox', 'done'), { recursive: true })
  const elsewhere = await store.file('elsewhere.csv', csv(['S1']))
  await symlink(elsewhere, inFolder('inbox', 'link.csv'))
  await writeFile(inFolder('inbox', 'done', 'first.csv'), 'an older file of the same name')
  await writeFile(inFolder('inbox', 'first.csv'), csv(['A', 'B']))
  await writeFile(inFolder('inbox', 'upload.part'), csv(['P']))
  const intake = await watching({ kind: 'folder', path: 'inbox', mapping: 'clearway', source: 'drop' })
  const state = () => intake.sources()[1]
  await expect.poll(() => visible('inbox', 'done'), { timeout: 15_000 }).toEqual(['first-2.csv', 'first.csv'])
  expect(await readFile(inFolder('inbox', 'done', 'first.csv'), 'utf8')).toBe(
    'an older file of the same name',
  )
  expect(state()).toMatchObject({ kind: 'folder', name: 'inbox', last_file: 'first.csv', last_error: null })

  // what arrives in pieces is one file
  const growing = inFolder('inbox', 'grows.csv')
  await writeFile(growing, csv(['C']))
  for (const id of ['D', 'E', 'F']) {
    await appendFile(growing, csv([id]).split('\n')[1] ?? '')
    await appendFile(growing, '\n')
  }
  await writeFile(inFolder('inbox', 'wrong.csv'), csv(['W'], 'yesterday'))
  await expect
    .poll(() => visible('inbox', 'failed'), { timeout: 15_000 })
    .toEqual(['wrong.csv', 'wrong.csv.reason.txt'])
  expect(await readFile(inFolder('inbox', 'failed', 'wrong.csv.reason.txt'), 'utf8')).toContain(
    '1 of 1 rows were rejected',
  )
  expect(state()).toMatchObject({ state: 'troubled', last_file: 'wrong.csv' })

  // a finished upload gets its name, and trouble is over
  await rename(inFolder('inbox', 'upload.part'), inFolder('inbox', 'upload.csv'))
  await expect.poll(() => visible('inbox'), { timeout: 15_000 }).toEqual(['link.csv'])
  expect(state()).toMatchObject({ state: 'ready', waiting: 0, last_file: 'upload.csv', last_error: null })
  expect(await cases('drop')).toBe(7)
  const loads = await store.rows<{ file_name: string; read: number }>(
    `SELECT file_name, read FROM loads FINAL WHERE source = 'drop' AND state = 'done' ORDER BY load_no`,
  )
  expect(loads).toEqual([
    { file_name: 'first.csv', read: 2 },
    { file_name: 'grows.csv', read: 4 },
    { file_name: 'upload.csv', read: 1 },
  ])
  await intake.close()
})

test('a file that was loaded but not moved when the server died counts once', async () => {
  await mkdir(inFolder('again'), { recursive: true })
  const file = inFolder('again', 'rows.csv')
  await writeFile(file, csv(['A', 'B']))
  await load(store.db, { file, mapping: await loadMapping('clearway'), source: 'again' })
  const intake = await watching({ kind: 'folder', path: 'again', mapping: 'clearway', source: 'again' })
  await expect.poll(() => visible('again', 'done'), { timeout: 15_000 }).toEqual(['rows.csv'])
  await intake.close()
  expect(await cases('again')).toBe(2)
  expect(await store.value(`SELECT count() FROM loads FINAL WHERE source = 'again'`)).toBe(1)
})

test('a folder that cannot be used shows in the state of its source and stops nothing', async () => {
  const taken = await store.file('taken', 'a file, no folder')
  const intake = await watching({ kind: 'folder', path: taken, mapping: 'clearway' })
  expect(intake.sources()[1]).toMatchObject({ state: 'troubled', waiting: 0 })
  expect(intake.sources()[1]?.last_error).toContain('cannot be made or written')
  await intake.close()
})
