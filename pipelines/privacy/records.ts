/**
 * The lines of a text, with their ends; lines within quotes of a CSV file belong together. A quote that is never closed does not swallow more
 * than `most` characters.
 */
export async function* records(
  blocks: AsyncIterable<Buffer>,
  isCsv: boolean,
  most = 1 << 20,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  let open = ''
  const take = function* (line: string): Generator<string> {
    open += line
    if (isCsv && open.length < most && (open.split('"').length - 1) % 2 === 1) return
    yield open
    open = ''
  }
  for await (const block of blocks) {
    const lines = (rest + decoder.decode(block, { stream: true })).split(/(?<=\n)/)
    rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '')
    for (const line of lines) yield* take(line)
  }
  yield* take(rest + decoder.decode())
  if (open !== '') yield open
}
