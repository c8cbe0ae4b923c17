import { readDirectory } from '../../pipelines/directory.ts'
import { suggestMapping } from '../../pipelines/suggest.ts'

/** Prints a draft of a mapping, or of services for the configuration, and beside it what has to be looked at. */
export async function suggest(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const directory = await readDirectory(file)
  if (directory) {
    print(directory.directory, directory.notes, json)
    return
  }
  const { mapping, notes } = await suggestMapping(file)
  const next = 'Keep the draft as a .json file, mend it, and try it with: ingest --dry-run --mapping FILE'
  print(json ? { mapping } : mapping, [...notes, next], json)
}

function print(draft: object, notes: string[], json: boolean): void {
  process.stdout.write(`${json ? JSON.stringify({ ...draft, notes }) : JSON.stringify(draft, null, 2)}\n`)
  if (!json) for (const note of notes) process.stderr.write(`- ${note}\n`)
}
