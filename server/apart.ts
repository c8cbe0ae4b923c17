import { fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { UnknownIdError } from '../../sql/errors.ts'
import { ReportError, TooMuchError } from './reportError.ts'

export type Limits = { seconds: number; megabytes: number }

type Answer<Made> = { made: Made } | { name: string; message: string }

const pageBytes = 4096

/** Memory of a process in megabytes; undefined where the system does not tell, or when it has ended. */
async function memoryOf(pid: number): Promise<number | undefined> {
  const told = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined)
  return told === undefined ? undefined : (Number(told.split(' ')[1]) * pageBytes) / 1e6
}

/**
 * Has a process of its own do the work, within limits of time and memory: what asks too much ends alone, and the server goes on. The
 * process ends with this one, or when told to stop.
 */
export function apart<Made>(
  program: string,
  asked: object,
  { seconds, megabytes }: Limits,
  stop?: AbortSignal,
): Promise<Made> {
  return new Promise((resolve, reject) => {
    if (stop?.aborted) return reject(stop.reason)
    const child = fork(program, {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const end = (error: Error) => {
      reject(error)
      child.kill('SIGKILL')
    }
    const stopped = () => end(stop?.reason)
    const tooLate = setTimeout(
      () =>
        end(
          new TooMuchError(
            `The report took longer than ${seconds} seconds and was stopped: choose a shorter period or fewer filters.`,
          ),
        ),
      seconds * 1000,
    )
    const watch = setInterval(async () => {
      const used = child.pid === undefined ? undefined : await memoryOf(child.pid)
      if (used !== undefined && used > megabytes)
        end(
          new TooMuchError(
            `The report needed more than ${megabytes} MB of memory and was stopped: choose a shorter period, fewer filters, or CSV.`,
          ),
        )
    }, 200)
    stop?.addEventListener('abort', stopped, { once: true })
    child.once('message', (answer: Answer<Made>) => {
      if ('made' in answer) resolve(answer.made)
      else reject(wordsFor(answer))
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(tooLate)
      clearInterval(watch)
      stop?.removeEventListener('abort', stopped)
      reject(
        new ReportError(
          `The process that made the report ended with ${signal ?? code} before it was done: try again, or choose a shorter period.`,
        ),
      )
    })
    child.send(asked)
  })
}

/** A refusal is for people, whichever process found it. */
const wordsFor = ({ name, message }: { name: string; message: string }): Error =>
  name === 'ReportError'
    ? new ReportError(message)
    : name === 'UnknownIdError'
      ? new UnknownIdError(message)
      : Object.assign(new Error(message), { name })
