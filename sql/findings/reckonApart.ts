import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { reckoned, type Work } from './reckoner.ts'

// of this thread alone: who waits for a page comes first
setPriority(0, 10)

/** A thread reckons what it is given. */
parentPort?.on('message', (work: Work) => parentPort?.postMessage(reckoned(work)))
