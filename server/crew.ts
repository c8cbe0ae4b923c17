import { type ChildProcess, fork } from 'node:child_process'
import { memoryOf } from './processMemory.ts'

/** How long a process waits for the next work, in milliseconds; how much it does, and what it may have kept in memory, to wait at all. */
const longest = { restMs: 60_000, works: 100, megabytes: 500 }

type Resting = { program: string; child: ChildProcess; end: () => void }

/**
 * Processes that are at hand when their work is done: to start one, and to open the store and fonts in it, takes longer than most work. Who
 * has worked long or kept much is let go, so that what is used is given back.
 */
export class Crew {
  readonly #resting: Resting[] = []
  readonly #works = new WeakMap<ChildProcess, number>()
  #closed = false

  /** A process of the program that is at hand, or a new one. */
  call(program: string): ChildProcess {
    const found = this.#resting.find((each) => each.program === program && each.child.connected)
    if (!found) return start(program)
    found.end()
    found.child.ref()
    found.child.channel?.ref()
    return found.child
  }

  /** Its work is done. */
  async rest(program: string, child: ChildProcess): Promise<void> {
    const works = (this.#works.get(child) ?? 0) + 1
    this.#works.set(child, works)
    const kept = await memoryOf(child.pid)
    const isTired = works >= longest.works || kept === undefined || kept > longest.megabytes
    if (this.#closed || isTired || !child.connected) return letGo(child)
    const end = () => {
      clearTimeout(late)
      child.off('exit', end)
      const place = this.#resting.findIndex((each) => each.child === child)
      if (place >= 0) this.#resting.splice(place, 1)
    }
    const late = setTimeout(() => {
      end()
      letGo(child)
    }, longest.restMs)
    late.unref()
    child.once('exit', end)
    // nobody waits for it
    child.unref()
    child.channel?.unref()
    this.#resting.push({ program, child, end })
  }

  /** Lets all go; those at work when their work is done. */
  close(): void {
    this.#closed = true
    for (const { child, end } of [...this.#resting]) {
      end()
      letGo(child)
    }
  }
}

/** A process of the program; it ends with this one, and knows none of its secrets. */
export const start = (program: string): ChildProcess =>
  fork(program, {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: Object.fromEntries(ordinary.map((name) => [name, process.env[name]])),
  })
const ordinary = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ']

/** It ends when nobody can ask it for anything any more. */
export function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect()
}
