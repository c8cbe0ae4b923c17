import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../../sql/db.ts'
import { LoadError } from '../loadError.ts'
import { PushSource } from '../sources/push.ts'
import { RunningLoads } from '../sources/running.ts'

const longest = 10 * 60_000

/** Loads the bodies that wait, so that none of them is kept: a load leaves out who was erased. Throws LoadError when one cannot be loaded now. */
export async function loadWaiting(db: Db): Promise<void> {
  const push = new PushSource(db, new RunningLoads(), { info: () => {}, warn: () => {} })
  await push.open()
  try {
    for (const until = performance.now() + longest; push.state().waiting > 0; await wait(50))
      if (performance.now() > until)
        throw new LoadError(
          `What was pushed waits and cannot be loaded (${push.state().last_error ?? 'no reason was given'}): mend that and erase again.`,
        )
  } finally {
    await push.close()
  }
}
