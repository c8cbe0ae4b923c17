import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { MadeReport } from '../content.ts'
import type { ReportsDesk } from './desk.ts'

type Where = Pick<ReportsDesk, 'db' | 'disk'>

/** What was made for runs that are under way: kept on disk, so that a report tried again is the same, whoever tries. */
export const madeFolder = ({ db }: Where): string => join(db.dataDir, 'reports', 'made')
const fileOf = (desk: Where, id: string): string => join(madeFolder(desk), `${id}.json`)

/** What was made under this name, unless it or its file is gone. */
export async function readMade(desk: Where, id: string): Promise<MadeReport | undefined> {
  const text = await desk.disk.read(fileOf(desk, id))
  if (text === undefined) return undefined
  const made = JSON.parse(text) as MadeReport
  return (await desk.disk.exists(made.file.path)) ? made : undefined
}

export async function keepMade(desk: Where, id: string, made: MadeReport): Promise<void> {
  await desk.disk.makeFolder(madeFolder(desk))
  const draft = join(madeFolder(desk), `.${id}-${randomBytes(4).toString('hex')}`)
  await desk.disk.write(draft, JSON.stringify(made))
  await desk.disk.rename(draft, fileOf(desk, id))
}

/** Forgets what no run needs any more. */
export async function forgetMade(desk: Where, needed: ReadonlySet<string>): Promise<void> {
  for (const name of await desk.disk.list(madeFolder(desk)))
    if (!needed.has(name.replace(/^\.?([0-9a-f]{32}).*$/, '$1')))
      await desk.disk.remove(join(madeFolder(desk), name))
}

const markOf = (desk: Where, id: string): string => join(madeFolder(desk), `${id}.begun`)

/** Whoever makes a report leaves a mark until it has come to an end: so what ends a server is told from what only waited for its turn. */
export async function markBegun(desk: Where, id: string): Promise<void> {
  await desk.disk.makeFolder(madeFolder(desk))
  await desk.disk.write(markOf(desk, id), '')
}

/** Whether a report was begun and came to no end; asked again it was not. */
export async function takeMark(desk: Where, id: string): Promise<boolean> {
  const isThere = await desk.disk.exists(markOf(desk, id))
  if (isThere) await desk.disk.remove(markOf(desk, id))
  return isThere
}
