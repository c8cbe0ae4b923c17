import { fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setPriority } from 'node:os'

export type Limits = { seconds: number; megabytes: number }

/** Why nothing came of it: what the process itself said, or that it took too long, too much memory, or ended. */
export type Failure = { name: string; message: string }

type Apart = {
  /** What is made, as a sentence begins with it: "The report". */
  what: string
  limits?: Limits
  stop?: AbortSignal | undefined
  /** What to say of a failure. */
  errorOf: (failure: Failure) => Error
}

type Answer<Made> = { made: Made } | Failure

const pageBytes = 4096
const lookMs = 200

/**
 * Has a process of its own do the work, within limits of time and memory: what asks too much ends alone, and the server goes on. The
 * process ends with this one, or when told to stop. `TooMuch` and `Ended` are the names of failures that it could not tell itself.
 */
export function apart<Made>(
  program: string,
  asked: object,
  { what, limits, stop, errorOf }: Apart,
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
    const tooMuch = (message: string) => end(errorOf({ name: 'TooMuch', message: `${what} ${message}` }))
    const unwatch = limits && watch(child.pid, limits, tooMuch)
    const stopped = () => end(stop?.reason)
    stop?.addEventListener('abort', stopped, { once: true })
    child.once('message', (answer: Answer<Made>) => {
      if ('made' in answer) resolve(answer.made)
      else reject(errorOf(answer))
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      unwatch?.()
      stop?.removeEventListener('abort', stopped)
      const message = `The process that made it ended with ${signal ?? code} before it was done: try again.`
      reject(errorOf({ name: 'Ended', message }))
    })
    child.send(asked)
  })
}

/** Tells when a process has taken too long or too much. Gives what ends the watch. */
function watch(
  pid: number | undefined,
  { seconds, megabytes }: Limits,
  tooMuch: (message: string) => void,
): () => void {
  const tooLate = setTimeout(
    () => tooMuch(`took longer than ${seconds} seconds and was stopped`),
    seconds * 1000,
  )
  const look = setInterval(async () => {
    const used = pid === undefined ? undefined : await memoryOf(pid)
    if (used !== undefined && used > megabytes)
      tooMuch(`needed more than ${megabytes} MB of memory and was stopped`)
  }, lookMs)
  return () => {
    clearTimeout(tooLate)
    clearInterval(look)
  }
}

/** Memory of a process in megabytes; undefined where the system does not tell, or when it has ended. */
async function memoryOf(pid: number): Promise<number | undefined> {
  const told = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined)
  return told === undefined ? undefined : (Number(told.split(' ')[1]) * pageBytes) / 1e6
}

/** The other side: the process does what it is asked once, says what came of it, and ends. */
export function workApart<Asked>(work: (asked: Asked) => Promise<unknown>): void {
  // it takes what those leave who wait for a page, and the engine that answers them
  setPriority(0, 10)
  process.once('message', async (asked) => {
    const say = (answer: Answer<unknown>) => new Promise((resolve) => process.send?.(answer, resolve))
    // nobody waits any more
    process.once('disconnect', () => process.exit(1))
    try {
      await say({ made: await work(asked as Asked) })
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      await say({ name, message })
    }
    process.exit(0)
  })
}
