import {
  keepPreviousData,
  QueryObserver,
  type QueryObserverOptions,
  useQueryClient,
} from '@tanstack/solid-query'
import { createComputed, createMemo, createSignal, on, onCleanup } from 'solid-js'
import type { z } from 'zod'
import type * as answers from '../server/answers.ts'

export type Meta = z.infer<typeof answers.meta>
export type Kpis = z.infer<typeof answers.kpisAnswer>
export type KpiFigure = Kpis['kpis'][number]
export type KpiDefinition = z.infer<typeof answers.kpiDefinition>
export type Standard = z.infer<typeof answers.standard>
export type Change = z.infer<typeof answers.change>
export type Series = z.infer<typeof answers.seriesAnswer>
export type By = z.infer<typeof answers.byAnswer>
export type ProcessMapAnswer = z.infer<typeof answers.processMapAnswer>
export type Bottlenecks = z.infer<typeof answers.bottlenecksAnswer>
export type Finding = Bottlenecks['findings'][number]
export type StageAnswer = z.infer<typeof answers.stageAnswer>
export type SatisfactionAnswer = z.infer<typeof answers.satisfactionAnswer>
export type Load = z.infer<typeof answers.load>
export type Loads = z.infer<typeof answers.loadsAnswer>
export type Rejected = z.infer<typeof answers.rejectedAnswer>
export type Glossary = z.infer<typeof answers.glossaryAnswer>
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
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { headers: { accept: 'application/json' }, ...(signal && { signal }) })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError('The server cannot be reached. Check that Clearway is running.', 0, '')
  }
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  if (isProblem(body)) throw new ApiError(body.detail || body.title, body.status, body.request_id)
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
