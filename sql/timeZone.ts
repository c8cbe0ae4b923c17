/** Zones that were asked about and are known: finding out takes a millisecond, and thousands of schedules ask. */
const known = new Set<string>()

/** Whether the name of a time zone is one. */
export function isTimeZone(name: string): boolean {
  if (known.has(name)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    known.add(name)
    return true
  } catch {
    return false
  }
}
