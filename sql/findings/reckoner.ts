import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Drawn } from './books.ts'
import { drawn, type Undrawn } from './drawn.ts'
import { priced, type Unpriced } from './replay/priced.ts'

/** Who draws findings and prices them, one thing after another. */
export type Reckoner = {
  draw(undrawn: Undrawn): Promise<Drawn[]>
  price(unpriced: Unpriced): Promise<Drawn[]>
  close(): Promise<unknown>
}

export type Work = { draw: Undrawn } | { price: Unpriced }
export const reckoned = (work: Work): Drawn[] => ('draw' in work ? drawn(work.draw) : priced(work.price))

/** In a thread of its own: to lead years of cases through a service takes seconds in which nobody else would be answered. */
export function openReckoner(): Reckoner {
  const program = fileURLToPath(new URL('./findings-reckoner.js', import.meta.url))
  // run from its sources there is no program for a thread
  const worker = existsSync(program) ? new Worker(program) : undefined
  const ask = async (work: Work): Promise<Drawn[]> => {
    if (!worker) return reckoned(work)
    const answered = once(worker, 'message')
    worker.postMessage(work)
    const [answer] = await answered
    return answer
  }
  return {
    draw: (undrawn) => ask({ draw: undrawn }),
    price: (unpriced) => ask({ price: unpriced }),
    close: async () => worker?.terminate(),
  }
}
