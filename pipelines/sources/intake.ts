import type { Config } from '../../sql/config.ts'
import type { Db } from '../../sql/db.ts'
import { FolderSource } from './folder.ts'
import { PushSource } from './push.ts'
import { RunningLoads } from './running.ts'
import type { SourceLog, SourceState } from './source.ts'
import type { SpoolLimits } from './spool.ts'

export type IntakeOptions = {
  sources?: Config['sources']
  log?: SourceLog
  limits?: SpoolLimits
  /** How long a file of a watched folder must not have grown, in milliseconds. */
  settleMs?: number
}

const silent: SourceLog = { info: () => {}, warn: () => {} }

/** Everything that brings data in by itself while a server runs. */
export class Intake {
  readonly running = new RunningLoads()
  readonly push: PushSource
  readonly #folders: FolderSource[]

  private constructor(db: Db, { sources = [], log = silent, limits, settleMs }: IntakeOptions) {
    this.push = new PushSource(db, this.running, log, limits)
    this.#folders = sources.map((source) => new FolderSource(db, this.running, log, source, settleMs))
  }

  /** Takes up what waits and begins to watch. The caller closes it before the store. */
  static async open(db: Db, options: IntakeOptions = {}): Promise<Intake> {
    const intake = new Intake(db, options)
    await intake.push.open()
    for (const folder of intake.#folders) await folder.open()
    return intake
  }

  sources(): SourceState[] {
    return [this.push.state(), ...this.#folders.map((folder) => folder.state())]
  }

  /** Stops a load that waits or runs here and undoes it. False when it does neither. */
  async cancel(loadId: string): Promise<boolean> {
    return (await this.push.cancel(loadId)) || (await this.running.cancel(loadId))
  }

  /** Lets a load of the push API end for `grace` milliseconds. */
  async close(grace?: number): Promise<void> {
    await Promise.all([this.push.close(grace), ...this.#folders.map((folder) => folder.close())])
  }
}
