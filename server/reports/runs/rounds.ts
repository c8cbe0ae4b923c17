import { UnknownIdError } from '../../../sql/errors.ts'
import { keysBetween, toldTo } from '../../../sql/reportRuns.ts'
import { type KeptSchedule, readSchedules } from '../../../sql/scheduleVersions.ts'
import { whenWords } from '../../releases/when.ts'
import type { MadeReport } from '../content.ts'
import type { Parcel, Receipt } from '../parcel.ts'
import { NotNowError, ReportError } from '../reportError.ts'
import { judge } from './conditions.ts'
import { type Look, oneAtATime, type ReportsDesk } from './desk.ts'
import { nextTimes } from './dueTimes.ts'
import { fairly } from './fair.ts'
import { Draft, Ledger } from './ledger.ts'
import { forgetMade, readMade, takeMark } from './made.ts'
import { Making } from './making.ts'
import { dueOf, timesOf } from './occurrences.ts'
import { isHeld, madeId, type Run, requestOf, runsOf } from './run.ts'
import { isAtWork, startWorker } from './worker.ts'

export type Limits = {
  /** Reports that are made at once. */
  atOnce: number
  /** So many more are taken on ahead, so that they are written down together. */
  ahead: number
  /** Milliseconds after which nothing is waited for that was told to end long ago: who makes a report has a limit of its own. */
  timeMs: number
  /** Milliseconds after which what a worker took on is free for others. */
  leaseMs: number
  /** Milliseconds until the second try; doubled each time up to `mostRestMs`. */
  firstRestMs: number
  mostRestMs: number
  /** Tries until a run has failed. */
  mostAttempts: number
  /** From 0 to 1: spreads what is tried again. */
  random: () => number
}

const usual: Limits = {
  ...{ atOnce: 2, ahead: 30, timeMs: 15 * 60_000, leaseMs: 10 * 60_000 },
  ...{ firstRestMs: 60_000, mostRestMs: 3_600_000, mostAttempts: 12, random: Math.random },
}

/** A held run is looked at again when data came, and so often in any case. */
const lookAgainMs = 10 * 60_000

/**
 * Brings runs forward, a round at a time. A round holds the lock of reports: it reads what was written since, decides, writes all steps down
 * at once, and only then tells the postman. So whatever dies in between, the next round of any process finds either nothing done or all
 * written; parcels that were written down and not posted are posted then, and the postman takes none twice.
 */
export class Rounds {
  readonly #desk: ReportsDesk
  readonly #limits: Limits
  readonly #worker = startWorker()
  readonly #making: Making
  #ledger: Ledger | undefined
  /** When a version of a schedule has to be looked at again. */
  readonly #next = new Map<string, { number: number; looked: number; at: number; version: string }>()
  /** The state of the data for which a held run was looked at. */
  readonly #looked = new Map<string, string>()
  readonly #served = new Map<string, number>()
  #swept = false

  constructor(desk: ReportsDesk, { limits = {}, onFinished = () => {} }: RoundsOptions = {}) {
    this.#desk = desk
    this.#limits = { ...usual, ...limits }
    this.#making = new Making(desk, this.#limits, onFinished)
  }

  /** Waits for what is being made. */
  readonly settled = (): Promise<void> => this.#making.settled()

  /** Ends what is being made; what was taken on is free for others. */
  async close(): Promise<void> {
    await this.#making.close()
    this.#worker.end()
  }

  /** One round. Gives the milliseconds until the next thing that is known to come. */
  round(): Promise<number> {
    return oneAtATime(this.#desk, async () => {
      const { db, now, postman } = this.#desk
      const at = now()
      try {
        if (this.#ledger) await this.#ledger.catchUp()
        else this.#ledger = await Ledger.read(db, at)
        const ledger = this.#ledger
        const draft = new Draft(ledger, at)
        // in this order: what is delivered in between is under way or has its receipt
        const underWay = new Set(await postman.underWay())
        const receipts = await postman.receipts()
        for (const receipt of receipts) this.#fold(draft, receipt, at)
        await this.#free(draft, at)
        const schedules = await readSchedules(db)
        const look = await this.#lookIfNeeded(draft, schedules)
        await this.#expand(draft, schedules, look, at)
        const finished = this.#making.finished()
        this.#takeMade(draft, finished, at)
        if (look?.final) this.#lease(draft, look, at)
        const parcels = await this.#parcels(draft, underWay, at)
        await ledger.write(draft.steps)
        this.#making.forget(finished.keys())
        if (receipts.length > 0) await postman.settle(receipts.map(({ key }) => key))
        if (parcels.length > 0) await postman.post(parcels)
        this.#begin(draft, look)
        await this.#sweep(draft)
        return this.#restMs(draft, schedules, at)
      } catch (error) {
        // nobody knows what was written
        this.#ledger = undefined
        throw error
      }
    })
  }

  #fold(draft: Draft, receipt: Receipt, at: Date): void {
    const run = draft.open.get(receipt.key)
    if (run?.state !== 'delivering') return
    const { outcome, proof, reason } = receipt
    if (outcome === 'delivered')
      draft.step(run, { state: 'done', at: receipt.at, proof, reason: '', not_before: null })
    else if (outcome === 'refused') draft.step(run, { state: 'failed', reason, proof, not_before: null })
    else if (receipt.attempt >= run.attempt)
      this.#tryAgain(draft, run, receipt.attempt + 1, reason, at, receipt.not_before)
  }

  /** What did not work is tried later, each time later, and not for ever. */
  #tryAgain(draft: Draft, run: Run, attempt: number, reason: string, at: Date, wanted = ''): void {
    if (attempt >= this.#limits.mostAttempts) {
      const tried = `Tried ${attempt} times. ${reason}`
      draft.step(run, { state: 'failed', attempt, reason: tried, not_before: null, lease_until: null })
      return
    }
    // the receiver may want to be left alone for longer
    const later = this.#later(attempt, at)
    draft.step(run, { attempt, reason, not_before: later > wanted ? later : wanted, lease_until: null })
  }

  #later(attempt: number, at: Date): string {
    const { firstRestMs, mostRestMs, random } = this.#limits
    const rest = Math.min(mostRestMs, firstRestMs * 2 ** (attempt - 1))
    return new Date(at.getTime() + rest * (0.8 + 0.4 * random())).toISOString()
  }

  /** Takes back what a worker left lying that is gone or has had its time; renews what is being made here. */
  async #free(draft: Draft, at: Date): Promise<void> {
    const { leaseMs, mostAttempts } = this.#limits
    const begun = new Map<string, boolean>()
    for (const run of [...draft.open.values()]) {
      if (run.state !== 'rendering') continue
      const left = Date.parse(run.lease_until ?? '') - at.getTime()
      const isMine = run.worker === this.#worker.id
      if (isMine && left < leaseMs / 2)
        draft.step(run, { lease_until: new Date(at.getTime() + leaseMs).toISOString() })
      if (isMine || (left > 0 && isAtWork(run.worker))) continue
      // a server that ends is no fault of a report; one that ends each time it makes it is
      if (!begun.has(run.made)) begun.set(run.made, await takeMark(this.#desk, run.made))
      const attempt = run.attempt + Number(begun.get(run.made))
      const freed = { worker: '', lease_until: null, attempt }
      if (attempt >= 2 * mostAttempts)
        draft.step(run, {
          ...{ ...freed, state: 'failed', not_before: null },
          reason: `It was begun ${attempt} times and never came to an end.`,
        })
      else {
        const rests = attempt > run.attempt && attempt > 3
        draft.step(run, {
          ...{ ...freed, state: 'queued', not_before: rests ? this.#later(attempt - 3, at) : null },
          reason: rests ? 'It was begun several times and did not come to an end; it is tried again.' : '',
        })
      }
    }
  }

  async #lookIfNeeded(draft: Draft, schedules: readonly KeptSchedule[]): Promise<Look | null> {
    const waits = [...draft.open.values()].some(({ state }) => state === 'queued')
    const isDue = schedules.some(({ id, number, when, paused }) => {
      const next = this.#next.get(id)
      const now = this.#desk.now().getTime()
      return (
        !paused &&
        (when.kind === 'complete' || next?.number !== number || now >= next.at || now < next.looked)
      )
    })
    return waits || isDue ? this.#desk.look() : null
  }

  /** Turns what is due into runs, and ends runs that are no longer wanted. */
  async #expand(
    draft: Draft,
    schedules: readonly KeptSchedule[],
    look: Look | null,
    at: Date,
  ): Promise<void> {
    const zone = await this.#desk.zone()
    const wanted = new Map(schedules.map((schedule) => [schedule.id, schedule]))
    for (const run of [...draft.open.values()]) {
      if (run.state !== 'queued' || run.schedule === '') continue
      const schedule = wanted.get(run.schedule)
      if (!schedule)
        draft.step(run, { state: 'skipped', reason: 'Not sent because its schedule was deleted.' })
      else if (schedule.paused && !run.by_hand)
        draft.step(run, { state: 'skipped', reason: 'Not sent because its schedule was paused.' })
    }
    if (look === null) return
    const calendars = this.#desk.calendars()
    const fresh: Run[] = []
    for (const schedule of schedules) {
      const known = this.#next.get(schedule.id)
      const now = at.getTime()
      const isKnown = known?.number === schedule.number && now >= known.looked && now < known.at
      if (isKnown && (schedule.when.kind !== 'complete' || known.version === look.version)) continue
      const times = timesOf(schedule, zone, calendars)
      const last = this.#ledger?.last.get(schedule.id)
      const due = dueOf(schedule, times, { last, now: at, look })
      const given = { zone: times.zone, now: at, look }
      for (const occurrence of due.occurrences) fresh.push(...runsOf(schedule, occurrence, given))
      if (due.passedOver) {
        const reason = `Not sent because no server ran at ${whenWords(due.passedOver.toISOString(), times.zone)}.`
        for (const run of runsOf(schedule, due.passedOver, given))
          fresh.push({ ...run, state: 'skipped', reason })
      }
      const next = nextTimes(times, at, 1)[0]?.getTime() ?? Number.POSITIVE_INFINITY
      this.#next.set(schedule.id, { number: schedule.number, looked: now, at: next, version: look.version })
    }
    if (fresh.length === 0) return
    const moments = fresh.map(({ occurrence }) => occurrence).sort()
    const known = await keysBetween(this.#desk.db, moments[0] ?? '', moments.at(-1) ?? '')
    const newest = new Map<string, string>()
    for (const run of fresh) {
      if (known.has(run.key)) continue
      draft.add(run)
      newest.set(run.schedule, run.occurrence)
    }
    for (const run of [...draft.open.values()]) {
      const next = newest.get(run.schedule)
      if (next !== undefined && next > run.occurrence && isHeld(run))
        draft.step(run, {
          state: 'skipped',
          reason: `${run.reason} The next one, due at ${whenWords(next, zone)}, takes its place.`,
        })
    }
  }

  /** Reports that are made go on to their recipients; those that could not be made are tried again. */
  #takeMade(draft: Draft, finished: ReturnType<Making['finished']>, at: Date): void {
    if (finished.size === 0) return
    for (const run of [...draft.open.values()]) {
      const result = finished.get(run.made)
      if (!result || run.state !== 'rendering' || run.worker !== this.#worker.id) continue
      const free = { worker: '', lease_until: null }
      if ('error' in result) {
        const reason = `It could not be made: ${wordsOf(result.error)}`
        if (isFinal(result.error)) draft.step(run, { ...free, state: 'failed', reason })
        else this.#tryAgain(draft, { ...run, ...free, state: 'queued' }, run.attempt + 1, reason, at)
        continue
      }
      const { file, figures_sha256, as_of, data_version } = result.made
      const about = { ...free, sha256: file.sha256, figures_sha256, as_of: as_of ?? '', data_version }
      const isUnchanged =
        run.asked.unchanged === 'skip' &&
        !run.by_hand &&
        this.#ledger?.told.get(toldTo(run)) === figures_sha256
      if (isUnchanged)
        draft.step(run, {
          ...about,
          state: 'skipped',
          reason: 'Not sent because its figures are those that were sent last.',
        })
      else draft.step(run, { ...about, state: 'delivering', attempt: 0, not_before: null, reason: '' })
    }
  }

  /** Takes runs on that can be made now; the others say what they wait for. */
  #lease(draft: Draft, look: Look, at: Date): void {
    const { atOnce, ahead, leaseMs } = this.#limits
    const stamp = `${look.version} ${Math.floor(at.getTime() / lookAgainMs)}`
    const judged = new Map<string, ReturnType<typeof judge> | UnknownIdError>()
    const groups = new Map<string, { id: string; runs: { run: Run; marks: string[] }[] }>()
    const waiting = [...draft.open.values()]
      .filter(
        ({ state, not_before }) => state === 'queued' && (not_before === null || new Date(not_before) <= at),
      )
      .filter((run) => !isHeld(run) || this.#looked.get(run.key) !== stamp)
      .sort((a, b) => (a.occurrence < b.occurrence ? -1 : a.occurrence > b.occurrence ? 1 : 0))
    for (const run of waiting) {
      const plain = madeId(withMarks(run, []), look.version)
      const found = judged.get(plain) ?? judgeOr(look, run)
      judged.set(plain, found)
      if (found instanceof UnknownIdError) {
        draft.step(run, { state: 'failed', reason: found.message })
        continue
      }
      const wrong = [
        [run.asked.stale, found.stale],
        [run.asked.incomplete, found.incomplete],
      ].flatMap(([policy, reason]) => (reason ? [{ isHeld: policy === 'hold', reason }] : []))
      const holds = wrong.filter((one) => one.isHeld).map((one) => one.reason)
      if (holds.length > 0) {
        const reason = `Not sent because ${holds.join('; and ')}.`
        if (reason !== run.reason) draft.step(run, { reason, not_before: null, data_version: look.version })
        this.#looked.set(run.key, stamp)
        continue
      }
      const marks = wrong.map((one) => one.reason)
      const id = madeId(withMarks(run, marks), look.version)
      const group = groups.get(id) ?? { id, runs: [] }
      group.runs.push({ run, marks })
      groups.set(id, group)
    }
    const all = [...groups.values()]
    const joining = all.filter(({ id }) => this.#making.has(id))
    const underWay = this.#making.underWay()
    const departmentOf = (group: (typeof all)[number]) =>
      group.runs[0] ? departmentOfRun(group.runs[0].run, look) : ''
    const chosen = fairly(
      all.filter(({ id }) => !this.#making.has(id)),
      departmentOf,
      Math.max(0, atOnce + ahead - underWay.length),
      { underWay, served: this.#served },
    )
    const lease = { worker: this.#worker.id, lease_until: new Date(at.getTime() + leaseMs).toISOString() }
    for (const { id, runs } of [...joining, ...chosen])
      for (const { run, marks } of runs) {
        this.#looked.delete(run.key)
        draft.step(run, {
          ...{
            ...lease,
            state: 'rendering',
            made: id,
            reason: '',
            not_before: null,
            data_version: look.version,
          },
          asked: withMarks(run, marks).asked,
        })
      }
  }

  /** What is to be posted now: written down as delivering, not under way, and not to be tried later. */
  async #parcels(draft: Draft, underWay: ReadonlySet<string>, at: Date): Promise<Parcel[]> {
    const found = new Map<string, MadeReport | undefined>()
    const parcels: Parcel[] = []
    for (const run of [...draft.open.values()]) {
      if (run.state !== 'delivering' || underWay.has(run.key)) continue
      if (run.not_before !== null && new Date(run.not_before) > at) continue
      if (!found.has(run.made)) found.set(run.made, await readMade(this.#desk, run.made))
      const made = found.get(run.made)
      // somebody emptied the folder: it is made once more
      if (!made) draft.step(run, { state: 'queued', reason: '', not_before: null, attempt: 0 })
      else
        parcels.push({
          ...{ key: run.key, attempt: run.attempt, destination: run.asked.destination },
          ...{ file: made.file, message: made.message, link: this.#desk.link(made.file, run.key) },
        })
    }
    return parcels
  }

  /** Begins to make what is written down as taken on here, in the order it was taken on. */
  #begin(draft: Draft, look: Look | null): void {
    const taken = draft.steps.filter(({ state }) => state === 'rendering')
    const inOrder = [...taken.flatMap(({ key }) => draft.open.get(key) ?? []), ...draft.open.values()]
    for (const run of inOrder)
      if (run.state === 'rendering' && run.worker === this.#worker.id && !this.#making.has(run.made))
        this.#making.begin({
          id: run.made,
          department: look ? departmentOfRun(run, look) : '',
          request: requestOf(run),
        })
  }

  /** Takes away what was made for runs that are at an end. */
  async #sweep(draft: Draft): Promise<void> {
    const hasEnded = draft.steps.some(({ key }) => !draft.open.has(key))
    if (this.#swept && !hasEnded) return
    const needed = new Set([...draft.open.values()].map(({ made }) => made))
    await forgetMade(this.#desk, needed)
    this.#swept = true
    for (const key of this.#looked.keys()) if (!draft.open.has(key)) this.#looked.delete(key)
  }

  #restMs(draft: Draft, schedules: readonly KeptSchedule[], at: Date): number {
    const moments = [...draft.open.values()].flatMap(({ not_before }) =>
      not_before ? [Date.parse(not_before)] : [],
    )
    for (const { id, paused } of schedules) {
      const next = this.#next.get(id)
      if (next && !paused) moments.push(next.at)
    }
    return Math.max(0, Math.min(Number.POSITIVE_INFINITY, ...moments) - at.getTime())
  }
}

export type RoundsOptions = { limits?: Partial<Limits>; onFinished?: () => void }

const withMarks = (run: Run, marks: string[]): Run => ({ ...run, asked: { ...run.asked, marks } })

function judgeOr(look: Look, run: Run): ReturnType<typeof judge> | UnknownIdError {
  try {
    return judge(look, run.report, run.asked.filters)
  } catch (error) {
    if (error instanceof UnknownIdError) return error
    throw error
  }
}

/** Whose turn a run takes: the department it is about. */
function departmentOfRun({ asked: { filters } }: Run, { departments }: Look): string {
  return filters.department[0] ?? departments.get(filters.service[0] ?? '') ?? ''
}

/** What was asked for cannot be made, however often it is tried. */
const isFinal = (error: unknown): boolean =>
  error instanceof UnknownIdError || (error instanceof ReportError && !(error instanceof NotNowError))

const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 300)
