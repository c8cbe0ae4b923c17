import type { Db } from '../../sql/db.ts'
import type { LoadRequest, LoadResult } from '../load.ts'
import { RunningLoads } from './running.ts'

/** For tests: loads that are done in the ledger, but whose end nobody hears of until they are let go. */
export class HeldLoads extends RunningLoads {
  /** Loads that are done and held. */
  done = 0
  letGo: () => void = () => {}
  readonly #gate = new Promise<void>((resolve) => {
    this.letGo = resolve
  })

  override async run(db: Db, request: LoadRequest, knownId?: string): Promise<LoadResult> {
    const result = await super.run(db, request, knownId)
    this.done++
    await this.#gate
    return result
  }
}
