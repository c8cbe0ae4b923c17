import { createHash, createHmac } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import http, { type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { join } from 'node:path'
// @ts-expect-error it has no types
import s3rver from 's3rver'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import ssh2 from 'ssh2'
import { fingerprintOf } from './sftp.ts'

/** Receivers as they are in the world, in this process: what each of them got stands in its own log. */

const listening = async (server: Pick<NetServer, 'listen' | 'address' | 'once'>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export type Posted = { path: string; headers: IncomingHttpHeaders; body: Buffer }
export async function webhookReceiver(
  answer: (posted: Posted, response: ServerResponse) => void = (_, response) => response.end(),
) {
  const got: Posted[] = []
  const server = http.createServer(async (request, response) => {
    const blocks: Buffer[] = []
    try {
      for await (const block of request) blocks.push(block as Buffer)
    } catch {
      return
    }
    const posted = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(blocks) }
    got.push(posted)
    answer(posted, response)
  })
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}/reports`, got, close: () => closed(server) }
}

const closed = (server: Server): void => {
  server.close()
  server.closeAllConnections()
}

export type Mailed = { from: string; to: string[]; raw: Buffer }
export async function mailReceiver(options: SMTPServerOptions = {}) {
  const got: Mailed[] = []
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    logger: false,
    onData(stream, { envelope }, done) {
      const blocks: Buffer[] = []
      stream.on('data', (block: Buffer) => blocks.push(block))
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        got.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(blocks) })
        done(null)
      })
    },
    ...options,
  })
  smtp.on('error', () => {})
  const port = await listening(smtp.server)
  return { port, got, close: () => smtp.close() }
}

type S3rver = { callback(): http.RequestListener; configureBuckets(): Promise<unknown> }
const makeS3rver = s3rver as new (options: object) => S3rver

/** Signature version 4 as S3 reckons it, written anew: what signs and what checks share no code. */
function isSigned({ method, url = '', headers }: http.IncomingMessage, secret: string): boolean {
  const hmac = (key: string | Buffer, words: string) => createHmac('sha256', key).update(words).digest()
  const [, scope = '', names = '', signature] =
    /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(headers.authorization ?? '') ??
    []
  const path = decodeURIComponent(url)
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(
        /[!'()*]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
  const asked = [
    ...[method, path.join('/'), ''],
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    ...['', names, headers['x-amz-content-sha256']],
  ].join('\n')
  const words = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, shaOf(asked)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((made, part) => hmac(made, part), `AWS4${secret}`)
  return hmac(key, words).toString('hex') === signature
}

/** An S3 server; what it does not know itself, signatures and the condition `If-None-Match: *`, is checked before it. */
export async function s3Receiver(directory: string, bucket: string) {
  const s3 = new makeS3rver({ directory, silent: true, configureBuckets: [{ name: bucket }] })
  await s3.configureBuckets()
  const handle = s3.callback()
  const there = new Set<string>()
  const log: string[] = []
  /** Answers instead of the server, once. */
  const fails: ((response: ServerResponse) => void)[] = []
  const server = http.createServer((request, response) => {
    const { method, url = '', headers } = request
    log.push(`${method} ${url}`)
    const fail = method === 'PUT' ? fails.shift() : undefined
    request.resume()
    if (fail) return fail(response)
    if (headers['if-none-match'] === '*' && there.has(url)) return response.writeHead(412).end()
    if (!isSigned(request, 'S3RVER')) return response.writeHead(403).end('<Code>SignatureDoesNotMatch</Code>')
    request.pause()
    response.once('finish', () => {
      if (method === 'PUT' && response.statusCode === 200) there.add(url)
    })
    handle(request, response)
  })
  const port = await listening(server)
  return { endpoint: `http://127.0.0.1:${port}`, log, fails, close: () => closed(server) }
}

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

/** An SSH server with files below a folder. Renaming onto something fails, as OpenSSH's does. */
export async function sftpReceiver(folder: string, password: string, publicKey?: string) {
  const host = ssh2.utils.generateKeyPairSync('ed25519')
  const hostKey = ssh2.utils.parseKey(host.private) as ssh2.ParsedKey
  const allowed = publicKey && (ssh2.utils.parseKey(publicKey) as ssh2.ParsedKey)
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (asked) => {
      if (asked.method === 'password' && asked.password === password) return asked.accept()
      if (asked.method === 'publickey' && allowed && asked.key.data.equals(allowed.getPublicSSH())) {
        const { blob, signature, hashAlgo } = asked
        if (!signature || !blob || allowed.verify(blob, signature, hashAlgo)) return asked.accept()
      }
      asked.reject(['password', 'publickey'])
    })
    client.on('session', (accept) => {
      accept().on('sftp', (begin) => files(begin(), folder))
    })
  })
  const port = await listening(server as unknown as NetServer)
  return { port, host_key: fingerprintOf(hostKey.getPublicSSH()), close: () => server.close() }
}

function files(sftp: ssh2.SFTPWrapper, folder: string): void {
  const handles = new Map<number, FileHandle>()
  const place = (path: string) => join(folder, path)
  const attributes = async (path: string): Promise<ssh2.Attributes> => {
    const { mode, uid, gid, size, atimeMs, mtimeMs } = await stat(place(path))
    return { mode, uid, gid, size, atime: atimeMs / 1000, mtime: mtimeMs / 1000 }
  }
  const answer = (id: number, work: Promise<unknown>): void =>
    void work.then(
      () => sftp.status(id, STATUS_CODE.OK),
      (error) => sftp.status(id, error.code === 'ENOENT' ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE),
    )
  const handleOf = (handle: Buffer) => handles.get(handle.readUInt32BE(0)) as FileHandle
  let next = 0
  sftp.on('OPEN', (id, path, flags) =>
    open(place(path), flags & OPEN_MODE.WRITE ? 'w' : 'r').then(
      (file) => {
        const handle = Buffer.alloc(4)
        handle.writeUInt32BE(next)
        handles.set(next++, file)
        sftp.handle(id, handle)
      },
      () => sftp.status(id, STATUS_CODE.NO_SUCH_FILE),
    ),
  )
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer(id, handleOf(handle).write(data, 0, data.length, offset)),
  )
  sftp.on('READ', (id, handle, offset, length) => {
    void handleOf(handle)
      .read(Buffer.alloc(length), 0, length, offset)
      .then(({ bytesRead, buffer }) =>
        bytesRead === 0 ? sftp.status(id, STATUS_CODE.EOF) : sftp.data(id, buffer.subarray(0, bytesRead)),
      )
  })
  sftp.on('CLOSE', (id, handle) => answer(id, handleOf(handle).close()))
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
  sftp.on('SETSTAT', (id) => sftp.status(id, STATUS_CODE.OK))
  for (const asked of ['STAT', 'LSTAT'] as const)
    sftp.on(asked as 'STAT', (id: number, path: string) => {
      attributes(path).then(
        (found) => sftp.attrs(id, found),
        () => sftp.status(id, STATUS_CODE.NO_SUCH_FILE),
      )
    })
  sftp.on('FSTAT', (id, handle) => {
    void handleOf(handle)
      .stat()
      .then(({ mode, uid, gid, size }) => sftp.attrs(id, { mode, uid, gid, size, atime: 0, mtime: 0 }))
  })
  sftp.on('REALPATH', (id, path) =>
    sftp.name(id, [{ filename: join('/', path), longname: '', attrs: {} as ssh2.Attributes }]),
  )
  sftp.on('MKDIR', (id, path) => answer(id, mkdir(place(path))))
  sftp.on('REMOVE', (id, path) => answer(id, rm(place(path))))
  sftp.on('RENAME', (id, from, to) =>
    answer(
      id,
      stat(place(to)).then(
        () => Promise.reject(new Error('there')),
        () => rename(place(from), place(to)),
      ),
    ),
  )
}

export const shaOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const pixel = 'data:image/png;base64,iVBORw0KGgo='
/** A parcel with a file of these bytes. */
export async function testParcel(
  file: string,
  { name = 'brief 2026-06.csv', key = shaOf(file).slice(0, 32) } = {},
) {
  const body = await readFile(file)
  return {
    ...{ key, attempt: 0, link: null as string | null },
    file: { path: file, name, media_type: 'text/csv', bytes: body.length, sha256: shaOf(body) },
    message: {
      subject: 'Wartezeiten: 63 %',
      html: `<html><body><p>63 %</p><img alt="63 %" src="${pixel}"></body></html>`,
      text: '63 %',
      head: [{ label: 'Scope', value: 'Straße 1' }],
    },
  }
}
