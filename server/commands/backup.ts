import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { progressOn } from '../../pipelines/progress.ts'
import { openAudit } from '../../sql/audit.ts'
import { makeBackup } from '../backup/make.ts'
import { restore } from '../backup/restore.ts'
import { unpack } from '../backup/unpack.ts'
import { type Env, StartError, secretNames } from '../env.ts'
import { openStore } from '../open.ts'
import { byCommand } from './actor.ts'

export type BackupFlags = { out?: string; verify?: string; json?: boolean }

/** Makes a backup, or says whether one is whole. */
export async function backupCommand(env: Env, { out, verify, json = false }: BackupFlags): Promise<void> {
  if (verify !== undefined) return verifyBackup(verify, json)
  if (out === undefined) throw new StartError('Say where the backup goes with --out: a file, or a folder.')
  const db = await openStore(env)
  const progress = progressOn(process.stderr, 'Making a backup')
  try {
    const made = await makeBackup(db, out, { onShare: progress.at })
    progress.done()
    await openAudit(db).note({ actor: byCommand('backup'), deed: 'backup', object: basename(made.file) })
    if (json) return print(JSON.stringify(made))
    print(`${made.file}: ${megabytes(made.bytes)}, the data of ${made.made_at}.`)
    print(
      'It holds personal data and the keys of the data folder: keep it encrypted, and not on this machine.',
    )
    const set = secretNames.filter((name) => env[name] !== undefined)
    if (set.length > 0)
      print(`Not in it, because they stand in the environment: ${set.join(', ')}. Keep them apart.`)
  } finally {
    progress.done()
    await db.close()
  }
}

async function verifyBackup(file: string, json: boolean): Promise<void> {
  const size = await stat(file).then(
    (about) => about.size,
    () => 0,
  )
  const progress = progressOn(process.stderr, 'Reading the backup')
  let read = 0
  try {
    const { head, files, bytes } = await unpack(resolve(file), {
      onBytes: (more) => {
        read += more
        progress.at(read / Math.max(1, size))
      },
    })
    progress.done()
    if (json) return print(JSON.stringify({ ok: true, ...head, files, bytes }))
    print(
      `${file} is whole: ${files.toLocaleString('en')} files, the data of ${head.made_at}, made by Clearway ${head.clearway}.`,
    )
  } finally {
    progress.done()
  }
}

/** Makes a data folder of a backup. */
export async function restoreCommand(
  env: Env,
  file: string,
  { json = false }: { json?: boolean },
): Promise<void> {
  const progress = progressOn(process.stderr, 'Restoring')
  try {
    const { head, folder, files, bytes } = await restore(file, env.CLEARWAY_DATA, progress.at)
    progress.done()
    if (json) return print(JSON.stringify({ folder, ...head, files, bytes }))
    print(`${folder} holds the data of ${head.made_at}. Start it with: clearway serve --data ${folder}`)
    print('Then run clearway check, and repeat what was erased after that moment.')
  } finally {
    progress.done()
  }
}

const megabytes = (bytes: number) =>
  `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 1 })} MB`
const print = (line: string) => void process.stdout.write(`${line}\n`)
