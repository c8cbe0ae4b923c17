import type { Db } from '../../sql/db.ts'
import { type HttpConfig, sourceName } from '../../sql/sourceConfig.ts'
import type { RunningLoads } from './running.ts'
import { type Last, nothingYet, type Source, type SourceLog, type SourceState } from './source.ts'

export class HttpSource implements Source {
  #last: Last = nothingYet

  constructor(
    readonly db: Db,
    readonly running: RunningLoads,
    readonly log: SourceLog,
    readonly config: HttpConfig,
  ) {}

  async open(): Promise<void> {}

  run(): void {}

  state(): SourceState {
    const { mapping } = this.config
    const counts = { waiting: 0, waiting_bytes: null, next_at: null, can_run: true, position: null }
    return { kind: 'http', name: sourceName(this.config), mapping, state: 'ready', ...counts, ...this.#last }
  }

  async close(): Promise<void> {}
}
