import { withLock } from '../../../pipelines/lock.ts'
import { startCarrying } from './carry.ts'
import { openOutbox } from './outbox.ts'
import { type DeliverySettings, reportsDir } from './settings.ts'
import { openWays } from './ways.ts'

/** What the server tells its postman, and hears from it. */
export type ToPostman = { start: { dataDir: string; settings: DeliverySettings } } | 'nudge' | 'stop'
export type FromPostman = { key: string } | { trouble: string }

/**
 * A process of its own hands reports over. It outlives its server: when that is gone, however it went, the hand-overs under way are
 * finished and their receipts written. Only one works on a data folder at a time.
 */
const stop = new AbortController()
let works = false
let nudge = () => {}

const say = (message: FromPostman): void => {
  if (process.connected) process.send?.(message, () => {})
}
const tell = (error: unknown): void =>
  say({ trouble: error instanceof Error ? error.message : String(error) })

function end(): void {
  stop.abort()
  // who still waits for its turn has nothing to finish
  if (!works) process.exit()
}

async function start(dataDir: string, settings: DeliverySettings): Promise<void> {
  await withLock(reportsDir(dataDir), 'postman', async () => {
    works = true
    const outbox = await openOutbox(dataDir)
    const carrying = startCarrying({
      outbox,
      ways: openWays(settings),
      stop: stop.signal,
      onReceipt: ({ key }) => say({ key }),
      onTrouble: tell,
    })
    nudge = carrying.nudge
    await carrying.ended
  })
}

process.on('disconnect', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
process.on('message', (message: ToPostman) => {
  if (message === 'stop') end()
  else if (message === 'nudge') nudge()
  else
    start(message.start.dataDir, message.start.settings)
      .catch(tell)
      .finally(() => process.exit())
})
