import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { UnknownIdError } from '../sql/errors.ts'
import { roles, scopes } from '../sql/keys.ts'
import type { LinkFlags } from './commands/feedback.ts'
import type { IngestFlags } from './commands/ingest.ts'
import type { CreateFlags } from './commands/key.ts'
import { type Env, port, readEnv } from './env.ts'
import { version } from './version.ts'

/** The command line. Exit code 0 only on success, 2 for wrong usage, 1 for any other failure with one sentence. */

type Common = { data?: string; port?: number }

const portOption = (given: string) => {
  const read = port.safeParse(given)
  if (read.success) return read.data
  throw new InvalidArgumentError('It must be a number from 0 to 65535, like 8080.')
}

const environment = ({ data, port }: Common): Env => {
  const env = readEnv(process.env)
  return { ...env, CLEARWAY_DATA: data ?? env.CLEARWAY_DATA, PORT: port ?? env.PORT }
}

const dataOption = () => new Option('--data <dir>', 'data folder (default: CLEARWAY_DATA, else ./data)')
const portFlag = () =>
  new Option('--port <number>', 'port on 127.0.0.1 (default: PORT, else 8080)').argParser(portOption)

const program = new Command('clearway')
  .description('Where people wait for public services, and why.')
  .version(version)
  .showHelpAfterError('Add --help to see what is possible.')
  .exitOverride()

program
  .command('serve')
  .description('start the dashboard and the API')
  .addOption(portFlag())
  .addOption(dataOption())
  .action(async (options: Common) => {
    const { serve } = await import('./commands/serve.ts')
    await serve(environment(options))
  })

program
  .command('demo')
  .description('like serve; an empty store is first filled with the sample city')
  .addOption(portFlag())
  .addOption(dataOption())
  .action(async (options: Common) => {
    const { demo } = await import('./commands/demo.ts')
    await demo(environment(options))
  })

program
  .command('ingest')
  .description('load a file, every file of a folder, or what an address answers with')
  .argument(
    '<file>',
    'a CSV, TSV, JSON, NDJSON, Parquet, XES or Open311 file (also .gz and .zst), a folder of them, or an http(s) address',
  )
  .requiredOption('--mapping <name|file>', 'how the file is read: the name of a mapping, or a .json file')
  .option('--service <id>', 'the service the rows belong to')
  .option('--source <id>', 'the system the rows come from')
  .addOption(
    new Option('--stream <name>', 'which stream the rows are for').choices([
      'case_events',
      'wait_times',
      'outcomes',
    ]),
  )
  .option('--zone <name>', 'time zone of times without an offset, like Europe/London')
  .option('--dry-run', 'check the file, store nothing')
  .option('--json', 'end with the result as one line of JSON for each file')
  .addOption(dataOption())
  .action(async (file: string, options: Common & IngestFlags) => {
    const { ingestCommand } = await import('./commands/ingest.ts')
    await ingestCommand(environment(options), file, options)
  })

program
  .command('mapping')
  .description('how files are read')
  .command('suggest')
  .description('draft a mapping from the names and first values of a file')
  .argument('<file>', 'a CSV, TSV, JSON, NDJSON or Parquet file (also .gz and .zst)')
  .option('--json', 'print the draft and the notes as one line of JSON')
  .action(async (file: string, options: { json?: boolean }) => {
    const { suggest } = await import('./commands/mapping.ts')
    await suggest(file, options)
  })

program
  .command('migrate')
  .description('bring the tables of the store up to date')
  .addOption(dataOption())
  .action(async (options: Common) => {
    const { migrateCommand } = await import('./commands/migrate.ts')
    await migrateCommand(environment(options))
  })

program
  .command('check')
  .description('compare the ledger of loads with the tables')
  .option('--json', 'print the result as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & { json?: boolean }) => {
    const { check } = await import('./commands/check.ts')
    await check(environment(options), options)
  })

const key = program
  .command('key')
  .description('keys for programs that send data (bearer keys of the push API)')

key
  .command('create')
  .description('make a key and print it, this once')
  .requiredOption('--name <name>', 'who uses it, like permit-system')
  .addOption(new Option('--role <role>', 'what its user is').choices(roles).makeOptionMandatory())
  .addOption(
    new Option(
      '--scope <scope...>',
      'what it may do (default: as its role; ingest:* for those that send data, publish for publishers)',
    ).choices(scopes),
  )
  .option('--json', 'print the key as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & CreateFlags) => {
    const { createKeyCommand } = await import('./commands/key.ts')
    await createKeyCommand(environment(options), options)
  })

key
  .command('list')
  .description('show all keys, without their secrets')
  .option('--json', 'print them as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & { json?: boolean }) => {
    const { listKeysCommand } = await import('./commands/key.ts')
    await listKeysCommand(environment(options), options)
  })

key
  .command('revoke')
  .description('end a key')
  .argument('<id>', 'the id that key list shows')
  .option('--json', 'print the key as one line of JSON')
  .addOption(dataOption())
  .action(async (id: string, options: Common & { json?: boolean }) => {
    const { revokeKeyCommand } = await import('./commands/key.ts')
    await revokeKeyCommand(environment(options), id, options)
  })

const wholeNumber = (most: number) => (given: string) => {
  if (/^\d{1,6}$/.test(given) && Number(given) >= 1 && Number(given) <= most) return Number(given)
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`)
}

program
  .command('feedback')
  .description('ask people how it was')
  .command('link')
  .description('make links to the feedback form: each may be answered once')
  .requiredOption('--service <id>', 'what the answer is about')
  .option('--case <id>', 'the case the answer belongs to')
  .option('--cases <file>', 'a CSV file of cases: case_id, and source and channel where they differ')
  .option('--source <id>', 'the system the case ids come from')
  .option('--channel <id>', 'how the link reaches people, like counter')
  .addOption(
    new Option('--count <number>', 'how many links without a case, to hand out').argParser(
      wholeNumber(10_000),
    ),
  )
  .addOption(new Option('--days <number>', 'how long a link works').argParser(wholeNumber(365)).default(60))
  .option('--qr <file>', 'also draw the link as a code: an .svg file, or a folder for several links')
  .option('--json', 'print each link as one line of JSON')
  .addOption(dataOption())
  .addOption(portFlag())
  .action(async (options: Common & LinkFlags) => {
    const { feedbackLinkCommand } = await import('./commands/feedback.ts')
    await feedbackLinkCommand(environment(options), options)
  })

/** Failures a person can mend: their message is a whole sentence, a stack would hide it. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof UnknownIdError ||
  (error instanceof Error && ['StartError', 'DbError', 'MigrationError', 'LoadError'].includes(error.name))

try {
  if (process.argv.length <= 2) program.help({ error: true })
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = ['commander.helpDisplayed', 'commander.version'].includes(error.code) ? 0 : 2
  } else {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${isForPeople(error) ? reason : `Something went wrong: ${reason}`}\n`)
    if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    process.exitCode = 1
  }
}
