import { createHash, createHmac } from 'node:crypto'

/** A person as the store knows one: the case that a source has under this id. */
export type Subject = { source: string; case_id: string }

/** What is kept of a person who was erased, and stands in proofs and logs: HMAC-SHA-256 in hex. `key` is hex. */
export const subjectHash = (key: string, { source, case_id }: Subject): string =>
  createHmac('sha256', Buffer.from(key, 'hex')).update(`${source}\0${case_id}`).digest('hex')

/** The same hash as an expression of the engine. */
export const subjectHashSql = (key: string, source: string, caseId: string): string =>
  hmacSql(key, `concat(${source}, char(0), ${caseId})`)

/** HMAC-SHA-256 in hex (RFC 2104), made of SHA256: engines before 25.12 have no HMAC. */
export function hmacSql(key: string, text: string): string {
  const given = Buffer.from(key, 'hex')
  const block = Buffer.alloc(64)
  given.copy(block, 0, 0, 64)
  if (given.length > 64) createHash('sha256').update(given).digest().copy(block.fill(0))
  const pad = (byte: number) => `unhex('${Buffer.from(block.map((each) => each ^ byte)).toString('hex')}')`
  return `lower(hex(SHA256(concat(${pad(0x5c)}, SHA256(concat(${pad(0x36)}, ${text}))))))`
}
