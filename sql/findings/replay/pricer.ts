import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Drawn } from '../draw.ts'
import { priced, type Unpriced } from './priced.ts'

/** Who prices findings, one service after another. */
export type Pricer = { price(unpriced: Unpriced): Promise<Drawn[]>; close(): Promise<unknown> }

/** In a thread of its own: to lead years of cases through a service takes seconds in which nobody else would be answered. */
export function openPricer(): Pricer {
  const program = fileURLToPath(new URL('./findings-pricer.js', import.meta.url))
  // run from its sources there is no program for a thread
  if (!existsSync(program)) return { price: async (unpriced) => priced(unpriced), close: async () => {} }
  const worker = new Worker(program)
  return {
    price: async (unpriced) => {
      const answered = once(worker, 'message')
      worker.postMessage(unpriced)
      const [answer] = await answered
      return answer
    },
    close: () => worker.terminate(),
  }
}
