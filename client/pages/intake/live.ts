import { createSignal, onCleanup, onMount } from 'solid-js'
import type { RunningLoad } from '../../../pipelines/sources/running.ts'
import { useRefresh } from '../../api.ts'
import { loadName } from './words.ts'

export type { RunningLoad }

const mostEnded = 3
const [firstWait, longestWait] = [1_000, 30_000]

/**
 * The loads of the server as they move, the newest last; those that ended stay for a while. The connection rests while nobody looks
 * at the page, and is made again when it breaks. What loads change is asked for again when one ends.
 */
export function useLiveLoads() {
  const [loads, setLoads] = createSignal<ReadonlyMap<string, RunningLoad>>(new Map())
  const [connected, setConnected] = createSignal<boolean | null>(null)
  const [news, setNews] = createSignal('')
  const refresh = useRefresh()
  let stream: EventSource | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let soon: ReturnType<typeof setTimeout> | undefined
  let patience = firstWait

  // Many small loads may end in one second.
  const changed = () => {
    soon ??= setTimeout(() => {
      soon = undefined
      refresh('/api/v1/loads', '/api/v1/sources', '/api/v1/freshness', '/api/v1/meta')
    }, 500)
  }
  const take = (load: RunningLoad) => {
    const isNew = !loads().has(load.load_id)
    setLoads((now) => {
      const next = new Map(now).set(load.load_id, load)
      const over = [...next.values()].filter(({ state }) => state !== 'running').slice(0, -mostEnded)
      for (const { load_id } of over) next.delete(load_id)
      return next
    })
    if (isNew && load.state === 'running') setNews(`${loadName(load)}: being loaded.`)
    if (isNew || load.state !== 'running') changed()
    if (load.state !== 'running') setNews(`${loadName(load)}: ${load.state}.`)
  }
  const close = () => {
    clearTimeout(again)
    stream?.close()
    stream = undefined
  }
  const open = () => {
    close()
    stream = new EventSource('/api/v1/loads/events')
    stream.onopen = () => {
      patience = firstWait
      const isFirst = connected() === null
      setConnected(true)
      if (isFirst) return
      // What still runs is told anew; what ended meanwhile is in the ledger.
      setLoads((now) => new Map([...now].filter(([, { state }]) => state !== 'running')))
      changed()
    }
    stream.onerror = () => {
      setConnected(false)
      if (stream?.readyState !== EventSource.CLOSED) return
      again = setTimeout(open, patience)
      patience = Math.min(longestWait, patience * 2)
    }
    stream.addEventListener('load', ({ data }) => take(JSON.parse(data) as RunningLoad))
  }
  const look = () => {
    if (!document.hidden) open()
    else close()
  }
  onMount(() => {
    look()
    document.addEventListener('visibilitychange', look)
  })
  onCleanup(() => {
    close()
    clearTimeout(soon)
    document.removeEventListener('visibilitychange', look)
  })
  return { loads, connected, news }
}

/** Does something every so many seconds while somebody looks at the page. */
export function useEvery(seconds: number, work: () => void) {
  onMount(() => {
    const timer = setInterval(() => !document.hidden && work(), seconds * 1000)
    onCleanup(() => clearInterval(timer))
  })
}
