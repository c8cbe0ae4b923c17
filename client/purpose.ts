import { createSignal } from 'solid-js'

const place = 'clearway-purpose'

/** What single cases are opened for, as somebody said once in this tab; empty before that. */
const [purpose, setPurpose] = createSignal(sessionStorage.getItem(place) ?? '')

export { purpose }

export function sayPurpose(said: string): void {
  sessionStorage.setItem(place, said)
  setPurpose(said)
}

/** What questions about single cases send along. */
export const purposeHeaders = (): [string, string][] => (purpose() ? [['X-Purpose', purpose()]] : [])

/** An address that is opened as a link, which sends no header. */
export const withPurpose = (address: string): string =>
  purpose()
    ? `${address}${address.includes('?') ? '&' : '?'}purpose=${encodeURIComponent(purpose())}`
    : address

/** A purpose of the configuration in words. */
export const purposeWords = (id: string): string => {
  const words = id.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
