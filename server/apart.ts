import { once } from 'node:events'
import { setPriority } from 'node:os'
import { type Crew, letGo, start } from './crew.ts'
import { memoryOf } from './processMemory.ts'

export type Limits = { seconds: number; megabytes: number }

/** Why nothing came of it: what the process itself said, or that it took too long, too much memory, or ended. */
export type Failure = { name: string; message: string }

type Apart = {
  /** What is made, as a sentence begins with it: "The report". */
  what: string
  limits?: Limits
  stop?: AbortSignal | undefined
  /** Who does it; without one a process is started for this work alone. */
  crew?: Crew | undefined
  /** What to say of a failure. */
  errorOf: (failure: Failure) => Error
}

type Answer<Made> = { made: Made } | Failure

const lookMs = 200

/**
 * Has a process of its own do the work, within limits of time and memory: what asks too much ends alone, and the server goes on. The
 * process ends with this one, or when told to stop. `TooMuch` and `Ended` are the names of failures that it could not tell itself.
 */
export async function apart<Made>(
  program: string,
  asked: object,
  { what, limits, stop, crew, errorOf }: Apart,
): Promise<Made> {
  stop?.throwIfAborted()
  const child = crew?.call(program) ?? start(program)
  const over = new AbortController()
  const { signal } = over
  const answered = once(child, 'message', { signal }) as Promise<[Answer<Made>]>
  const ended = once(child, 'exit', { signal }).then(([code, killed]) => {
    const message = `The process that made it ended with ${killed ?? code} before it was done: try again.`
    throw errorOf({ name: 'Ended', message })
  })
  const tooMuch = (message: string) => errorOf({ name: 'TooMuch', message: `${what} ${message}` })
  const broken = new Promise<never>((_, reject) => {
    stop?.addEventListener('abort', () => reject(stop.reason), { signal })
    if (limits) watch(child.pid, limits, (message) => reject(tooMuch(message)), signal)
  })
  child.send(asked)
  const [answer] = await Promise.race([answered, ended, broken])
    .catch((error: unknown) => {
      child.kill('SIGKILL')
      throw error
    })
    .finally(() => over.abort())
  if (crew) await crew.rest(program, child)
  else letGo(child)
  if ('made' in answer) return answer.made
  throw errorOf(answer)
}

/** Tells when a process has taken too long or too much, until the signal ends the watch. */
function watch(
  pid: number | undefined,
  { seconds, megabytes }: Limits,
  tooMuch: (message: string) => void,
  signal: AbortSignal,
): void {
  const late = setTimeout(
    () => tooMuch(`took longer than ${seconds} seconds and was stopped`),
    seconds * 1000,
  )
  const look = setInterval(async () => {
    const used = await memoryOf(pid)
    if (used !== undefined && used > megabytes)
      tooMuch(`needed more than ${megabytes} MB of memory and was stopped`)
  }, lookMs)
  signal.addEventListener('abort', () => {
    clearTimeout(late)
    clearInterval(look)
  })
}

/** The other side: the process does what it is asked, says what came of it, and ends when nobody can ask it any more. */
export function workApart<Asked>(work: (asked: Asked) => Promise<unknown>): void {
  // it takes what those leave who wait for a page, and the engine that answers them
  setPriority(0, 10)
  process.once('disconnect', () => process.exit(0))
  process.on('message', async (asked) => {
    const say = (answer: Answer<unknown>) => process.send?.(answer)
    try {
      say({ made: await work(asked as Asked) })
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      say({ name, message })
    }
  })
}
