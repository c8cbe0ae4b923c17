import { open, rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { LoadError } from '../loadError.ts'
import { patience } from './source.ts'

/** Why an address gave nothing. `passing`: asked again, it may; `afterMs` is how long the server asked to wait. */
export class HttpError extends LoadError {
  readonly passing: boolean
  readonly afterMs: number | undefined

  constructor(
    message: string,
    about: { passing?: boolean; afterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: about.cause })
    this.passing = about.passing ?? false
    this.afterMs = about.afterMs
  }
}

export type Question = {
  url: URL
  headers?: Record<string, string>
  /** Where the answer is written; nothing is left there when it fails. */
  file: string
  maxBytes: number
  /** An answer that does not begin, or does not go on, for so long is given up. */
  timeoutMs: number
  signal?: AbortSignal | undefined
  /** Waits until a request may be sent. */
  turn?: () => Promise<void>
}

export type Answer = {
  /** 204: nothing there. 304: nothing new. */
  status: 200 | 204 | 304
  bytes: number
  /** Content-Type, without its parameters. */
  type: string
  etag: string | null
  lastModified: string | null
}

const mostTries = 5
const mostHops = 5
/** A server that wants to be left alone for longer is asked again at a later time. */
const longestWaitMs = 60_000

/** Host and path: what may be shown of an address, since the rest may hold secrets. */
export const shownAddress = (url: URL): string => url.host + url.pathname

/** Fetches one answer to a file and tries again what may pass. Throws HttpError, or the signal's reason. */
export async function download(
  question: Question,
  onTrouble: (reason: string) => void = () => {},
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await downloadOnce(question)
    } catch (error) {
      question.signal?.throwIfAborted()
      if (!(error instanceof HttpError) || !error.passing || tries === mostTries) throw error
      const afterMs = error.afterMs ?? patience(tries)
      if (afterMs > longestWaitMs) throw error
      onTrouble(error.message)
      await wait(afterMs, undefined, { signal: question.signal })
    }
  }
}

async function downloadOnce(question: Question): Promise<Answer> {
  const { file, timeoutMs } = question
  const silence = new AbortController()
  const signal = AbortSignal.any([silence.signal, ...(question.signal ? [question.signal] : [])])
  let timer: NodeJS.Timeout | undefined
  const heard = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), timeoutMs)
  }
  try {
    const response = await follow(question, signal, heard, () => clearTimeout(timer))
    const header = (name: string): string | null => response.headers.get(name)
    const about = {
      type: (header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
      ...{ etag: header('etag'), lastModified: header('last-modified') },
    }
    if (response.status === 204 || response.status === 304) {
      await response.body?.cancel()
      return { status: response.status, bytes: 0, ...about }
    }
    return { status: 200, bytes: await write(response, question, heard), ...about }
  } catch (error) {
    await rm(file, { force: true })
    question.signal?.throwIfAborted()
    if (silence.signal.aborted)
      throw new HttpError(`The address ${shownAddress(question.url)} was silent for ${timeoutMs / 1000} s.`, {
        passing: true,
      })
    throw explain(error, question.url)
  } finally {
    clearTimeout(timer)
  }
}

/** Sends the request, and again where the answer sends on to. Other hosts are not told our headers. */
async function follow(
  { url: first, headers: own = {}, turn }: Question,
  signal: AbortSignal,
  heard: () => void,
  pause: () => void,
): Promise<Response> {
  let url = first
  const shown = shownAddress(first)
  for (let hops = 0; hops <= mostHops; hops++) {
    pause()
    await turn?.()
    signal.throwIfAborted()
    heard()
    const isOurs = url.origin === first.origin
    const headers = sendable({ accept: '*/*', 'user-agent': 'Clearway', ...(isOurs ? own : {}) })
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    heard()
    if (![301, 302, 303, 307, 308].includes(response.status)) {
      if ([200, 203, 204, 304].includes(response.status)) return response
      await response.body?.cancel()
      throw refusal(response, shown)
    }
    await response.body?.cancel()
    const location = response.headers.get('location') ?? ''
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined
    if (!next || !/^https?:$/.test(next.protocol) || next.username !== '' || next.password !== '')
      throw new HttpError(`The address ${shown} sends on to no address: check it in a browser.`)
    if (url.protocol === 'https:' && next.protocol === 'http:')
      throw new HttpError(`The address ${shown} sends on from https to http, which anybody can read along.`)
    url = next
  }
  throw new HttpError(`The address ${shown} sends on more than ${mostHops} times: check it in a browser.`)
}

/** An error of our own in place of one that would show the value. */
function sendable(headers: Record<string, string>): Headers {
  const checked = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    try {
      checked.set(name, value)
    } catch {
      throw new HttpError(`The header "${name}" has a name or a value that may not be sent: check headers.`)
    }
  }
  return checked
}

async function write(
  response: Response,
  { url, file, maxBytes }: Question,
  heard: () => void,
): Promise<number> {
  const tooLarge = (): HttpError =>
    new HttpError(
      `The answer of ${shownAddress(url)} is larger than ${maxBytes / 2 ** 20} MB: ask for less, or raise max_megabytes.`,
    )
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel()
    throw tooLarge()
  }
  const handle = await open(file, 'w', 0o600)
  try {
    const reader = response.body?.getReader()
    let bytes = 0
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      heard()
      bytes += next.value.length
      if (bytes > maxBytes) {
        await reader?.cancel()
        throw tooLarge()
      }
      await handle.writeFile(next.value)
    }
    return bytes
  } finally {
    await handle.close()
  }
}

const hints: Record<number, string> = {
  400: 'check the parameters in query and cursor',
  401: 'check the key in headers',
  403: 'check the key in headers',
  404: 'there is nothing at this address',
  407: 'the proxy wants a key',
  410: 'there is nothing at this address any more',
  422: 'check the parameters in query and cursor',
}

function refusal(response: Response, shown: string): HttpError {
  const { status } = response
  if (status === 202)
    return new HttpError(`The address ${shown} is still preparing its answer.`, {
      ...{ passing: true, afterMs: retryAfter(response) },
    })
  const passing = status >= 500 || [408, 425, 429].includes(status)
  const hint = hints[status] ?? (status === 429 ? 'it is asked too often; lower requests_per_minute' : '')
  const text = `The address ${shown} answered ${status}${hint === '' ? '' : `: ${hint}`}.`
  return new HttpError(text, { passing, afterMs: retryAfter(response) })
}

/** Milliseconds that the answer asks to wait: a number of seconds, or a date. At most a day. */
function retryAfter({ headers }: Response): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  const afterMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(afterMs) ? undefined : Math.min(86_400_000, Math.max(0, afterMs))
}

const untrusted = /^(CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

function explain(error: unknown, url: URL): unknown {
  if (error instanceof LoadError) return error
  const shown = shownAddress(url)
  const codes = [error, error instanceof Error ? error.cause : undefined].flatMap((each) =>
    each instanceof Error && 'code' in each ? [String(each.code)] : [],
  )
  const code = codes.at(-1) ?? ''
  const passing = true
  if (code === 'ENOSPC')
    return new HttpError(`The disk is full: the answer of ${shown} cannot be kept. Free some space.`, {
      ...{ passing, cause: error },
    })
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return new HttpError(`The host ${url.hostname} is not known: check the address.`, {
      passing,
      cause: error,
    })
  if (code === 'ECONNREFUSED')
    return new HttpError(`Nothing answers at ${url.host}: the connection was refused.`, {
      passing,
      cause: error,
    })
  if (untrusted.test(code))
    return new HttpError(
      `The certificate of ${url.host} cannot be trusted (${code}): name its authority in NODE_EXTRA_CA_CERTS.`,
      { cause: error },
    )
  if (!(error instanceof TypeError) && !/^(Z_|UND_)/.test(code)) return error
  const what = code === '' ? '' : ` (${code})`
  return new HttpError(`The connection to ${shown} broke before the answer was whole${what}.`, {
    ...{ passing, cause: error },
  })
}
