import { createHash, createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import PostalMime from 'postal-mime'
import ssh2 from 'ssh2'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Destination, ways } from '../../../sql/reportSchedules.ts'
import { readEnv } from '../../env.ts'
import { checkAddress } from './addresses.ts'
import { mailServer } from './email.ts'
import { laterThan } from './handed.ts'
import { openings } from './openings.ts'
import { type DeliverySettings, deliverySettings } from './settings.ts'
import { testCertificate } from './testCertificate.ts'
import {
  mailReceiver,
  s3Receiver,
  sftpReceiver,
  shaOf,
  testParcel,
  webhookReceiver,
} from './testReceivers.ts'
import { openWays } from './ways.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearway-ways-'))
  return () => rm(dir, { recursive: true, force: true })
})

const body = 'service,wait\npermits,12\n'
const fileOf = async (text: string, name = 'made'): Promise<string> => {
  const file = join(dir, name)
  await writeFile(file, text)
  return file
}
const waysOf = (change: Partial<DeliverySettings>, options = {}) => {
  const ways = openWays({ ...deliverySettings(readEnv({}), dir), ...change }, options)
  onTestFinished(ways.close)
  return ways
}
const closeAfter = <R extends { close: () => unknown }>(receiver: R): R => {
  onTestFinished(async () => void (await receiver.close()))
  return receiver
}

test('a folder gets the file whole, once, under its name, and nothing there is ever replaced or left', async () => {
  const { handOver } = waysOf({})
  const first = await testParcel(await fileOf(body))
  const to = (path: string): Destination => ({ kind: 'folder', path })
  const outgoing = join(dir, 'reports/outgoing')
  const place = join(outgoing, 'council/brief 2026-06.csv')
  for (const reason of ['', 'It was there already.'])
    expect(await handOver({ ...first, destination: to('council') })).toMatchObject({
      ...{ key: first.key, outcome: 'delivered', proof: place, reason },
    })
  const second = await testParcel(await fileOf('other\n', 'other'))
  const { proof } = await handOver({ ...second, destination: to('council') })
  expect(proof).toBe(join(outgoing, `council/brief 2026-06.${shaOf('other\n').slice(0, 16)}.csv`))
  expect([await readFile(place, 'utf8'), await readFile(proof, 'utf8')]).toEqual([body, 'other\n'])
  const about = await readFile(`${place}.about.txt`, 'utf8')
  expect([(await readdir(join(outgoing, 'council'))).length, about]).toEqual([4, '63 %'])

  await mkdir(join(dir, 'public'))
  await symlink(join(dir, 'public'), join(outgoing, 'link'))
  for (const path of ['..', '../../public', 'a/../../x', 'link', 'link/deep', join(dir, 'public')]) {
    const receipt = await handOver({ ...first, destination: to(path) })
    expect([path, receipt.outcome, receipt.reason]).toEqual([
      path,
      'refused',
      expect.stringContaining('REPORT_FOLDERS'),
    ])
  }
  const share = join(dir, 'share')
  const allowed = waysOf({ folders: [share] })
  const named = { ...first, file: { ...first.file, name: '../../.ssh/keys' } }
  expect(await allowed.handOver({ ...named, destination: to(join(share, 'a')) })).toMatchObject({
    proof: join(share, 'a', '-..-.ssh-keys'),
  })
  expect(await allowed.handOver({ ...first, destination: to(`${share}d`) })).toMatchObject({
    outcome: 'refused',
  })
})

test('a file that is gone or is not what was made goes to nobody', async () => {
  const { handOver } = waysOf({})
  const parcel = {
    ...(await testParcel(await fileOf(body))),
    destination: { kind: 'folder', path: 'x' } as const,
  }
  await writeFile(parcel.file.path, body.replace('12', '13'))
  expect((await handOver(parcel)).reason).toContain('another checksum')
  await rm(parcel.file.path)
  expect(await handOver(parcel)).toMatchObject({
    outcome: 'refused',
    reason: expect.stringContaining('archive'),
  })
})

test('a mail goes over TLS with its file, both texts, its bounce address, a way out and a signature that holds', async () => {
  const { key, cert } = testCertificate()
  const post = closeAfter(
    await mailReceiver({
      ...{ secure: true, key, cert, authOptional: false },
      onAuth: ({ username, password }, _, done) =>
        password === 'pass:word/1' ? done(null, { user: username }) : done(new Error(`no ${password}`)),
    }),
  )
  const dkim = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const mail = {
    url: `smtps://office:${encodeURIComponent('pass:word/1')}@localhost:${post.port}`,
    ...{ from: 'City <reports@city.example>', bounce: 'bounces@city.example', attachBytes: 1000, ca: cert },
    dkim: {
      ...{ domainName: 'city.example', keySelector: 'k1' },
      privateKey: dkim.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  }
  const parcel = {
    ...(await testParcel(await fileOf(body))),
    destination: { kind: 'email', to: 'head@city.example' } as const,
  }
  const receipt = await waysOf({ mail }).handOver(parcel)
  expect(receipt).toMatchObject({
    outcome: 'delivered',
    proof: expect.stringContaining(`${parcel.key}@city.example> 250`),
  })
  const [got] = post.got
  expect([got?.from, got?.to]).toEqual(['bounces@city.example', ['head@city.example']])
  const read = await PostalMime.parse(got?.raw as Buffer)
  expect(read).toMatchObject({
    ...{
      subject: 'Wartezeiten: 63 %',
      messageId: `<${parcel.key}@city.example>`,
      text: expect.stringContaining('63 %'),
    },
    html: expect.stringContaining('<p>63 %</p>'),
    from: { name: 'City', address: 'reports@city.example' },
  })
  const header = (name: string) => read.headers.find((each) => each.key === name)?.value
  expect(header('auto-submitted')).toBe('auto-generated')
  expect(header('list-unsubscribe')).toBe('<mailto:reports@city.example?subject=unsubscribe>')
  const [attached, chart] = [...read.attachments].sort((a, b) => (a.mimeType < b.mimeType ? 1 : -1))
  expect([
    read.html?.includes('data:'),
    read.html?.includes(`src="cid:${chart?.contentId?.slice(1, -1)}"`),
  ]).toEqual([false, true])
  expect([attached?.filename, attached?.mimeType]).toEqual(['brief 2026-06.csv', 'text/csv'])
  expect(Buffer.from(attached?.content as ArrayBuffer).toString()).toBe(body)
  const publicPem = dkim.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  expect(dkimHolds(got?.raw as Buffer, publicPem)).toBe(true)
  const changed = Buffer.from(
    got?.raw.toString('latin1').replace('Subject: W', 'Subject: V') as string,
    'latin1',
  )
  expect(changed.equals(got?.raw as Buffer)).toBe(false)
  expect(dkimHolds(changed, publicPem)).toBe(false)

  const large = {
    ...parcel,
    file: { ...(await testParcel(await fileOf('x'.repeat(1001), 'large'))).file, name: 'all <raw>.csv' },
  }
  const link = 'https://city.example/reports/get/abc?a=1&b=2'
  expect(await waysOf({ mail }).handOver({ ...large, link })).toMatchObject({ outcome: 'delivered' })
  const linked = await PostalMime.parse(post.got[1]?.raw as Buffer)
  expect([linked.attachments.length, linked.text]).toEqual([1, expect.stringContaining(link)])
  expect(linked.html).toContain(
    'href="https://city.example/reports/get/abc?a=1&#38;b=2">Download all &#60;raw&#62;.csv (1 MB)</a>',
  )
  expect((await waysOf({ mail }).handOver(large)).reason).toContain('too large')

  const stranger = await waysOf({ mail: { ...mail, ca: testCertificate().cert } }).handOver(parcel)
  expect(stranger).toMatchObject({ outcome: 'retry', reason: expect.stringMatching(/certificate/i) })
  const wrong = await waysOf({ mail: { ...mail, url: mail.url.replace('pass', 'past') } }).handOver(parcel)
  expect(wrong).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('SMTP_URL') })
  expect(post.got.length).toBe(2)
})

test('mail that is refused for now is tried again, for good it is not, and TLS is needed everywhere but here', async () => {
  const post = closeAfter(
    await mailReceiver({
      onRcptTo: ({ address }, _, done) =>
        address.startsWith('ok')
          ? done()
          : done(Object.assign(new Error('no room'), { responseCode: Number(address.slice(0, 3)) })),
    }),
  )
  const url = `smtp://127.0.0.1:${post.port}`
  const { handOver } = waysOf({ mail: { url, from: 'a@city.example', attachBytes: 10_000 } })
  const parcel = await testParcel(await fileOf(body))
  const to = (address: string) => handOver({ ...parcel, destination: { kind: 'email', to: address } })
  const outcomes = await Promise.all(['450@x.example', '550@x.example', 'ok@x.example'].map(to))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['retry', 'refused', 'delivered'])
  const settings = { from: 'a@b.c', attachBytes: 0 }
  expect(mailServer({ url: 'smtp://mail.city.example?requireTLS=false', ...settings })).toMatchObject({
    ...{ requireTLS: true, ignoreTLS: false, port: 587, disableFileAccess: true, disableUrlAccess: true },
  })
  expect(await waysOf({}).handOver({ ...parcel, destination: { kind: 'email', to: 'a@b.c' } })).toMatchObject(
    {
      ...{ outcome: 'refused', reason: 'SMTP_URL and MAIL_FROM are not set.' },
    },
  )
})

test('a bucket gets one object for a parcel, however often it is tried', async () => {
  const storage = closeAfter(await s3Receiver(join(dir, 's3'), 'reports'))
  const s3 = {
    endpoint: storage.endpoint,
    region: 'eu-central-1',
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
  }
  const { handOver } = waysOf({ s3 })
  const destination = { kind: 's3', bucket: 'reports', prefix: "stadt/Übersicht (alle)! 'neu'*/" } as const
  const parcel = { ...(await testParcel(await fileOf(body))), destination }
  const name = `${destination.prefix}brief 2026-06.${parcel.key}.csv`
  storage.fails.push((response) => response.writeHead(503, { 'Retry-After': '120' }).end())
  const busy = await handOver(parcel)
  expect(busy).toMatchObject({ outcome: 'retry', not_before: expect.any(String) })
  const first = await handOver(parcel)
  expect(first).toMatchObject({ outcome: 'delivered', proof: expect.stringContaining(name), reason: '' })
  expect(await handOver(parcel)).toMatchObject({ outcome: 'delivered', reason: 'It was there already.' })
  expect(storage.log.filter((line) => /^PUT .*\.csv$/.test(line)).length).toBe(1)
  const objects = (await readdir(join(dir, 's3'), { recursive: true })).filter((path) =>
    path.endsWith('_object'),
  )
  expect(
    Object.fromEntries(
      await Promise.all(
        objects.map(async (path) => [
          extname(path.replace(/\._S3rver_object$/, '')),
          await readFile(join(dir, 's3', path), 'utf8'),
        ]),
      ),
    ),
  ).toEqual({ '.csv': body, '.txt': '63 %' })

  const other = { ...(await testParcel(await fileOf('other\n', 'other'), { key: parcel.key })), destination }
  expect(await handOver(other)).toMatchObject({
    outcome: 'refused',
    reason: expect.stringContaining('another object'),
  })
  const elsewhere = await handOver({ ...parcel, destination: { ...destination, bucket: 'nothing' } })
  expect(elsewhere).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('NoSuchBucket') })
  const stranger = waysOf({ s3: { ...s3, secretAccessKey: 'wrong' } })
  expect(await stranger.handOver({ ...parcel, key: 'b'.repeat(32) })).toMatchObject({
    ...{ outcome: 'retry', reason: expect.stringContaining('SignatureDoesNotMatch') },
  })
})

test('a webhook gets the file and its head in a signed form, with the same key each time, and says what becomes of it', async () => {
  const secret = 'a secret of the office'
  const answers: [number, Record<string, string>?][] = [
    [200],
    [429, { 'Retry-After': '90' }],
    [500],
    [404],
    [307, { Location: 'http://169.254.169.254/' }],
  ]
  const receiver = closeAfter(
    await webhookReceiver(
      (_, response) => void response.writeHead(...(answers.shift() ?? [200])).end(secret),
    ),
  )
  const webhook = { secret, privateHosts: ['127.0.0.1'] }
  const { handOver } = waysOf({ webhook })
  const parcel = {
    ...(await testParcel(await fileOf(body))),
    destination: { kind: 'webhook', url: receiver.url } as const,
  }
  const receipts = []
  for (let attempt = 0; attempt < 5; attempt++) receipts.push(await handOver({ ...parcel, attempt }))
  expect(receipts.map(({ outcome }) => outcome)).toEqual([
    'delivered',
    'retry',
    'retry',
    'refused',
    'refused',
  ])
  expect(Date.parse(receipts[1]?.not_before as string) - Date.now()).toBeGreaterThan(60_000)
  expect(receipts[4]?.reason).toContain('Redirects are not followed')
  const [got] = receiver.got
  expect(new Set(receiver.got.map(({ headers }) => headers['idempotency-key']))).toEqual(
    new Set([parcel.key]),
  )
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got?.headers['x-clearway-signature'])) ?? []
  expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${got?.body}`).digest('hex'))
  expect(got?.headers['content-digest']).toBe(
    `sha-256=:${createHash('sha256')
      .update(got?.body ?? '')
      .digest('base64')}:`,
  )
  const type = { 'Content-Type': String(got?.headers['content-type']) }
  const form = await new Response(new Uint8Array(got?.body ?? []), { headers: type }).formData()
  const file = form.get('file') as File
  expect([file.name, file.type, await file.text()]).toEqual(['brief_2026-06.csv', 'text/csv', body])
  const { subject: title, head } = parcel.message
  expect(JSON.parse(await new Response(form.get('about')).text())).toEqual({ title, head })

  const hangs = closeAfter(await webhookReceiver(() => {}))
  const slow = waysOf({ webhook }, { timeLimit: 50 })
  expect(await slow.handOver({ ...parcel, destination: { kind: 'webhook', url: hangs.url } })).toMatchObject({
    ...{ outcome: 'retry', reason: 'The receiver took longer than 0.051 seconds.' },
  })
})

test('a webhook never leads into this network, whatever its name means, unless its host was allowed', async () => {
  const receiver = closeAfter(await webhookReceiver())
  const parcel = await testParcel(await fileOf(body))
  const { port } = new URL(receiver.url)
  const refusedBy = async (url: string, privateHosts: string[]) => {
    const { handOver } = waysOf({ webhook: { secret: 'a secret of the office', privateHosts } })
    const { outcome, reason } = await handOver({ ...parcel, destination: { kind: 'webhook', url } })
    return outcome === 'refused' ? reason : outcome
  }
  for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', '[::1]', 'localhost', '10.1.2.3'])
    expect([host, await refusedBy(`https://${host}:${port}/`, [])]).toEqual([
      host,
      expect.stringMatching(/inside of this network/),
    ])
  for (const host of ['169.254.169.254', '[fe80::1]', '0.0.0.0', '[fd00:ec2::254]', '[64:ff9b::a9fe:a9fe]'])
    expect([host, await refusedBy(`http://${host}/`, [host.replace(/[[\]]/g, '')])]).toEqual([
      host,
      expect.stringMatching(/none that reports/),
    ])
  expect(await refusedBy(receiver.url, [])).toMatch(/https only/)
  expect(await refusedBy(`https://a:b@localhost:${port}/`, ['localhost'])).toMatch(/name or password/)
  expect(await refusedBy(`http://localhost:${port}/`, ['localhost'])).toBe('delivered')
  expect(receiver.got.length).toBe(1)
  expect(() => checkAddress('93.184.216.34', false)).not.toThrow()
  expect(() => checkAddress('2606:4700::1', false)).not.toThrow()
})

test('a machine with the key that was named gets the file by SFTP once, another one gets nothing', async () => {
  const mine = ssh2.utils.generateKeyPairSync('ed25519')
  const files = join(dir, 'files')
  await mkdir(files)
  const machine = closeAfter(await sftpReceiver(files, 'a password', mine.public))
  const { port, host_key } = machine
  const destination = {
    kind: 'sftp',
    host: '127.0.0.1',
    port,
    user: 'city',
    path: '/in/reports',
    host_key,
  } as const
  const parcel = { ...(await testParcel(await fileOf(body))), destination }
  const { handOver } = waysOf({ sftp: { privateKey: mine.private, passwordHosts: [] } })
  const place = '/in/reports/brief 2026-06.csv'
  for (const reason of ['', 'It was there already.'])
    expect(await handOver(parcel)).toMatchObject({ outcome: 'delivered', proof: place, reason })
  const mark = shaOf('other\n').slice(0, 16)
  const byPassword = waysOf({ sftp: { password: 'a password', passwordHosts: ['127.0.0.1'] } })
  const other = { ...(await testParcel(await fileOf('other\n', 'other'))), destination }
  expect(await byPassword.handOver(other)).toMatchObject({ proof: `/in/reports/brief 2026-06.${mark}.csv` })
  expect((await readdir(join(files, 'in/reports'))).sort()).toEqual([
    `brief 2026-06.${mark}.csv`,
    `brief 2026-06.${mark}.csv.about.txt`,
    `brief 2026-06.${mark}.csv.sha256`,
    'brief 2026-06.csv',
    'brief 2026-06.csv.about.txt',
    'brief 2026-06.csv.sha256',
  ])
  expect(await readFile(join(files, place), 'utf8')).toBe(body)
  expect(await readFile(join(files, `${place}.sha256`), 'utf8')).toBe(`${shaOf(body)}  brief 2026-06.csv\n`)

  const stranger = { ...destination, host_key: `SHA256:${'A'.repeat(43)}` }
  expect(await handOver({ ...parcel, destination: stranger })).toMatchObject({
    ...{ outcome: 'refused', reason: expect.stringContaining(host_key) },
  })
  const anywhere = waysOf({ sftp: { password: 'a password', passwordHosts: [] } })
  expect((await anywhere.handOver(parcel)).reason).toContain('SFTP_PASSWORD_HOSTS')
  const wrong = waysOf({ sftp: { password: 'wrong', passwordHosts: ['127.0.0.1'] } })
  expect(await wrong.handOver(parcel)).toMatchObject({ outcome: 'retry' })
})

test('Retry-After is read as seconds or as a date, at most a day ahead', () => {
  const now = Date.parse('2026-07-01T00:00:00Z')
  expect(laterThan('60', now)).toBe('2026-07-01T00:01:00.000Z')
  expect(laterThan('Wed, 01 Jul 2026 02:00:00 GMT', now)).toBe('2026-07-01T02:00:00.000Z')
  expect(laterThan('999999999', now)).toBe('2026-07-02T00:00:00.000Z')
  for (const none of [undefined, '', '0', 'soon', '-5']) expect(laterThan(none, now)).toBeUndefined()
})

test('what is set wrongly or by half is named, and a secret is never shown', () => {
  expect(() => readEnv({ SMTP_URL: 'http://u:hush@x' })).toThrow(/SMTP_URL is set wrongly/)
  expect(() => readEnv({ SMTP_URL: 'http://u:hush@x' })).not.toThrow(/hush/)
  expect(() => readEnv({ SMTP_URL: 'smtp://x' })).toThrow('MAIL_FROM is not set; it goes with SMTP_URL')
  expect(() => readEnv({ WEBHOOK_SECRET: 'hush' })).not.toThrow(/hush/)
  expect(() => readEnv({ REPORT_FOLDERS: '/srv, share' })).toThrow('absolute folders')
  expect(() => readEnv({ WEBHOOK_URL_OFFICE: 'hush' })).toThrow(/WEBHOOK_URL_OFFICE is set wrongly/)
  expect(() => readEnv({ WEBHOOK_URL_OFFICE: 'hush' })).not.toThrow(/hush/)
})

test('which ways are open is told with what to set for the others, and no secret', () => {
  const told = (env: NodeJS.ProcessEnv) => openings(deliverySettings(readEnv(env), dir))
  const open = (env: NodeJS.ProcessEnv) => told(env).flatMap((one) => (one.open ? one.way : []))
  expect(open({})).toEqual(['folder'])
  expect(told({}).find(({ way }) => way === 'email')?.mend).toContain('SMTP_URL and MAIL_FROM')
  const all = {
    ...{ SMTP_URL: 'smtps://a:hush@mail.example', MAIL_FROM: 'a@city.example', SFTP_PASSWORD: 'hush hush' },
    ...{ S3_ACCESS_KEY_ID: 'hush', S3_SECRET_ACCESS_KEY: 'hush', WEBHOOK_SECRET: 'hush hush hush hush' },
    WEBHOOK_URL_OFFICE: 'https://hooks.example/hush',
  }
  expect(open(all)).toEqual([...ways])
  expect(told(all).flatMap(({ names }) => names)).toEqual(['$WEBHOOK_URL_OFFICE'])
  expect(JSON.stringify(told(all))).not.toContain('hush')
})

/** RFC 6376 with relaxed headers and body, written anew: what signs and what checks share no code. */
function dkimHolds(raw: Buffer, publicPem: string): boolean {
  const whole = raw.toString('latin1')
  const cut = whole.indexOf('\r\n\r\n')
  const headers = whole
    .slice(0, cut)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
  const relaxed = (line: string) => {
    const at = line.indexOf(':')
    const value = line
      .slice(at + 1)
      .replace(/[ \t]+/g, ' ')
      .trim()
    return `${line.slice(0, at).trim().toLowerCase()}:${value}`
  }
  const mine = headers.find((line) => /^dkim-signature:/i.test(line)) as string
  const tags = Object.fromEntries(
    mine
      .slice(mine.indexOf(':') + 1)
      .split(';')
      .map((tag) => {
        const at = tag.indexOf('=')
        return [tag.slice(0, at).trim(), tag.slice(at + 1).replace(/\s/g, '')]
      }),
  )
  const text = whole
    .slice(cut + 4)
    .replace(/[ \t]+(?=\r\n)/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/(\r\n)*$/, '')
  const bodyHash = createHash('sha256').update(`${text}\r\n`, 'latin1').digest('base64')
  const left = [...headers].reverse()
  const signed = (tags.h as string).split(':').flatMap((name) => {
    const at = left.findIndex((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    return at < 0 ? [] : [relaxed(left.splice(at, 1)[0] as string)]
  })
  const unsigned = relaxed(mine).replace(/([;:]\s*b=)[^;]*/, '$1')
  const words = Buffer.from([...signed, unsigned].join('\r\n'), 'latin1')
  const holds = verify('sha256', words, createPublicKey(publicPem), Buffer.from(tags.b as string, 'base64'))
  return bodyHash === tags.bh && holds
}
