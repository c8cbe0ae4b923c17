import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isAlive } from '../sql/alive.ts'
import { LoadError } from './loadError.ts'
import { recognize } from './sources/httpAnswer.ts'
import { download } from './sources/httpDownload.ts'
import { safeName } from './sources/sourceFolder.ts'

const most = 100 * 2 ** 30
const silenceMs = 60_000

/** Whether what is to be loaded is an address, not a file. */
export const isAddress = (target: string): boolean => /^https?:\/\//i.test(target) && URL.canParse(target)

/** Downloads an address into the data folder, hands the file to `work` and removes it. Throws LoadError. */
export async function withDownload<T>(
  dataDir: string,
  address: string,
  signal: AbortSignal | undefined,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const url = new URL(address)
  if (url.username !== '' || url.password !== '')
    throw new LoadError('The address carries a user or password: make it a source with headers instead.')
  const incoming = path.join(dataDir, 'incoming')
  await mkdir(incoming, { recursive: true })
  await removeLeft(incoming)
  const folder = await mkdtemp(path.join(incoming, `download-${process.pid}-`))
  try {
    const landing = path.join(folder, '.part')
    const answer = await download({ url, file: landing, maxBytes: most, timeoutMs: silenceMs, signal })
    if (answer.status !== 200) throw new LoadError(`The address ${url.host} has nothing to give.`)
    const { ending } = await recognize(landing, url, answer)
    const name = safeName(path.posix.basename(url.pathname)) || safeName(url.host)
    const file = path.join(
      folder,
      /\.(csv|tsv|txt|ndjson|jsonl|json|parquet|xes|xml)(\.(gz|zst))?$/i.test(name) ? name : name + ending,
    )
    await rename(landing, file)
    return await work(file)
  } catch (error) {
    if (signal?.aborted && !(error instanceof LoadError))
      throw new LoadError('The download was cancelled; nothing of it was kept.')
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Downloads of processes that died. */
async function removeLeft(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const pid = Number(/^download-(\d+)-/.exec(name)?.[1] ?? process.pid)
    if (!isAlive(pid)) await rm(path.join(incoming, name), { recursive: true, force: true })
  }
}
