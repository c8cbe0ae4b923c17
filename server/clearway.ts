import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { UnknownIdError } from '../sql/errors.ts'
import { roles, scopes } from '../sql/keys.ts'
import { reportFormats, reportIds } from '../sql/reportIds.ts'
import type { GrantsFlags } from './commands/access.ts'
import type { ExportFlags } from './commands/audit.ts'
import type { BackupFlags } from './commands/backup.ts'
import type { CheckFlags } from './commands/check.ts'
import type { EraseFlags } from './commands/erase.ts'
import type { LinkFlags } from './commands/feedback.ts'
import type { IngestFlags } from './commands/ingest.ts'
import type { CreateFlags } from './commands/key.ts'
import type { RecordFormat } from './commands/privacy.ts'
import type { PublicFlags } from './commands/public.ts'
import type { RunFlags } from './commands/report.ts'
import { type Env, port, readEnv } from './env.ts'
import type { BuildAsked } from './releases/build.ts'
import { ReleaseError } from './releases/releaseError.ts'
import { version } from './version.ts'
import { isDay } from './words/days.ts'

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

const folderPath = (given: string) => {
  if (/^\/([\w-]+\/)*$/.test(given)) return given
  throw new InvalidArgumentError('It must begin and end with a slash, like /public/.')
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
  .option('--no-release', 'publish nothing of the sample city')
  .action(async (options: Common & { release: boolean }) => {
    const { demo } = await import('./commands/demo.ts')
    await demo(environment(options), options)
  })

program
  .command('public')
  .description('serve the public pages only, without the store behind them')
  .addOption(portFlag())
  .option('--host <address>', 'address to listen on; 0.0.0.0 for every one', '127.0.0.1')
  .addOption(
    new Option('--path <path>', 'where the folder stands, as publication.address says')
      .argParser(folderPath)
      .default('/public/'),
  )
  .addOption(dataOption())
  .action(async (options: Common & PublicFlags) => {
    const { servePublic } = await import('./commands/public.ts')
    await servePublic(environment(options), options)
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
  .description('compare ledgers, tables and files, and name what is damaged or lost')
  .option('--mend', 'first derive anew what is derived from the facts')
  .option('--json', 'print the result as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & CheckFlags) => {
    const { check } = await import('./commands/check.ts')
    await check(environment(options), options)
  })

program
  .command('backup')
  .description('put everything that is held into one file; the server may run meanwhile')
  .option('--out <path>', 'a file, or a folder where it gets a name of its own')
  .option('--verify <file>', 'only say whether a backup is whole')
  .option('--json', 'print the result as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & BackupFlags) => {
    const { backupCommand } = await import('./commands/backup.ts')
    await backupCommand(environment(options), options)
  })

program
  .command('restore')
  .description('make a data folder of a backup')
  .argument('<file>', 'the backup')
  .option('--json', 'print the result as one line of JSON')
  .addOption(
    new Option('--data <dir>', 'the new data folder: empty, or not there yet (default: CLEARWAY_DATA)'),
  )
  .action(async (file: string, options: Common & { json?: boolean }) => {
    const { restoreCommand } = await import('./commands/backup.ts')
    await restoreCommand(environment(options), file, options)
  })

program
  .command('erase')
  .description('take a person out of everything: figures, rows, files, reports; and keep the proof')
  .option('--case <source/id...>', 'the case, as its source calls it, like permit-system/BP-2026-00417')
  .option('--cases <file>', 'a CSV file of cases with the columns source and case_id')
  .option('--list', 'show what was erased, when and by whom; without ids')
  .option('--dry-run', 'say what is held and where, change nothing')
  .option('--json', 'print the result as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & EraseFlags) => {
    const { eraseCommand } = await import('./commands/erase.ts')
    await eraseCommand(environment(options), options)
  })

const privacy = program.command('privacy').description('what is kept of people, and under which names')

privacy
  .command('record')
  .description(
    'print the record of processing: what is kept, what for, how long, who gets it, who was erased',
  )
  .addOption(
    new Option('--format <format>', 'how it is written')
      .choices(['markdown', 'html', 'json'])
      .default('markdown'),
  )
  .addOption(dataOption())
  .action(async (options: Common & { format: RecordFormat }) => {
    const { recordCommand } = await import('./commands/privacy.ts')
    await recordCommand(environment(options), options.format)
  })

privacy
  .command('names')
  .description('under which names a case may be stored: its id, and its pseudonym by every key there was')
  .argument('<source/id>', 'the case, as its source calls it, like permit-system/BP-2026-00417')
  .addOption(dataOption())
  .action(async (given: string, options: Common) => {
    const { namesCommand } = await import('./commands/privacy.ts')
    await namesCommand(environment(options), given)
  })

privacy
  .command('rotate')
  .description('name new cases with a new key; cases that are known keep their pseudonyms')
  .addOption(dataOption())
  .action(async (options: Common) => {
    const { rotateCommand } = await import('./commands/privacy.ts')
    await rotateCommand(environment(options))
  })

program
  .command('plan')
  .description('show what clearway.config.json would change of what is in force; nothing is changed')
  .option('--json', 'print the changes as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & { json?: boolean }) => {
    const { planCommand } = await import('./commands/plan.ts')
    await planCommand(environment(options), options)
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
      'what it may do (default: what its role may; an analyst reads figures, a case worker also cases)',
    ).choices(scopes),
  )
  .option('--department <id...>', 'only rows of these departments')
  .option('--service <id...>', 'only rows of these services')
  .option('--district <id...>', 'only rows of these districts')
  .option('--expires <day>', 'the last day it opens anything, like 2027-12-31, or 90d for as many days')
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

const dayOption = (given: string) => {
  if (isDay(given)) return given
  throw new InvalidArgumentError('It must be a day like 2026-06-01.')
}

const audit = program.command('audit').description('who did what, when and what for')

audit
  .command('verify')
  .description('walk every chain of the audit; fails and names the first entry that is not as it was written')
  .option(
    '--head <file>',
    'also compare with the last entries that this file names, then let it name the new ones; keep it elsewhere',
  )
  .option('--json', 'print the result as one line of JSON')
  .addOption(dataOption())
  .action(async (options: Common & { json?: boolean; head?: string }) => {
    const { verifyAuditCommand } = await import('./commands/audit.ts')
    await verifyAuditCommand(environment(options), options)
  })

audit
  .command('export')
  .description('write entries of the audit into a file, with all that their hashes are made of')
  .addOption(
    new Option('--format <format>', 'what the file is')
      .choices(['csv', 'ndjson', 'parquet'])
      .default('ndjson'),
  )
  .requiredOption('--out <file>', 'where it is written')
  .addOption(new Option('--from <day>', 'first day, like 2026-06-01').argParser(dayOption))
  .addOption(new Option('--until <day>', 'first day that no longer counts').argParser(dayOption))
  .addOption(dataOption())
  .action(async (options: Common & ExportFlags) => {
    const { exportAuditCommand } = await import('./commands/audit.ts')
    await exportAuditCommand(environment(options), options)
  })

const signIn = program.command('sign-in').description('who is signed in')

signIn
  .command('link')
  .description('print a link that signs in the administrator of this machine, once')
  .addOption(portFlag())
  .addOption(dataOption())
  .action(async (options: Common) => {
    const { signInLinkCommand } = await import('./commands/signIn.ts')
    await signInLinkCommand(environment(options))
  })

signIn
  .command('end')
  .description('end all sessions of a person')
  .argument('<person>', 'provider and subject as the audit names them, like oidc:248289761001')
  .addOption(dataOption())
  .action(async (person: string, options: Common) => {
    const { endSessionsCommand } = await import('./commands/signIn.ts')
    await endSessionsCommand(environment(options), person)
  })

const access = program.command('access').description('who may read what in the store itself')

access
  .command('grants')
  .description(
    'print the SQL for a role of a ClickHouse server that reads these rows and columns and no others',
  )
  .argument('<role>', 'the name of the role, like planning_readers')
  .addOption(
    new Option('--as <role>', 'the columns of those who have this role here')
      .choices(roles)
      .default('viewer'),
  )
  .option('--department <id...>', 'only rows of these departments')
  .option('--service <id...>', 'only rows of these services')
  .option('--district <id...>', 'only rows of these districts')
  .addOption(dataOption())
  .action(async (role: string, options: Common & GrantsFlags) => {
    const { grantsCommand } = await import('./commands/access.ts')
    await grantsCommand(environment(options), role, options)
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

const release = program
  .command('release')
  .description('what the public sees: build, check, approve, schedule, publish, correct, withdraw')

const keyOption = () => new Option('--key <key>', 'your key (default: CLEARWAY_KEY)')
const jsonOption = () => new Option('--json', 'print the result as one line of JSON')
const monthOption = (given: string) => {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(given)) return given
  throw new InvalidArgumentError('It must be a month like 2026-06.')
}
type ReleaseFlags = Common & { key?: string; json?: boolean }

release
  .command('build')
  .description('make a draft of a month, from the store as it is now')
  .addOption(
    new Option('--month <month>', 'like 2026-06 (default: the last whole month of the data)').argParser(
      monthOption,
    ),
  )
  .option('--correct <id>', 'take the place of this public release')
  .option('--reason <text>', 'why it is corrected; everybody reads it')
  .option(
    '--at <time>',
    'when it becomes public: a time of the jurisdiction like 2026-08-14T09:30, or now (default: as the calendar says)',
  )
  .option('--loosen <text>', 'why small numbers are kept back less strictly than in the release before')
  .addOption(keyOption())
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (options: ReleaseFlags & BuildAsked) => {
    const { buildCommand } = await import('./commands/release.ts')
    await buildCommand(environment(options), options)
  })

const releaseStep = (name: string, description: string) =>
  release
    .command(name)
    .description(description)
    .argument('<id>', 'the release, like 2026-06')
    .addOption(keyOption())
    .addOption(jsonOption())
    .addOption(dataOption())

releaseStep(
  'check',
  'make a draft once more, compare every byte, and note that you looked through it',
).action(async (id: string, options: ReleaseFlags) => {
  const { checkCommand } = await import('./commands/release.ts')
  await checkCommand(environment(options), id, options)
})
releaseStep('approve', 'answer for a checked release; not for whoever built or checked it')
  .option('--loosen <text>', 'why you agree that small numbers are kept back less strictly')
  .action(async (id: string, options: ReleaseFlags & { loosen?: string }) => {
    const { approveCommand } = await import('./commands/release.ts')
    await approveCommand(environment(options), id, options)
  })
releaseStep('schedule', 'let an approved release become public at its minute').action(
  async (id: string, options: ReleaseFlags) => {
    const { scheduleCommand } = await import('./commands/release.ts')
    await scheduleCommand(environment(options), id, options)
  },
)
releaseStep('publish', 'make a scheduled release public; never before its minute').action(
  async (id: string, options: ReleaseFlags) => {
    const { publishCommand } = await import('./commands/release.ts')
    await publishCommand(environment(options), id, options)
  },
)
releaseStep('withdraw', 'take a release off the site, or keep an approved one from getting there')
  .requiredOption('--reason <text>', 'why; it stands in the place of the release')
  .action(async (id: string, options: ReleaseFlags & { reason: string }) => {
    const { withdrawCommand } = await import('./commands/release.ts')
    await withdrawCommand(environment(options), id, options)
  })

release
  .command('list')
  .description('show all releases, what they wait for, and the dates to come')
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (options: ReleaseFlags) => {
    const { listCommand } = await import('./commands/release.ts')
    await listCommand(environment(options), options)
  })
release
  .command('verify')
  .description('check that the folder of a release is as it was signed; needs no store')
  .argument('<folder>', 'the folder with manifest.json, here or downloaded')
  .option('--public-key <file>', 'release-key.pem of the site (default: the key of the data folder)')
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (folder: string, options: ReleaseFlags & { publicKey?: string }) => {
    const { verifyCommand } = await import('./commands/release.ts')
    await verifyCommand(environment(options), folder, options)
  })
release
  .command('rebuild')
  .description('make an old release again and compare every byte; a folder that is lost comes back')
  .argument('<id>', 'the release, like 2026-06')
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (id: string, options: ReleaseFlags) => {
    const { rebuildCommand } = await import('./commands/release.ts')
    await rebuildCommand(environment(options), id, options)
  })
release
  .command('compare')
  .description('show what a release says otherwise than an earlier one')
  .argument('<before>', 'the earlier release, like 2026-06')
  .argument('<now>', 'the later release, like 2026-06.2')
  .addOption(keyOption())
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (before: string, now: string, options: ReleaseFlags) => {
    const { compareCommand } = await import('./commands/release.ts')
    await compareCommand(environment(options), before, now, options)
  })

const report = program
  .command('report')
  .description('reports for people and programs: PDF, XLSX, CSV, Parquet, NDJSON, HTML')

report
  .command('run')
  .description('make a report now and write its file')
  .addArgument(new Argument('<id>', 'which report').choices(Object.keys(reportIds)))
  .addOption(
    new Option('--format <format>', 'what the file is (default: pdf; of table: xlsx)').choices(reportFormats),
  )
  .option('--out <file>', 'where it is written; - for standard output (default: its own name, here)')
  .addOption(
    new Option('--from <day>', 'first day, like 2026-06-01 (default: the last full month)').argParser(
      dayOption,
    ),
  )
  .addOption(new Option('--until <day>', 'first day that no longer counts').argParser(dayOption))
  .addOption(
    new Option('--compare <period>', 'what it is compared with').choices(['previous', 'year', 'none']),
  )
  .option('--service <id...>', 'only these services')
  .option('--department <id...>', 'only these departments')
  .option('--district <id...>', 'only these districts')
  .option('--channel <id...>', 'only these channels')
  .option('--team <id...>', 'only these teams')
  .option(
    '--table <name>',
    'which table a CSV, Parquet or NDJSON file holds; which answer the report table tells',
  )
  .option('--kpi <id>', 'of the report table: which figure')
  .option('--against <group>', 'of the table fairness: rest or best')
  .option('--stage <name>', 'only this stage')
  .option('--also <who>', 'of the case list of a stage: waiting, for those who still stand there too')
  .option('--state <state>', 'of the case list: all, open, closed or late')
  .option('--sort <order>', 'of the case list: wait, age or started')
  .option('--raw', 'CSV for programs: text exactly as it is, without the guard against formulas')
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (id: string, { data, ...options }: Common & RunFlags) => {
    const { runCommand } = await import('./commands/report.ts')
    await runCommand(environment({ ...(data !== undefined && { data }) }), id, options)
  })

report
  .command('list')
  .description('show all schedules, when they come next and why they were not sent')
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (options: Common & { json?: boolean }) => {
    const { listReportsCommand } = await import('./commands/reportLedger.ts')
    await listReportsCommand(environment(options), options)
  })
report
  .command('verify')
  .description('say which report a file is, or a checksum that stands on a report')
  .argument('<file|checksum>', 'a file as it was sent, or 16 digits or more of a checksum')
  .addOption(jsonOption())
  .addOption(dataOption())
  .action(async (given: string, options: Common & { json?: boolean }) => {
    const { verifyReportCommand } = await import('./commands/reportLedger.ts')
    await verifyReportCommand(environment(options), given, options)
  })

/** Failures a person can mend: their message is a whole sentence, a stack would hide it. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof UnknownIdError ||
  error instanceof ReleaseError ||
  (error instanceof Error &&
    [
      'StartError',
      'ExposedCellError',
      'ReportError',
      'NotNowError',
      'DbError',
      'MigrationError',
      'LoadError',
      'BackupError',
    ].includes(error.name))

// who reads may stop, as `head` does: the command does its work to the end all the same
for (const pipe of [process.stdout, process.stderr])
  pipe.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

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
