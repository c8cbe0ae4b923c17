import { readFile } from 'node:fs/promises'

const pageBytes = 4096

/** Memory of a process in megabytes; undefined where the system does not tell, or when it has ended. */
export async function memoryOf(pid: number | undefined): Promise<number | undefined> {
  const told = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined)
  return told === undefined ? undefined : (Number(told.split(' ')[1]) * pageBytes) / 1e6
}
