import { parentPort } from 'node:worker_threads'
import { priced, type Unpriced } from './priced.ts'

/** A thread prices what it is given. */
parentPort?.on('message', (unpriced: Unpriced) => parentPort?.postMessage(priced(unpriced)))
