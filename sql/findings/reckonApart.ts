import { parentPort } from 'node:worker_threads'
import { reckoned, type Work } from './reckoner.ts'

/** A thread reckons what it is given. */
parentPort?.on('message', (work: Work) => parentPort?.postMessage(reckoned(work)))
