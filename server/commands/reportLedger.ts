import { stat } from 'node:fs/promises'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { whenWords } from '../releases/when.ts'
import { openArchive } from '../reports/archive.ts'
import { sha256Of } from '../reports/delivery/bytes.ts'
import { openings } from '../reports/delivery/openings.ts'
import { deliverySettings } from '../reports/delivery/settings.ts'
import { listReports } from '../reports/runs/listed.ts'
import { storeDesk } from '../reports/storeDesk.ts'
import { verified } from '../reports/verified.ts'

type Json = { json?: boolean }

/** All schedules, when they come next and what became of them last. */
export async function listReportsCommand(env: Env, { json = false }: Json): Promise<void> {
  const db = await openStore(env)
  try {
    const desk = { ...storeDesk(db), delivery: openings(deliverySettings(env, db.dataDir)) }
    const listed = await listReports(desk)
    if (json) return print(JSON.stringify(listed))
    const { reports, schedules } = listed
    const zone = await desk.zone()
    if (schedules.length === 0) print('No report is scheduled yet.')
    for (const { id, report, formats, when, next, paused, last, not_sent } of schedules) {
      const [first] = next
      const coming = paused
        ? 'paused'
        : first
          ? `${when.kind === 'complete' ? 'when the data is complete, not before' : 'next at'} ${whenWords(first, zone)}`
          : 'never due'
      const was = last ? `, last ${last.state}${not_sent ? `: ${not_sent}` : ''}` : ''
      print(`${id}  ${report} as ${formats.join(', ')}, ${coming}${was}`)
    }
    print(`Reports there are: ${reports.map((one) => one.id).join(', ')}.`)
  } finally {
    await db.close()
  }
}

/** Which report a file or a checksum is. Fails when it is none of ours. */
export async function verifyReportCommand(env: Env, given: string, { json = false }: Json): Promise<void> {
  const checksum = ((await isFile(given)) && (await sha256Of(given))) || given.toLowerCase()
  if (!/^[0-9a-f]{16,64}$/.test(checksum))
    throw new StartError(
      `"${given}" is neither a file nor a checksum: give the file of a report, or 16 digits or more of the checksum that stands on it.`,
    )
  const db = await openStore(env)
  try {
    const found = await verified(db, openArchive(db.dataDir), checksum)
    if (json) print(JSON.stringify({ checksum, found }))
    if (found.length === 0)
      throw new StartError(`${given} is no report that was made here, or it was changed since.`)
    if (json) return
    for (const { report, format, period, as_of, made_at, delivered } of found)
      print(
        `${report} as ${format}, from ${period.from} until ${period.until}, data as of ${as_of ?? 'unknown'}, made ${made_at}, delivered ${delivered} ${delivered === 1 ? 'time' : 'times'}.`,
      )
  } finally {
    await db.close()
  }
}

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (about) => about.isFile(),
    () => false,
  )

const print = (line: string) => void process.stdout.write(`${line}\n`)
