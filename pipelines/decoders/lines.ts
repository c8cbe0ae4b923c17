import { LoadError } from '../loadError.ts'

const mostWaiting = 64 * 2 ** 20

/** Gathers lines of JSON to blocks that are worth handing on. */
export class Lines {
  #lines: string[] = []
  #size = 0

  add(row: object): void {
    this.addJson(JSON.stringify(row))
  }

  /** One object that is JSON already. */
  addJson(line: string): void {
    this.#lines.push(line)
    this.#size += line.length + 1
    if (this.#size > mostWaiting)
      throw new LoadError('The rows take far more space than the file that tells them, so it was stopped.')
  }

  /** The lines gathered so far, when there are many or when these are the last. */
  *take(last = false): Generator<Buffer> {
    if (this.#size === 0 || (!last && this.#size < 262_144)) return
    yield Buffer.from(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#size = 0
  }
}
