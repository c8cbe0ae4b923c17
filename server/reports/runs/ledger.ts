import type { Db } from '../../../sql/db.ts'
import {
  lastNumber,
  lastOccurrences,
  lastTold,
  noteRuns,
  openRuns,
  type RunRow,
  runsSince,
  toldTo,
} from '../../../sql/reportRuns.ts'
import { isOver, type Run, toRow, toRun } from './run.ts'

/**
 * What the log of runs says, kept at hand by a process that reads on from where it was. Used while the lock of reports is held: then
 * nobody else writes. After any failure it is thrown away and read anew, since nobody knows whether a row was written.
 */
export class Ledger {
  /** Runs that are not at an end, by key. */
  readonly open = new Map<string, Run>()
  readonly #db: Db
  #number: number
  /** The last occurrence of each schedule that has runs. */
  readonly last: Map<string, string>
  /** The checksum of the figures each recipient was given last. */
  readonly told: Map<string, string>

  private constructor(db: Db, number: number, last: Map<string, string>, told: Map<string, string>) {
    this.#db = db
    this.#number = number
    this.last = last
    this.told = told
  }

  static async read(db: Db, now: Date): Promise<Ledger> {
    const ledger = new Ledger(db, await lastNumber(db), await lastOccurrences(db, now), await lastTold(db))
    for (const row of await openRuns(db)) ledger.open.set(row.key, toRun(row))
    return ledger
  }

  /** Takes in what other processes wrote. */
  async catchUp(): Promise<void> {
    for (const row of await runsSince(this.#db, this.#number)) this.#take(row)
  }

  /** Writes steps down, in this order, all at once. */
  async write(runs: readonly Run[]): Promise<void> {
    const rows = runs.map((run, index) => toRow(run, this.#number + 1 + index))
    await noteRuns(this.#db, rows)
    for (const row of rows) this.#take(row)
  }

  #take(row: RunRow): void {
    this.#number = row.number
    if (isOver(row)) this.open.delete(row.key)
    else this.open.set(row.key, toRun(row))
    if (row.state === 'done' && row.figures_sha256 !== '') this.told.set(toldTo(row), row.figures_sha256)
    if (row.by_hand === 0 && row.schedule !== '' && row.occurrence > (this.last.get(row.schedule) ?? ''))
      this.last.set(row.schedule, row.occurrence)
  }
}

/** The steps of one round before they are written: what comes later in the round already sees them. */
export class Draft {
  readonly open: Map<string, Run>
  readonly steps: Run[] = []
  readonly #at: string

  constructor(ledger: Ledger, now: Date) {
    this.open = new Map(ledger.open)
    this.#at = now.toISOString()
  }

  step(run: Run, change: Partial<Run>): void {
    this.add({ ...run, at: this.#at, ...change })
  }

  add(run: Run): void {
    this.steps.push(run)
    if (isOver(run)) this.open.delete(run.key)
    else this.open.set(run.key, run)
  }
}
