/** Gathers lines of JSON to blocks that are worth handing on. */
export class Lines {
  #lines: string[] = []
  #size = 0

  add(row: object): void {
    const line = `${JSON.stringify(row)}\n`
    this.#lines.push(line)
    this.#size += line.length
  }

  /** The lines gathered so far, when there are many or when these are the last. */
  *take(last = false): Generator<Buffer> {
    if (this.#size === 0 || (!last && this.#size < 262_144)) return
    yield Buffer.from(this.#lines.join(''))
    this.#lines = []
    this.#size = 0
  }
}
