import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import qrcode from 'qrcode-generator'
import { load } from '../../pipelines/load.ts'
import { loadMapping } from '../../pipelines/mapping.ts'
import { csvLine } from '../../pipelines/template.ts'
import type { Db } from '../../sql/db.ts'
import { type Env, StartError } from '../env.ts'
import { answerId, type Link, type LinkKeys, linkKeys, sealLink } from '../feedback/link.ts'
import { configure, findConfig, openStore } from '../open.ts'
import { readCaseFile } from './caseFile.ts'

export type LinkFlags = {
  service: string
  case?: string
  cases?: string
  source?: string
  channel?: string
  count?: number
  days: number
  qr?: string
  json?: boolean
}

type About = Pick<Link, 'source' | 'case_id' | 'slip' | 'channel'>
type Made = { case_id: string; link: string; expires: string; qr?: string }

/** Makes links to the feedback form: for cases, or slips that are handed out. A link of a case counts as feedback asked for. */
export async function feedbackLinkCommand(env: Env, flags: LinkFlags): Promise<void> {
  const about = await whatFor(flags)
  const db = await openStore(env)
  try {
    await configure(db)
    await checkService(db, flags.service)
    const keys = await linkKeys(db.dataDir, env.CLEARWAY_SECRET)
    const address = findConfig(db.dataDir)?.feedback.address ?? `http://localhost:${env.PORT}`
    const expires = Math.floor(Date.now() / 1000) + flags.days * 86_400
    const links = about.map((each): Link => ({ ...each, service: flags.service, expires }))
    const made = links.map(
      (link): Made => ({
        case_id: link.case_id,
        link: `${address}/feedback/${sealLink(keys, link)}`,
        expires: new Date(expires * 1000).toISOString(),
      }),
    )
    if (flags.qr !== undefined) await drawCodes(flags.qr, made)
    await noteOffers(db, keys, links)
    show(made, flags)
    if (address.startsWith('http://localhost'))
      process.stderr.write(
        'The links lead to this machine. Name the address people reach in clearway.config.json: "feedback": { "address": "https://…" }.\n',
      )
  } finally {
    await db.close()
  }
}

/** One entry for each link to be made. */
async function whatFor({
  case: caseId,
  cases,
  source,
  channel = '',
  count = 1,
}: LinkFlags): Promise<About[]> {
  if (caseId !== undefined && cases !== undefined)
    throw new StartError('Give either --case or --cases, not both.')
  const needSource = (): never => {
    throw new StartError(
      'Say with --source which system the case ids come from, as in the data: two systems may use the same ids.',
    )
  }
  if (caseId !== undefined) return [{ source: source ?? needSource(), case_id: caseId, slip: '', channel }]
  if (cases === undefined)
    return Array.from({ length: count }, () => ({
      ...{ source: source ?? 'feedback', case_id: '', channel },
      slip: randomBytes(12).toString('base64url'),
    }))
  const rows = await readCases(cases)
  return rows.map((row) => ({
    source: row.source ?? source ?? needSource(),
    case_id: row.case_id,
    slip: '',
    channel: row.channel ?? channel,
  }))
}

type CaseRow = { case_id: string; source?: string; channel?: string }

/** A CSV file with a column case_id, and source and channel where they differ from case to case. */
const readCases = async (file: string): Promise<CaseRow[]> =>
  (await readCaseFile(file, ['case_id'])).map((cell) => {
    const [case_id = '', source, channel] = [cell('case_id'), cell('source'), cell('channel')]
    return { case_id, ...(source ? { source } : {}), ...(channel ? { channel } : {}) }
  })

async function checkService(db: Db, service: string): Promise<void> {
  const result = await db.query({ query: 'SELECT id FROM services FINAL ORDER BY id', format: 'JSONEachRow' })
  const known = (await result.json<{ id: string }>()).map(({ id }) => id)
  if (!known.includes(service))
    throw new StartError(
      `There is no service "${service}". Known services: ${known.join(', ') || 'none yet; declare them in clearway.config.json'}.`,
    )
}

/** That feedback was asked for: an outcome without an answer, which the answer then corrects, however late this row comes. */
async function noteOffers(db: Db, keys: LinkKeys, links: Link[]): Promise<void> {
  const at = new Date().toISOString()
  const rows = links
    .filter(({ case_id }) => case_id !== '')
    .map((link) => {
      const { service, source, case_id, channel } = link
      const row = { outcome_id: answerId(keys, link), service, source, case_id, channel, at, offered: true }
      return `${JSON.stringify({ ...row, recorded_at: '1970-01-01T00:00:00.001Z' })}\n`
    })
  if (rows.length === 0) return
  const dir = await mkdtemp(path.join(tmpdir(), 'clearway-offers-'))
  try {
    const file = path.join(dir, 'feedback-offers.ndjson')
    await writeFile(file, rows.join(''), { mode: 0o600 })
    await load(db, { file, mapping: await loadMapping('clearway'), stream: 'outcomes', source: 'feedback' })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** One code as the named file; of several each one in the named folder. */
async function drawCodes(target: string, made: Made[]): Promise<void> {
  if (made.length === 1 && !target.endsWith('.svg'))
    throw new StartError(`--qr writes SVG: name a file like code.svg instead of ${target}.`)
  if (made.length > 1) await mkdir(target, { recursive: true })
  for (const [index, each] of made.entries()) {
    const file = made.length === 1 ? target : path.join(target, `${String(index + 1).padStart(5, '0')}.svg`)
    const code = qrcode(0, 'M')
    code.addData(each.link)
    code.make()
    await writeFile(file, code.createSvgTag({ scalable: true, margin: 8 }))
    each.qr = file
  }
}

function show(made: Made[], { json = false, qr, case: one, cases, count = 1 }: LinkFlags): void {
  const isOne = one !== undefined || (cases === undefined && count === 1)
  if (json) for (const each of made) process.stdout.write(`${JSON.stringify(each)}\n`)
  else if (isOne) process.stdout.write(`${made[0]?.link}\n`)
  else {
    const columns: (keyof Made)[] = [
      'case_id',
      'link',
      'expires',
      ...(qr === undefined ? [] : (['qr'] as const)),
    ]
    process.stdout.write(csvLine([...columns]))
    for (const each of made) process.stdout.write(csvLine(columns.map((name) => each[name] ?? '')))
  }
}
