import { createHash, randomBytes } from 'node:crypto'

/** What is written down of a deed. */
export type Told = {
  /** When, in ISO 8601 with milliseconds. */
  at: string
  actor_kind: string
  actor_id: string
  actor_name: string
  deed: string
  object: string
  purpose: string
  /** JSON. */
  detail: string
  request_id: string
  address: string
}

/** A row of the table `audit`. */
export type Entry = Told & {
  chain: string
  no: number
  salt: string
  seal: string
  previous: string
  after: string[]
  hash: string
}

/** Where a chain stands: its last entry, and for the first one the last entries of other chains. */
export type Place = Pick<Entry, 'chain' | 'no' | 'hash' | 'after'>

/** A chain that begins after the last entries of others. */
export const newChain = (after: string[]): Place => ({
  chain: randomBytes(8).toString('hex'),
  no: 0,
  hash: '',
  after,
})

/**
 * SHA-256 in lower hex over every text as its length in bytes, a colon, itself and a comma (netstrings), so that no two lists of texts are
 * alike. audit_faults.sql works it out again in the store.
 */
const hashOf = (texts: readonly string[]): string =>
  createHash('sha256')
    .update(texts.map((text) => `${Buffer.byteLength(text)}:${text},`).join(''))
    .digest('hex')

/** The hash of an entry: over everything but itself, the object and its salt, which only their seal stands for. */
export const entryHash = (one: Omit<Entry, 'hash'>): string =>
  hashOf([
    ...[one.chain, String(one.no), String(Date.parse(one.at))],
    ...[one.actor_kind, one.actor_id, one.actor_name, one.deed],
    ...[one.seal, one.purpose, one.detail, one.request_id, one.address],
    ...[one.previous, ...one.after],
  ])

/** The seal of what a deed was done with. The salt keeps others from guessing it once it was emptied. */
export const sealOf = ({ salt, object }: Pick<Entry, 'salt' | 'object'>): string => hashOf([salt, object])

/** The entry of a deed behind the last one of a chain. */
export function link(place: Place, told: Told): Entry {
  // text as UTF-8 holds it: half a sign pair would be another sign in the store
  const sound = Object.fromEntries(
    Object.entries(told).map(([name, text]) => [name, Buffer.from(text).toString()]),
  ) as Told
  const salt = randomBytes(16).toString('hex')
  const { chain, no, hash, after } = place
  const entry = { ...sound, chain, no: no + 1, salt, previous: hash, after: no === 0 ? after : [] }
  const sealed = { ...entry, seal: sealOf(entry) }
  return { ...sealed, hash: entryHash(sealed) }
}
