import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { withLock } from '../../../pipelines/lock.ts'
import type { Postman } from '../parcel.ts'
import { startCarrying } from './carry.ts'
import { openOutbox } from './outbox.ts'
import type { FromPostman, ToPostman } from './postman.ts'
import { type DeliverySettings, reportsDir } from './settings.ts'
import { openWays } from './ways.ts'

/** How long the end of a server waits for hand-overs; a postman in a process of its own then goes on alone. */
const patience = 10_000
/** How often receipts are looked for that nobody told of: the postman of another server may write them. */
const lookAgain = 1_000
const longestPause = 30_000

type Options = {
  dataDir: string
  settings: DeliverySettings
  log: Pick<Logger, 'warn'>
  /** The postman's program; null does its work in this process. The built one beside this file when not given. */
  program?: string | null
}

/** Employs a postman for as long as the server runs. @public */
export async function openPostman({
  dataDir,
  settings,
  log,
  program = builtBeside(),
}: Options): Promise<Postman> {
  const outbox = await openOutbox(dataDir)
  let wake = () => {}
  const onReceipt = () => wake()
  const onTrouble = (trouble: unknown) => log.warn({ trouble }, 'a report could not be handed over')
  const work = program === null ? workHere : workApart
  const { nudge, close } = work({ dataDir, settings, program: program ?? '', onReceipt, onTrouble })

  return {
    async post(parcels) {
      await outbox.post(parcels)
      nudge()
    },
    receipts: outbox.receipts,
    underWay: outbox.underWay,
    settle: outbox.settle,
    async waitForReceipt(stop) {
      const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()))
      while (!stop.aborted) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        if (await outbox.hasReceipt()) return
        const over = new AbortController()
        await Promise.race([
          woken,
          stopped,
          wait(lookAgain, undefined, { signal: over.signal }).catch(() => {}),
        ])
        over.abort()
      }
    },
    close,
  }
}

type Work = {
  dataDir: string
  settings: DeliverySettings
  program: string
  onReceipt: () => void
  onTrouble: (trouble: unknown) => void
}
type Worker = { nudge: () => void; close: () => Promise<void> }

function workApart({ dataDir, settings, program, onReceipt, onTrouble }: Work): Worker {
  const closing = new AbortController()
  let child: ChildProcess | undefined
  let ended = Promise.resolve()
  const send = (message: ToPostman) => {
    if (child?.connected) child.send(message, () => {})
  }

  function employ(pause: number): void {
    const began = Date.now()
    // in a group of its own: neither the end of the server nor Ctrl-C takes it along
    const started = fork(program, {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    child = started
    started.on('message', (message: FromPostman) => {
      if ('key' in message) onReceipt()
      else onTrouble(message.trouble)
    })
    ended = new Promise((resolve) => {
      started.once('error', resolve)
      started.once('exit', resolve)
    })
    void ended.then(async () => {
      if (closing.signal.aborted) return
      onTrouble('The postman ended; another one begins.')
      const next = Date.now() - began > longestPause ? 500 : Math.min(pause * 2, longestPause)
      await wait(pause, undefined, { signal: closing.signal, ref: false }).catch(() => {})
      if (!closing.signal.aborted) employ(next)
    })
    send({ start: { dataDir, settings } })
  }
  employ(500)

  return {
    nudge: () => send('nudge'),
    async close() {
      closing.abort()
      send('stop')
      await Promise.race([ended, wait(patience, undefined, { ref: false })])
      if (child?.connected) child.disconnect()
      child?.unref()
    },
  }
}

function workHere({ dataDir, settings, onReceipt, onTrouble }: Work): Worker {
  const stop = new AbortController()
  let nudge = () => {}
  let works = false
  const ended = withLock(reportsDir(dataDir), 'postman', async () => {
    if (stop.signal.aborted) return
    works = true
    const outbox = await openOutbox(dataDir)
    const carrying = startCarrying({
      outbox,
      ways: openWays(settings),
      stop: stop.signal,
      onReceipt,
      onTrouble,
    })
    nudge = carrying.nudge
    await carrying.ended
  }).catch(onTrouble)
  return {
    nudge: () => nudge(),
    async close() {
      stop.abort()
      if (works) await ended
    },
  }
}

/** Run from its sources there is no program to start. */
function builtBeside(): string | null {
  const program = fileURLToPath(new URL('./postman.js', import.meta.url))
  return existsSync(program) ? program : null
}
