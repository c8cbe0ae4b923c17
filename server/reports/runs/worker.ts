import { randomBytes } from 'node:crypto'
import { isAlive } from '../../../sql/alive.ts'

/** Who works on runs in this process; a process of the same number that ran before is not among them. */
const here = new Set<string>()

/** A name for a worker that is known to live until it is let go. */
export function startWorker(): { id: string; end: () => void } {
  const id = `${process.pid}:${randomBytes(6).toString('hex')}`
  here.add(id)
  return { id, end: () => void here.delete(id) }
}

/** Whether a worker may still be at work. A number of a process that was given to another one only delays: its lease ends. */
export function isAtWork(id: string): boolean {
  const pid = Number(id.split(':')[0])
  return pid === process.pid ? here.has(id) : Number.isInteger(pid) && pid > 0 && isAlive(pid)
}
