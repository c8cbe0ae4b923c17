import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Drawn } from './books.ts'
import { drawn, type Undrawn } from './drawn.ts'
import { priced, type Unpriced } from './replay/priced.ts'

export type Work = { draw: Undrawn } | { price: Unpriced }
export const reckoned = (work: Work): Drawn[] => ('draw' in work ? drawn(work.draw) : priced(work.price))

/** A thread that has nothing to do is kept for so long, in milliseconds: one that has drawn before draws much faster. */
const restMs = 60_000

/** A thread that does one thing after another; started when first needed, ended when it had nothing to do for long. */
class Thread {
  #worker: Worker | undefined
  #free: Promise<unknown> = Promise.resolve()
  #rest: NodeJS.Timeout | undefined

  do(work: Work): Promise<Drawn[]> {
    const done = this.#free.then(() => this.#ask(work))
    this.#free = done.catch(() => {})
    return done
  }

  async #ask(work: Work): Promise<Drawn[]> {
    clearTimeout(this.#rest)
    const worker = this.#worker ?? new Worker(program)
    this.#worker = worker
    worker.ref()
    const asked = new AbortController()
    const ended = async () => {
      await once(worker, 'exit', asked)
      throw new Error('the thread that draws findings ended')
    }
    worker.postMessage(work)
    try {
      const [found] = await Promise.race([once(worker, 'message', asked), ended()])
      return found
    } catch (error) {
      this.#worker = undefined
      throw error
    } finally {
      asked.abort()
      worker.unref()
      this.#rest = setTimeout(() => this.#end(), restMs).unref()
    }
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
  }
}

const program = fileURLToPath(new URL('./findings-reckoner.js', import.meta.url))
// run from its sources there is no program for a thread
const isBuilt = existsSync(program)
const threads = { draw: new Thread(), price: new Thread() }

/**
 * Draws findings, or prices them, in a thread of its own: to lead years of cases through a service takes seconds, in which nobody else would
 * be answered.
 */
export async function reckon(work: Work): Promise<Drawn[]> {
  if (!isBuilt) return reckoned(work)
  return threads['draw' in work ? 'draw' : 'price'].do(work)
}
