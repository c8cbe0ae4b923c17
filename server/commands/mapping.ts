import { suggestMapping } from '../../pipelines/suggest.ts'

/** Prints a draft of a mapping, to be kept as a .json file, and beside it what has to be looked at. */
export async function suggest(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const { mapping, notes } = await suggestMapping(file)
  if (json) {
    process.stdout.write(`${JSON.stringify({ mapping, notes })}\n`)
    return
  }
  process.stdout.write(`${JSON.stringify(mapping, null, 2)}\n`)
  for (const note of notes) process.stderr.write(`- ${note}\n`)
  process.stderr.write(
    'Keep the draft as a .json file, mend it, and try it with: ingest --dry-run --mapping FILE\n',
  )
}
