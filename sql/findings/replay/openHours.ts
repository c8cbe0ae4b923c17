/** Seconds of a day. */
export const daySeconds = 86_400
const halfHour = 1800

/**
 * The hours in which a service works, told by when it completes work: the days on which anything was completed, between the hours
 * at which it is. Moments are seconds of local time; worked seconds count from the first day.
 */
export class OpenHours {
  readonly #firstDay: number
  /** Open days before each day, and which are open. */
  readonly #before: number[] = []
  readonly #isOpen: boolean[] = []
  readonly #days: number[] = []
  readonly #opens: number
  readonly #length: number

  constructor(completions: readonly number[]) {
    const days = new Set(completions.map(dayOf))
    const inDay = completions.map((moment) => moment - dayOf(moment) * daySeconds).sort((a, b) => a - b)
    const at = (share: number) => inDay[Math.floor(share * (inDay.length - 1))] ?? 0
    this.#opens = Math.floor(at(0.005) / halfHour) * halfHour
    this.#length = Math.max(halfHour, Math.ceil(at(0.995) / halfHour) * halfHour - this.#opens)
    const known = [...days].sort((a, b) => a - b)
    const last = known.at(-1) ?? 0
    this.#firstDay = (known[0] ?? 0) - 1
    for (let day = this.#firstDay; day <= last + yearAfter; day++) {
      const isOpen = days.has(day) || (day > last && weekdayOf(day) < 5)
      this.#before.push(this.#days.length)
      this.#isOpen.push(isOpen)
      if (isOpen) this.#days.push(day)
    }
  }

  get days(): readonly number[] {
    return this.#days
  }

  worked(moment: number): number {
    const day = dayOf(moment)
    const place = Math.min(this.#before.length - 1, Math.max(0, day - this.#firstDay))
    const today = this.#isOpen[place] ? moment - day * daySeconds - this.#opens : 0
    return (this.#before[place] ?? 0) * this.#length + Math.min(this.#length, Math.max(0, today))
  }

  /** The moment at which so many seconds have been worked. */
  at(worked: number): number {
    const place = Math.max(0, Math.ceil(worked / this.#length) - 1)
    const day = this.#days[Math.min(place, this.#days.length - 1)] ?? 0
    return day * daySeconds + this.#opens + worked - place * this.#length
  }
}

/** After the last day known it goes on as on weekdays. */
const yearAfter = 366
export const dayOf = (moment: number): number => Math.floor(moment / daySeconds)
/** 0 is Monday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7
