import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Destination } from '../../../sql/reportSchedules.ts'
import buildOnce from '../../buildOnce.ts'
import { readEnv } from '../../env.ts'
import type { Parcel } from '../parcel.ts'
import { openPostman } from './openPostman.ts'
import { openOutbox } from './outbox.ts'
import { deliverySettings } from './settings.ts'
import { mailReceiver, type Posted, shaOf, testParcel, webhookReceiver } from './testReceivers.ts'

const program = join(import.meta.dirname, '../../../dist/server/postman.js')
const secret = 'a secret of the office'
beforeAll(buildOnce, 180_000)

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-postman-'))
  return () => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const receiver = async (answer?: (posted: Posted, response: ServerResponse) => void) => {
  const made = await webhookReceiver(answer)
  onTestFinished(made.close)
  return made
}
const environment = { WEBHOOK_SECRET: secret, WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' }
const parcelsTo = async (count: number, to: (at: number) => Destination): Promise<Parcel[]> => {
  const file = join(dir, 'made')
  await writeFile(file, 'service,wait\npermits,12\n')
  const parcel = await testParcel(file)
  return Array.from({ length: count }, (_, at) => {
    const destination = to(at)
    return { ...parcel, destination, key: shaOf(JSON.stringify([at, destination])).slice(0, 32) }
  })
}
const employed = async (env: NodeJS.ProcessEnv, apart: string | null) => {
  const warned: unknown[] = []
  const settings = deliverySettings(readEnv(env), dir)
  const log = { warn: (...words: unknown[]) => void warned.push(words) }
  const postman = await openPostman({ dataDir: dir, settings, log, program: apart })
  onTestFinished(postman.close)
  return { postman, warned }
}
const keysOf = (got: { key: string }[]): string[] => got.map(({ key }) => key).sort()

test('a parcel is taken once and handed over once, and a slow receiver holds up nobody else', async () => {
  const held: ServerResponse[] = []
  const slow = await receiver((_, response) => void held.push(response))
  const quick = await receiver()
  const { postman } = await employed(environment, program)
  const parcels = await parcelsTo(16, (at) => ({ kind: 'webhook', url: at < 10 ? slow.url : quick.url }))
  await postman.post(parcels)
  await postman.post(parcels)
  await expect.poll(async () => keysOf(await postman.receipts())).toEqual(keysOf(parcels.slice(10)))
  await expect.poll(() => held.length).toBe(4)
  expect((await postman.underWay()).sort()).toEqual(keysOf(parcels.slice(0, 10)))

  // one that is told and not settled stays told, and is not taken again
  const [done] = parcels.slice(10) as [Parcel]
  await postman.post([{ ...done, attempt: 1 }])
  await postman.settle(keysOf(parcels.slice(11)))
  expect(keysOf(await postman.receipts())).toEqual([done.key])
  await postman.waitForReceipt(new AbortController().signal)
  await postman.settle([done.key])
  const stop = new AbortController()
  const waited = postman.waitForReceipt(stop.signal)
  stop.abort()
  await waited
  // settled, it may be tried again
  await postman.post([{ ...done, attempt: 1 }])
  await expect.poll(async () => (await postman.receipts())[0]).toMatchObject({ key: done.key, attempt: 1 })

  // told to stop: the four are finished, the other six stay for the next one
  const closed = postman.close()
  for (const response of held) response.end()
  await closed
  expect((await postman.underWay()).length).toBe(6)
  expect(quick.got.length).toBe(7)
  expect(slow.got.length).toBe(4)
})

test('a parcel whose receipt was written before its server died is not sent again', async () => {
  const quick = await receiver()
  const outbox = await openOutbox(dir)
  const [parcel] = (await parcelsTo(1, () => ({ kind: 'webhook', url: quick.url }))) as [Parcel]
  await outbox.post([parcel])
  const words = await readFile(join(dir, `reports/outbox/${parcel.key}.json`))
  await outbox.receive({ ...parcel, outcome: 'delivered', at: '', proof: 'HTTP 200', reason: '' })
  // as it is when the end comes between the receipt and the parcel
  await writeFile(join(dir, `reports/outbox/${parcel.key}.json`), words)
  expect(await outbox.underWay()).toEqual([])
  expect(await outbox.take(parcel.key)).toBeUndefined()
  expect(await readdir(join(dir, 'reports/outbox'))).toEqual([])
  await outbox.settle([parcel.key])
  // and one that the disk has spoiled is told
  await writeFile(join(dir, `reports/outbox/${parcel.key}.json`), words.subarray(1))
  const { postman } = await employed(environment, null)
  await postman.waitForReceipt(new AbortController().signal)
  expect(await postman.receipts()).toMatchObject([{ key: parcel.key, outcome: 'refused' }])
  expect(quick.got).toEqual([])
  await expect(outbox.post([{ ...parcel, key: '../../x' }])).rejects.toThrow('no key of a parcel')
})

test('no secret is in the outbox, in a receipt or in the log, also when a receiver repeats it', async () => {
  const env = {
    ...{ SMTP_URL: '', MAIL_FROM: 'a@city.example', WEBHOOK_SECRET: 'the hook of hooks' },
    ...{
      S3_ACCESS_KEY_ID: 'AKIA',
      S3_SECRET_ACCESS_KEY: 'bucket of secrets',
      S3_ENDPOINT: 'http://127.0.0.1:1',
    },
    ...{ SFTP_PASSWORD: 'sesame, open', SFTP_PASSWORD_HOSTS: '127.0.0.1' },
    ...{ WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' },
  }
  const path = '/hook/of/those-who-know-it'
  const mail = await mailReceiver({
    onMailFrom: (_, __, done) =>
      done(new Error(`you said open/sesame, ${Buffer.from('\0office\0open/sesame').toString('base64')}`)),
    onAuth: ({ username }, _, done) => done(null, { user: username }),
    ...{ authOptional: false, allowInsecureAuth: true },
  })
  onTestFinished(() => void mail.close())
  const hook = await receiver((_, response) => void response.writeHead(400, 'the hook of hooks').end())
  const smtp = `smtp://office:open%2Fsesame@127.0.0.1:${mail.port}`
  const named = { WEBHOOK_URL_OFFICE: new URL(path, hook.url).href }
  const { postman, warned } = await employed({ ...env, ...named, SMTP_URL: smtp }, null)
  const sftp = {
    kind: 'sftp',
    host: '127.0.0.1',
    port: 1,
    user: 'a',
    path: '',
    host_key: `SHA256:${'A'.repeat(43)}`,
  } as const
  const to: Destination[] = [
    { kind: 'email', to: 'head@city.example' },
    { kind: 's3', bucket: 'reports', prefix: '' },
    { kind: 'webhook', url: hook.url },
    { kind: 'webhook', url: '$WEBHOOK_URL_OFFICE' },
    { kind: 'webhook', url: '$WEBHOOK_URL_ELSEWHERE' },
    sftp,
  ]
  await postman.post(await parcelsTo(6, (at) => to[at] as Destination))
  await expect.poll(async () => (await postman.receipts()).length).toBe(6)
  const reasons = (await postman.receipts()).map(({ reason }) => reason)
  expect(reasons).toContain('WEBHOOK_URL_ELSEWHERE is not set: it holds the address of the receiver.')
  expect(hook.got.map(({ path: asked }) => asked)).toContain(path)
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((each) => each.isFile())
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))
  const written = [...texts, JSON.stringify(warned)].join('\n')
  expect(written).toContain('(secret)')
  const { WEBHOOK_SECRET, S3_SECRET_ACCESS_KEY, SFTP_PASSWORD } = env
  for (const hidden of [
    path,
    'open/sesame',
    'open%2Fsesame',
    WEBHOOK_SECRET,
    S3_SECRET_ACCESS_KEY,
    SFTP_PASSWORD,
  ])
    for (const form of [hidden, Buffer.from(hidden).toString('base64')]) expect(written).not.toContain(form)
  expect(written).not.toContain(Buffer.from('\0office\0open/sesame').toString('base64'))
})

/** A server that does nothing but employ a postman as `openPostman` does, without the time it takes to read its sources. */
const serverWords = `
  const { fork } = require('node:child_process')
  const { program, start } = JSON.parse(process.argv[1])
  const postman = fork(program, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
  postman.send({ start })
`
function employ(): ChildProcess {
  const start = { dataDir: dir, settings: deliverySettings(readEnv(environment), dir) }
  const child = spawn(process.execPath, ['-e', serverWords, JSON.stringify({ program, start })], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
const killed = (child: ChildProcess): Promise<unknown> => {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  return gone
}
const lockFile = () => join(dir, 'reports/postman.lock')
const postmanPid = async () => Number((await readFile(lockFile(), 'utf8').catch(() => '')).split(':')[0])

test('a server killed with kill -9 loses nothing and sends nothing twice: its postman finishes what is under way', {
  timeout: 120_000,
}, async () => {
  let held: ServerResponse[] = []
  let holds = true
  const answer = (_: Posted, response: ServerResponse) => {
    if (holds) held.push(response)
    else setTimeout(() => response.end(), Math.random() * 20)
  }
  const [first, second] = [await receiver(answer), await receiver(answer)]
  const outbox = await openOutbox(dir)
  const parcels = await parcelsTo(60, (at) =>
    at % 10 === 9
      ? { kind: 'folder', path: `f${at}` }
      : { kind: 'webhook', url: at % 2 ? first.url : second.url },
  )
  await outbox.post(parcels)
  const got = () => [...first.got, ...second.got].map(({ headers }) => String(headers['idempotency-key']))

  let server = employ()
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(8)
  await killed(server)
  const before = got()
  server = employ()
  for (const response of held) response.end()
  held = []
  // the old postman tells of its eight and goes; only then the new one takes up the rest
  const told = async () => new Set((await outbox.receipts()).map(({ key }) => key))
  await expect
    .poll(async () => {
      const keys = await told()
      return before.every((key) => keys.has(key))
    })
    .toBe(true)
  holds = false
  for (const response of held) response.end()
  for (const count of [20, 36]) {
    await expect.poll(() => got().length, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(count)
    await killed(server)
    server = employ()
  }
  await expect.poll(async () => (await outbox.receipts()).length, { timeout: 60_000 }).toBe(60)
  expect((await outbox.receipts()).every(({ outcome }) => outcome === 'delivered')).toBe(true)
  const hooked = parcels.filter(({ destination }) => destination.kind === 'webhook')
  expect(got().sort()).toEqual(keysOf(hooked))
  expect(await outbox.underWay()).toEqual([])
})

test('when even the postman is killed nothing is lost, and what comes twice comes with its key', {
  timeout: 120_000,
}, async () => {
  const hook = await receiver((_, response) => void setTimeout(() => response.end(), Math.random() * 20))
  const outbox = await openOutbox(dir)
  const parcels = await parcelsTo(60, (at) =>
    at % 4 === 3 ? { kind: 'folder', path: 'all' } : { kind: 'webhook', url: hook.url },
  )
  await outbox.post(parcels)
  let server = employ()
  const kills = [5, 20]
  for (const count of kills) {
    await expect.poll(() => hook.got.length, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(count)
    const pid = await postmanPid()
    await killed(server)
    process.kill(pid, 'SIGKILL')
    server = employ()
  }
  await expect.poll(async () => (await outbox.receipts()).length, { timeout: 60_000 }).toBe(60)
  const got = hook.got.map(({ headers }) => String(headers['idempotency-key']))
  const hooked = keysOf(parcels.filter(({ destination }) => destination.kind === 'webhook'))
  expect([...new Set(got)].sort()).toEqual(hooked)
  // at most the four that were on their way each time
  expect(got.length - hooked.length).toBeLessThanOrEqual(4 * kills.length)
  expect((await readdir(join(dir, 'reports/outgoing/all'))).sort()).toEqual([
    'brief 2026-06.csv',
    'brief 2026-06.csv.about.txt',
  ])
})
