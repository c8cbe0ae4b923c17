/** Names by which addresses carry what opens them. */
const telling = /token|secret|passw|pwd|key|sig|auth|code|hash|credential|session|jwt/i

/** Signs that nobody chose: a UUID, sixteen or more letters and digits in a row, or a long mix of small, large and digits. */
const drawn = (text: string): boolean =>
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.test(text) ||
  (text.match(/[a-z0-9]{16,}/gi) ?? []).some((run) => /\d/.test(run) && /[a-z]/i.test(run)) ||
  (text.length >= 20 && /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text))

/** Whether who reads an address could post by it: it holds a login, a parameter of a telling name, or signs drawn by chance. */
export function holdsSecret(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { username, password, pathname, searchParams, hash } = new URL(address)
  if (username !== '' || password !== '' || hash !== '') return true
  return (
    pathname.split('/').some(drawn) ||
    [...searchParams].some(([name, value]) => telling.test(name) || drawn(value) || drawn(name))
  )
}
