import { z } from 'zod'
import type { Place } from '../../sql/cube.ts'
import type { Db } from '../../sql/db.ts'
import type { Period } from '../../sql/filters.ts'
import type { Cost, Named, Standard } from '../../sql/names.ts'
import { type Publication, publication } from '../../sql/publication.ts'
import type { Notice } from '../privacy/notice.ts'
import type { ExactTime } from './exact.ts'
import type { ReleaseHead } from './published.ts'
import { ReleaseError } from './releaseError.ts'

/** What the figures of a release are about, as declared when it was frozen. */
export type About = {
  jurisdiction: { name: string; time_zone: string; sample: boolean }
  publication: Publication
  services: (Named & {
    means: string
    streams: string[]
    department: Named
    standards: Omit<Standard, 'service'>[]
  })[]
  districts: (Named & { shape: number[][][] | null })[]
  channels: (Named & { digital: boolean })[]
  costs: Cost[]
  periods: ({ id: string } & Period)[]
  /** Not there in what was frozen before it was written down. */
  notice?: Notice
}

export type Stream = 'case_events' | 'wait_times' | 'outcomes'

/** The exact figures of a release. They never leave the server: what is public is made in `disclose.ts`. */
export type Frozen = {
  /** Names this reading of the facts: a draft can be frozen more than once. */
  freeze: string
  head: ReleaseHead
  about: About
  /** The releases that were public before it, in the order they became it. */
  earlier: string[]
  /** Zero where nothing was counted. */
  count(name: string, at: Place): number
  time(name: string, at: Place): ExactTime | null
  /** Share of the period that is known; null where the service tells nothing in the stream. */
  known(stream: Stream, service: string, period: string): number | null
  /** Districts and channels that some figure stands at; the empty one is what was not stated. */
  seen: { districts: ReadonlySet<string>; channels: ReadonlySet<string> }
}

const headRow = z.object({
  freeze: z.string(),
  head: z.string(),
  about: z.string(),
  earlier: z.array(z.string()),
})

/** The last freeze of a release. Throws when there is none. */
export async function readFrozenHead(db: Db, id: string) {
  const result = await db.query({
    query:
      'SELECT toString(freeze) AS freeze, head, about, earlier FROM frozen_releases WHERE release = {id: String} ORDER BY at DESC LIMIT 1',
    query_params: { id },
    format: 'JSONEachRow',
  })
  const [row] = headRow.array().parse(await result.json())
  if (!row) throw new ReleaseError(`There is no release ${id}: build it first.`)
  const about = JSON.parse(row.about) as About
  return {
    freeze: row.freeze,
    head: JSON.parse(row.head) as ReleaseHead,
    about: { ...about, publication: publication.parse(about.publication) },
    earlier: row.earlier,
  }
}

export async function readFrozen(db: Db, id: string): Promise<Frozen> {
  const release = await readFrozenHead(db, id)
  const { freeze } = release
  const rows = async <Row>(query: string) =>
    (await db.query({ query, query_params: { freeze }, format: 'JSONEachRow' })).json<Row>()
  const [counts, times, known] = await Promise.all([
    rows<Place & { count: string; value: number }>(
      'SELECT count, service, district, channel, period, value FROM frozen_counts WHERE freeze = {freeze: UUID}',
    ),
    rows<Place & ExactTime & { time: string }>(
      'SELECT time, service, district, channel, period, n, value, low, high FROM frozen_times WHERE freeze = {freeze: UUID}',
    ),
    rows<{ stream: Stream; service: string; period: string; complete: number }>(
      'SELECT stream, service, period, complete FROM frozen_known WHERE freeze = {freeze: UUID}',
    ),
  ])
  const countAt = new Map(counts.map((row) => [keyOf(row.count, row), row.value]))
  const timeAt = new Map(times.map((row) => [keyOf(row.time, row), row]))
  const knownAt = new Map(
    known.map(({ stream, service, period, complete }) => [
      JSON.stringify([stream, service, period]),
      complete,
    ]),
  )
  const seen = (of: 'district' | 'channel') =>
    new Set(counts.map((row) => row[of]).filter((value) => value !== 'all'))
  return {
    ...release,
    count: (name, at) => countAt.get(keyOf(name, at)) ?? 0,
    time: (name, at) => timeAt.get(keyOf(name, at)) ?? null,
    known: (stream, service, period) => knownAt.get(JSON.stringify([stream, service, period])) ?? null,
    seen: { districts: seen('district'), channels: seen('channel') },
  }
}

const keyOf = (name: string, { service, district, channel, period }: Place) =>
  JSON.stringify([name, service, district, channel, period])
