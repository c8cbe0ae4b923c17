/** What happens next: a heap by time; of the same time what was added first comes first. */
export class Soonest<What> {
  readonly #heap: { at: number; order: number; what: What }[] = []
  #added = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the next one happens; never, if there is none. */
  get at(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, what: What): void {
    const one = { at, order: this.#added++, what }
    let place = this.#heap.length
    while (place > 0) {
      const above = (place - 1) >> 1
      const other = this.#heap[above]
      if (!other || !isSooner(one, other)) break
      this.#heap[place] = other
      place = above
    }
    this.#heap[place] = one
  }

  next(): { at: number; what: What } | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (!first || !last || this.#heap.length === 0) return first
    let place = 0
    for (;;) {
      const [left, right] = [this.#heap[2 * place + 1], this.#heap[2 * place + 2]]
      const below = right && left && isSooner(right, left) ? right : left
      if (!below || !isSooner(below, last)) break
      this.#heap[place] = below
      place = 2 * place + (below === left ? 1 : 2)
    }
    this.#heap[place] = last
    return first
  }
}

type Timed = { at: number; order: number }
const isSooner = (a: Timed, b: Timed): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
