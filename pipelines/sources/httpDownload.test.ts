import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { download, type Question } from './httpDownload.ts'
import { useServer } from './testServer.ts'

const server = useServer()
let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-download-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let number = 0
async function ask(url: string, more: Partial<Question> = {}) {
  const file = path.join(dir, `answer-${number++}`)
  const told: string[] = []
  const question = { url: new URL(url), file, maxBytes: 10_000, timeoutMs: 5_000, ...more }
  const outcome = await download(question, (reason) => told.push(reason)).then(
    (answer) => ({ answer, error: '' }),
    (error: Error) => ({ answer: undefined, error: error.message }),
  )
  const isThere = await stat(file).then(
    () => true,
    () => false,
  )
  return { ...outcome, told, text: isThere ? await readFile(file, 'utf8') : undefined }
}

type Turn = (response: ServerResponse, request: IncomingMessage) => void
/** One behaviour a request; the last one stays. */
const inTurn = (pathname: string, ...turns: Turn[]): string => {
  let at = 0
  return server.on(pathname, (request, response) =>
    turns[Math.min(at++, turns.length - 1)]?.(response, request),
  )
}
const good: Turn = (response) =>
  response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end('a,b\n1,2\n')

test('a server that asks for patience, fails or breaks off is asked again, and the answer is whole', async () => {
  const busy = inTurn(
    '/busy',
    (response) => response.writeHead(429, { 'retry-after': '0' }).end(),
    (response) => response.writeHead(503, { 'retry-after': '1' }).end('later'),
    good,
  )
  const first = await ask(busy)
  expect(first).toMatchObject({ text: 'a,b\n1,2\n', answer: { status: 200, bytes: 8, type: 'text/csv' } })
  expect(first.told).toEqual([
    expect.stringContaining('/busy answered 429: it is asked too often; lower requests_per_minute.'),
    expect.stringContaining('/busy answered 503.'),
  ])
  const cut = inTurn(
    '/cut',
    (response) => {
      response.writeHead(200, { 'content-length': '8' })
      response.write('a,b\n', () => response.destroy())
    },
    good,
  )
  const whole = await ask(cut)
  expect(whole.text).toBe('a,b\n1,2\n')
  expect(whole.told).toEqual([
    expect.stringMatching(/The connection to .*\/cut broke before the answer was whole/),
  ])
})

test('what will not pass is said in one sentence, at once, and nothing is left', async () => {
  const refusals: [string, Turn, RegExp, Partial<Question>?][] = [
    [
      'forbidden',
      (response) => response.writeHead(403).end('no'),
      /\/forbidden answered 403: check the key in headers\.$/,
    ],
    [
      'gone',
      (response) => response.writeHead(404).end(),
      /answered 404: there is nothing at this address\.$/,
    ],
    [
      'announced',
      (response) => response.writeHead(200, { 'content-length': 20_000 }).end('x'.repeat(20_000)),
      /larger than 0.0\d+ MB: ask for less, or raise max_megabytes/,
    ],
    [
      'endless',
      (response) => {
        const more = setInterval(() => response.write('x'.repeat(1000)), 1)
        response.on('close', () => clearInterval(more))
      },
      /larger than/,
    ],
    [
      'bomb',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('0'.repeat(1_000_000))),
      /larger than/,
    ],
    [
      'circle',
      (response) => response.writeHead(302, { location: '/circle' }).end(),
      /sends on more than 5 times/,
    ],
    [
      'astray',
      (response) => response.writeHead(302, { location: 'ftp://x/y' }).end(),
      /sends on to no address/,
    ],
  ]
  for (const [name, turn, says, more] of refusals) {
    const result = await ask(inTurn(`/${name}`, turn), more)
    expect(result.error, name).toMatch(says)
    expect(result, name).toMatchObject({ text: undefined, told: [] })
    if (name !== 'circle') expect(server.count(`/${name}`), name).toBe(1)
  }
})

test('a server that is silent before or within its answer is given up after the time allowed, and asked again', async () => {
  const slow = inTurn(
    '/slow',
    () => {},
    (response) => {
      response.writeHead(200, { 'content-length': '8' })
      response.write('a,b\n')
    },
    good,
  )
  const { text, told } = await ask(slow, { timeoutMs: 60 })
  expect(text).toBe('a,b\n1,2\n')
  expect(told).toEqual(Array(2).fill(expect.stringMatching(/\/slow was silent for 0.06 s\.$/)))
})

test('a longer time than a minute is left to the caller, and every request waits for its turn', async () => {
  const away = inTurn('/away', (response) => response.writeHead(503, { 'retry-after': '3600' }).end())
  const file = path.join(dir, 'away')
  const question = { url: new URL(away), file, maxBytes: 10, timeoutMs: 1_000 }
  await expect(download(question)).rejects.toMatchObject({ passing: true, afterMs: 3_600_000 })
  let turns = 0
  inTurn('/there', good)
  const here = inTurn('/here', (response) => response.writeHead(307, { location: '/there' }).end())
  const turn = async () => {
    turns++
  }
  expect(await ask(here, { turn })).toMatchObject({ text: 'a,b\n1,2\n' })
  expect(turns).toBe(2)
})

test('another host is not told our headers, and a value that cannot be sent is not shown', async () => {
  const other = server.on('/other', (_, response) => response.end('a\n1\n')).replace('127.0.0.1', 'localhost')
  const headers = { 'x-api-key': 'very-secret', authorization: 'Bearer very-secret' }
  const sends = inTurn('/sends', (response) => response.writeHead(301, { location: other }).end())
  const { text, error } = await ask(sends, { headers })
  const told = (pathname: string) => server.asked.find(({ url }) => url.pathname === pathname)?.headers
  expect(told('/sends')).toMatchObject(headers)
  // where the name of the machine itself leads elsewhere there is no second answer
  if (error === '') {
    expect(text).toBe('a\n1\n')
    expect(JSON.stringify(told('/other'))).not.toContain('very-secret')
  }
  const wrong = await ask(sends, { headers: { 'x-api-key': 'very\nsecret' } })
  expect(wrong.error).toBe(
    'The header "x-api-key" has a name or a value that may not be sent: check headers.',
  )
})

test('nobody listens: the sentence names the host, and a stop ends the patience', async () => {
  const stop = new AbortController()
  const file = path.join(dir, 'nobody')
  const told: string[] = []
  const asking = download(
    {
      url: new URL('http://127.0.0.1:1/x?key=secret'),
      file,
      maxBytes: 10,
      timeoutMs: 1_000,
      signal: stop.signal,
    },
    (reason) => {
      told.push(reason)
      stop.abort()
    },
  )
  await expect(asking).rejects.toThrow()
  expect(told).toHaveLength(1)
  expect(told[0]).not.toContain('secret')
})
