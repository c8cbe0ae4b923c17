import type { Phase, Progress } from './load.ts'

type Output = { isTTY?: boolean; columns?: number; write(text: string): unknown }

const doing: Record<Phase, string> = { checking: 'checking', loading: 'loading', publishing: 'publishing' }

/**
 * Shows how far something is: a bar with rows, rate and remaining time on a terminal, a plain line every few seconds in a log. Hand
 * `load` to a load as its onProgress, or call `at` with a share from 0 to 1; `done` takes the bar away.
 */
export function progressOn(output: Output, name: string, now: () => number = () => performance.now()) {
  const started = now()
  let shown = Number.NEGATIVE_INFINITY
  let drawn = false
  const every = output.isTTY ? 100 : 5_000
  const show = (line: (seconds: number) => string): void => {
    const at = now()
    // a log wants to know that something takes long, not every step of a short load
    if (at - shown < every || (!output.isTTY && at - started < every)) return
    shown = at
    drawn = true
    const text = line((at - started) / 1000)
    output.write(output.isTTY ? `\r${shortened(text, output.columns ?? 80)}\u001b[K` : `${text}\n`)
  }
  return {
    load: (progress: Progress): void => show((seconds) => describe(name, progress, seconds)),
    at: (share: number): void => show(() => `${name}  ${bar(share)}`),
    done: (): void => {
      if (output.isTTY && drawn) output.write('\r\u001b[K')
    },
  }
}

/** One line: `counter-waits.csv  loading [#####-----] 50 %  120,000 rows  60,000/s  2 s left`. */
function describe(name: string, { phase, done, total, rows }: Progress, seconds: number): string {
  const share = phase === 'publishing' ? 1 : Math.min(1, done / Math.max(1, total))
  const parts = [`${name}  ${doing[phase]} ${bar(share)}`]
  if (rows > 0) parts.push(`${rows.toLocaleString('en')} rows`)
  if (rows > 0 && seconds > 0) parts.push(`${Math.round(rows / seconds).toLocaleString('en')}/s`)
  if (phase === 'loading' && share > 0 && share < 1)
    parts.push(`${Math.ceil((seconds * (1 - share)) / share)} s left`)
  return parts.join('  ')
}

const shortened = (text: string, width: number): string =>
  text.length < width ? text : text.slice(0, Math.max(1, width - 1))

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * 20)
  return `[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}] ${Math.floor(share * 100)} %`
}
