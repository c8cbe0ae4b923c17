import {
  keepPreviousData,
  QueryObserver,
  type QueryObserverOptions,
  useQueryClient,
} from '@tanstack/solid-query'
import { createComputed, createMemo, createSignal, on, onCleanup } from 'solid-js'
import type { z } from 'zod'
import type { Dictionary as StreamDictionary } from '../pipelines/dictionary.ts'
import type { SourceState } from '../pipelines/sources/source.ts'
import type { auditAnswer, auditStateAnswer } from '../server/answers/audit.ts'
import type { reportsAnswer, runsAnswer, verifyAnswer } from '../server/answers/reports.ts'
import type * as answers from '../server/answers.ts'
import type { freshnessAnswer } from '../server/routes/freshness.ts'
import type { compareAnswer, releaseAnswer, releasesAnswer } from '../server/routes/releases.ts'
import { purposeHeaders } from './purpose.ts'
import { leadToSignIn } from './signIn.ts'

export type {
  Annotation,
  Annotations,
  Bottlenecks,
  By,
  CaseInFull,
  CaseRow,
  Cases,
  CommentsAnswer,
  FairnessAnswer,
  Finding,
  FlowAnswer,
  FlowPoint,
  GapRow,
  Grouping,
  KpiDefinition,
  KpiFigure,
  Kpis,
  Meta,
  OutcomesAnswer,
  ProcessMapAnswer,
  SatisfactionAnswer,
  Series,
  StageAnswer,
  ThemesAnswer,
  WaitCurve,
} from '../server/answerTypes.ts'

export type Load = z.infer<typeof answers.load>
/** A load that is asked for by its id may still wait for its turn. */
export type LoadNow = Omit<Load, 'state'> & { state: Load['state'] | 'waiting' }
export type Loads = z.infer<typeof answers.loadsAnswer>
export type Rejected = z.infer<typeof answers.rejectedAnswer>
export type Sources = { sources: SourceState[] }
export type Streams = { streams: { name: string; meaning: string; template: string; dictionary: string }[] }
export type Dictionary = StreamDictionary
/** What a load of a file would do. */
export type Preview = Pick<Load, 'read' | 'accepted' | 'rejected' | 'duplicates' | 'corrected'> & {
  already_loaded: boolean
  rejected_by_rule: (Rejected['by_rule'][number] & { first_line: number })[]
  rejected_rows: Rejected['rows']
  first_rows: Record<string, unknown>[]
}

export type Freshness = z.infer<typeof freshnessAnswer>
export type Feed = Freshness['feeds'][number]
export type FeedDay = Feed['days'][number]
export type Releases = z.infer<typeof releasesAnswer>
export type Release = Releases['releases'][number]
/** A release with all that was done with it. */
export type ReleaseInFull = z.infer<typeof releaseAnswer>
export type Revisions = z.infer<typeof compareAnswer>
export type Reports = z.infer<typeof reportsAnswer>
export type ReportSchedule = Reports['schedules'][number]
export type ReportRuns = z.infer<typeof runsAnswer>
export type ReportRun = ReportRuns['runs'][number]
export type ReportVerified = z.infer<typeof verifyAnswer>
/** The key figures of all departments. */
export type City = z.infer<typeof answers.cityAnswer>
/** Who asks, and what they may do. */
export type Me = z.infer<typeof answers.meAnswer>
export type Glossary = z.infer<typeof answers.glossaryAnswer>
export type Audit = z.infer<typeof auditAnswer>
export type AuditEntry = Audit['entries'][number]
export type AuditState = z.infer<typeof auditStateAnswer>
type Problem = z.infer<typeof answers.problem>

/** A question that was not answered: what failed, in words, and the id to find it in the log. */
export class ApiError extends Error {
  readonly status: number
  readonly requestId: string
  constructor(message: string, status: number, requestId: string) {
    super(message)
    this.status = status
    this.requestId = requestId
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'detail' in body && 'status' in body

/** Asks the API. Throws ApiError with the words of the problem. */
export const ask = <T>(path: string, signal?: AbortSignal, headers: HeadersInit = {}): Promise<T> =>
  call<T>(path, signal ? { signal, headers } : { headers })

/** Tells the API to do something, with a body when there is one. Throws ApiError with the words of the problem. */
export const send = <T>(path: string, init: { headers?: HeadersInit; body?: BodyInit } = {}): Promise<T> =>
  call<T>(path, { method: 'POST', ...init })

/** Asks for a file that is made of what is asked. Throws ApiError with the words of the problem. */
export async function fetchFile(path: string, asked: object): Promise<{ blob: Blob; name: string }> {
  const response = await respond(path, {
    method: 'POST',
    headers: [['Content-Type', 'application/json'], ...purposeHeaders()],
    body: JSON.stringify(asked),
  })
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'report'
  return { blob: await response.blob(), name }
}

/** Takes something away. Throws ApiError with the words of the problem. */
export const remove = <T>(path: string): Promise<T> => call<T>(path, { method: 'DELETE' })

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers)
  headers.set('accept', 'application/json')
  if (/^\/api\/v1\/(cases|reports)/.test(path))
    for (const [name, said] of purposeHeaders()) headers.set(name, said)
  const response = await respond(path, { ...init, headers })
  const body: unknown = await response.json().catch(() => null)
  if (body !== null) return body as T
  throw new ApiError(`The server answered with status ${response.status}.`, response.status, '')
}

/** The answer of the server when it is no refusal. */
async function respond(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError('The server cannot be reached. Check that Clearway is running.', 0, '')
  }
  if (response.ok) return response
  const body: unknown = await response.json().catch(() => null)
  if (isProblem(body)) {
    leadToSignIn(body)
    throw new ApiError(body.detail || body.title, body.status, body.request_id)
  }
  throw new ApiError(`The server answered with status ${response.status}.`, response.status, '')
}

export type Answer<T> = {
  data: () => T | undefined
  error: () => ApiError | null
  /** Nothing to show yet. */
  pending: () => boolean
  /** Older figures are on screen while new ones are on their way. */
  stale: () => boolean
  retry: () => void
}

/** The answer of an address, kept while the next one loads. A null address asks nothing. */
export function useAnswer<T>(path: () => string | null): Answer<T> {
  const client = useQueryClient()
  const options = (address: string | null): QueryObserverOptions<T, ApiError> => ({
    queryKey: [address],
    queryFn: ({ signal }) => ask<T>(address ?? '', signal),
    enabled: address !== null,
    placeholderData: keepPreviousData,
  })
  const observer = new QueryObserver<T, ApiError>(client, options(path()))
  const [result, setResult] = createSignal(observer.getCurrentResult(), { equals: false })
  onCleanup(observer.subscribe((next) => setResult(() => next)))
  createComputed(
    on(path, (address) => {
      observer.setOptions(options(address))
      setResult(() => observer.getCurrentResult())
    }),
  )
  return {
    data: createMemo(() => result().data),
    error: createMemo(() => result().error),
    pending: createMemo(() => result().isPending),
    stale: createMemo(() => result().isPlaceholderData && result().isFetching),
    retry: () => void observer.refetch(),
  }
}

/** Has every answer whose address begins with one of these asked for again, where it is on screen. */
export function useRefresh(): (...addresses: string[]) => void {
  const client = useQueryClient()
  return (...addresses) =>
    void client.invalidateQueries({
      predicate: ({ queryKey: [address] }) =>
        typeof address === 'string' && addresses.some((each) => address.startsWith(each)),
    })
}
