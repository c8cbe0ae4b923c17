import type { Receipt } from '../parcel.ts'

/** What came of handing a parcel over once. */
export type Handed = Pick<Receipt, 'outcome' | 'proof' | 'reason' | 'not_before'>

export const delivered = (proof: string, reason = ''): Handed => ({ outcome: 'delivered', proof, reason })
export const retry = (reason: string, not_before?: string): Handed => ({
  outcome: 'retry',
  proof: '',
  reason,
  ...(not_before ? { not_before } : {}),
})
export const refused = (reason: string): Handed => ({ outcome: 'refused', proof: '', reason })

/** One line for people. Whatever is secret in it, because a receiver repeated it or an error quoted it, is taken out. */
export function told(text: string, secrets: readonly string[]): string {
  let safe = text
  for (const secret of secrets) safe = safe.replaceAll(secret, '(secret)')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return safe.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500)
}

/** The moment that a Retry-After names, at most a day away: seconds, or a date (RFC 9110, 10.2.3). */
export function laterThan(given: string | null | undefined, now = Date.now()): string | undefined {
  if (!given) return undefined
  const at = /^\d{1,9}$/.test(given.trim()) ? now + Number(given) * 1000 : Date.parse(given)
  return Number.isNaN(at) || at <= now ? undefined : new Date(Math.min(at, now + 86_400_000)).toISOString()
}
