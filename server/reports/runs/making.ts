import type { MadeReport, ReportRequest } from '../content.ts'
import type { ReportsDesk } from './desk.ts'
import { keepMade, markBegun, readMade, takeMark } from './made.ts'

type Result = { made: MadeReport } | { error: unknown }
type Job = { id: string; department: string; request: ReportRequest; result?: Result }

/** Makes reports, so many at once and each within its time; what is made lies on disk before it is told. */
export class Making {
  readonly #desk: ReportsDesk
  readonly #jobs = new Map<string, Job>()
  readonly #waiting: Job[] = []
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #limits: { atOnce: number; timeMs: number }
  readonly #onFinished: () => void

  constructor(desk: ReportsDesk, limits: { atOnce: number; timeMs: number }, onFinished: () => void) {
    this.#desk = desk
    this.#limits = limits
    this.#onFinished = onFinished
  }

  has(id: string): boolean {
    return this.#jobs.has(id)
  }

  /** Departments of what is waited for or being made. */
  underWay(): string[] {
    return [...this.#jobs.values()].filter(({ result }) => !result).map(({ department }) => department)
  }

  finished(): Map<string, Result> {
    return new Map(
      [...this.#jobs.values()].flatMap(({ id, result }) => (result ? [[id, result] as const] : [])),
    )
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#jobs.delete(id)
  }

  begin(job: Job): void {
    this.#jobs.set(job.id, job)
    this.#waiting.push(job)
    this.#next()
  }

  #next(): void {
    while (this.#running.size < this.#limits.atOnce && !this.#stop.signal.aborted) {
      const job = this.#waiting.shift()
      if (!job) return
      const running = this.#make(job).then((result) => {
        job.result = result
        this.#running.delete(running)
        this.#next()
        this.#onFinished()
      })
      this.#running.add(running)
    }
  }

  async #make({ id, request }: Job): Promise<Result> {
    const late = new AbortController()
    const seconds = Math.round(this.#limits.timeMs / 1000)
    const timer = setTimeout(
      () => late.abort(new Error(`it took longer than ${seconds} seconds`)),
      this.#limits.timeMs,
    )
    const stop = AbortSignal.any([late.signal, this.#stop.signal])
    try {
      const known = await readMade(this.#desk, id)
      if (known) return { made: known }
      await markBegun(this.#desk, id)
      const made = await unlessStopped(this.#desk.make(request, stop), stop)
      await keepMade(this.#desk, id, made)
      await takeMark(this.#desk, id)
      return { made }
    } catch (error) {
      // where the server stops it came to no end
      if (!this.#stop.signal.aborted) await takeMark(this.#desk, id).catch(() => false)
      return { error }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits for what is being made at this moment. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Ends what is being made. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the server stops'))
    await this.settled()
  }
}

/** What is told to stop and does not is left alone. */
function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(stop.reason)
    if (stop.aborted) end()
    stop.addEventListener('abort', end, { once: true })
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', end))
  })
}
