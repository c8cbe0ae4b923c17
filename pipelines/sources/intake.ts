import type { Db } from '../../sql/db.ts'
import type { SourceConfig } from '../../sql/sourceConfig.ts'
import { AnswerBox, type AnswerBoxOptions } from './answerBox.ts'
import { forgetFiles, type KeptFiles } from './failed.ts'
import { FolderSource } from './folder.ts'
import { HttpSource } from './http.ts'
import { KafkaSource } from './kafka.ts'
import { MqttSource } from './mqtt.ts'
import { PushSource } from './push.ts'
import { RunningLoads } from './running.ts'
import type { Source, SourceLog, SourceState } from './source.ts'
import type { SpoolLimits } from './spool.ts'

export type IntakeOptions = {
  sources?: SourceConfig[]
  log?: SourceLog
  limits?: SpoolLimits
  /** How long a file of a watched folder must not have grown, in milliseconds. */
  settleMs?: number
  answers?: AnswerBoxOptions
  /** How long files are kept that were loaded or did not load. */
  kept?: KeptFiles | undefined
}

const dayMs = 86_400_000
const silent: SourceLog = { info: () => {}, warn: () => {} }

/** Everything that brings data in by itself while a server runs. */
export class Intake {
  readonly running = new RunningLoads()
  readonly push: PushSource
  /** Answers of the feedback form on their way to `push`. */
  readonly answers: AnswerBox
  readonly #configured: Source[]
  readonly #log: SourceLog
  readonly #dataDir: string
  readonly #watched: string[]
  readonly #kept: KeptFiles | undefined
  readonly #daily: NodeJS.Timeout
  #forgetting = Promise.resolve()
  #isOpen = true

  private constructor(
    db: Db,
    { sources = [], log = silent, limits, settleMs, answers, kept }: IntakeOptions,
  ) {
    this.push = new PushSource(db, this.running, log, limits)
    this.answers = new AnswerBox(db.dataDir, this.push, log, answers)
    this.#configured = sources.map((config) => {
      if (config.kind === 'http') return new HttpSource(db, this.running, log, config)
      if (config.kind === 'mqtt') return new MqttSource(db, this.running, log, config)
      if (config.kind === 'kafka') return new KafkaSource(db, this.running, log, config)
      return new FolderSource(db, this.running, log, config, settleMs)
    })
    this.#log = log
    this.#dataDir = db.dataDir
    this.#watched = sources.flatMap((config) => (config.kind === 'folder' ? [config.path] : []))
    this.#kept = kept
    this.#daily = setInterval(() => this.#forget(), dayMs).unref()
    this.#forget()
  }

  /** Takes up what waits and begins to watch. The caller closes it before the store. */
  static async open(db: Db, options: IntakeOptions = {}): Promise<Intake> {
    const intake = new Intake(db, options)
    await intake.push.open()
    await intake.answers.open()
    for (const source of intake.#configured) await source.open()
    return intake
  }

  /** Whether anything can be sent here. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  sources(): SourceState[] {
    return [this.push.state(), ...this.#configured.map((source) => source.state())]
  }

  /** Lets a source look for data now. False when it cannot, undefined when there is none of that name. */
  run(name: string): boolean | undefined {
    const source = this.#configured.find((each) => each.state().name === name)
    source?.run?.()
    return source && source.run !== undefined
  }

  /** Stops a load that waits or runs here and undoes it. False when it does neither. */
  async cancel(loadId: string): Promise<boolean> {
    return (await this.push.cancel(loadId)) || (await this.running.cancel(loadId))
  }

  /** Lets a load of the push API end for `grace` milliseconds. */
  async close(grace?: number): Promise<void> {
    this.#isOpen = false
    clearInterval(this.#daily)
    await this.answers.close()
    await Promise.all([this.push.close(grace), ...this.#configured.map((source) => source.close())])
    await this.#forgetting
  }

  #forget(): void {
    this.#forgetting = forgetFiles(this.#dataDir, this.#watched, this.#kept).catch((err: unknown) =>
      this.#log.warn({ err }, 'files that were kept long enough could not be removed'),
    )
  }
}
