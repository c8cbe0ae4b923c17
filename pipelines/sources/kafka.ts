import type { Db } from '../../sql/db.ts'
import { type KafkaConfig, sourceName } from '../../sql/sourceConfig.ts'
import type { RunningLoads } from './running.ts'
import { type Last, nothingYet, type Source, type SourceLog, type SourceState } from './source.ts'

export class KafkaSource implements Source {
  #last: Last = nothingYet

  constructor(
    readonly db: Db,
    readonly running: RunningLoads,
    readonly log: SourceLog,
    readonly config: KafkaConfig,
  ) {}

  async open(): Promise<void> {}

  state(): SourceState {
    const { mapping } = this.config
    const counts = { waiting: 0, waiting_bytes: null, next_at: null, can_run: false, position: null }
    return { kind: 'kafka', name: sourceName(this.config), mapping, state: 'ready', ...counts, ...this.#last }
  }

  async close(): Promise<void> {}
}
