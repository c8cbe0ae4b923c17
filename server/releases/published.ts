import type { Publication } from '../../sql/publication.ts'
import type { Unit } from '../../sql/stat.ts'
import type { Notice } from '../privacy/notice.ts'

/**
 * Everything the public may know of one release, and nothing else: pages, files, charts and feeds are made from it alone.
 * It is made in one place (`disclose.ts`), after small numbers were hidden; it holds no exact count of people.
 */
export type Published = {
  release: ReleaseHead
  jurisdiction: { name: string; time_zone: string; sample: boolean }
  publication: Pick<Publication, 'address' | 'publisher' | 'licence'>
  notice?: Notice
  services: PublishedService[]
  districts: {
    id: string
    name: string /** Outline, rings of [x, y] without a scale. */
    shape: number[][][] | null
  }[]
  channels: { id: string; name: string; digital: boolean }[]
  measures: Measure[]
  tables: Table[]
  hidden: Hidden
  /** What earlier releases said otherwise of the same figure. */
  revisions: Revision[]
  /** What is missing in the figures and why, in sentences for everybody. */
  missing: { service: string | null; what: string; why: string }[]
}

export type ReleaseHead = {
  /** The month it is about, `2026-06`; a correction of it is `2026-06.2`. Stands in addresses. */
  id: string
  title: string
  /** The month the release is about: `from` inclusive, `until` exclusive. */
  period: { from: string; until: string }
  version: number
  /** The instant of the store it was made from, UTC. */
  as_of: string
  /** The minute it becomes public, UTC. */
  published_at: string
  /** Of a correction: the release it takes the place of, and why. */
  corrects: string | null
  reason: string
  next: { month: string; at: string } | null
  /** Version of the program that made it. */
  made_with: string
}

export type PublishedService = {
  id: string
  name: string
  means: string
  department: { id: string; name: string }
  profile: Profile
  /** In force on the last day of the period. */
  standards: {
    subtype: string
    value: number
    unit: 'working_days' | 'days' | 'hours' | 'minutes'
    target: number
    since: string
    basis: string
  }[]
  /** What is being done about it. */
  comment: { day: string; by: string; text: string } | null
}

/** How small numbers are kept back: counts of 1 to k - 1 are hidden, others rounded to the nearest `base`. */
export type Profile = { name: string; k: number; base: number; zeros_tell: boolean }

export type Measure = {
  /** Column name in every file. */
  id: string
  label: string
  means: string
  formula: string
  caveats: string[]
  kind: 'count' | 'share' | 'time' | 'money'
  unit: Unit
  better: 'lower' | 'higher' | 'neither'
  /** Of a share: the two counts it is made from, as published. */
  parts: { numerator: string; denominator: string } | null
  /** Like `wait_median@1`. */
  definition: string
  /** It must be published, also when it does not look good. */
  mandatory: boolean
}

/** One table: a row for each combination of its dimensions. */
export type Table = {
  /** File name without its ending. */
  id: string
  title: string
  means: string
  dimensions: Dimension[]
  /** Ids of measures, in the order of the columns. */
  measures: string[]
  rows: Row[]
  /** A declared layout of another table for a framework: which, and where it is described. */
  framework: { name: string; url: string } | null
}
export type Dimension = {
  id: 'service' | 'district' | 'channel' | 'period' | 'outcome' | 'answer' | 'driver'
  label: string
  /** In the order they are shown. A total stands as the id `all`. Periods are `2026-06`, `2026-Q2` or `2025-07/2026-06`. */
  values: { id: string; label: string }[]
}
export type Row = { at: Partial<Record<Dimension['id'], string>>; figures: Record<string, Figure> }

/** [c] hidden to protect people, [x] not available, [z] does not apply, [p] provisional, [r] revised, [u] of few cases, [b] break. */
export type Mark = 'c' | 'x' | 'z' | 'p' | 'r' | 'u' | 'b'
export type Figure = {
  /** As published: counts rounded, shares 0 to 1, times in their unit. Null with a mark that says why. */
  value: number | null
  marks: Mark[]
  /** 95 % interval, made from published parts only. */
  interval: [number, number] | null
  /** With [r]: what the release before said. */
  was: number | null
}

/** How much is kept back. */
export type Hidden = {
  cells: number
  of: number
  /** Share of all cases counted in the table of services that stand in hidden cells, rounded to whole percents. */
  share_of_cases: number
  by_table: { table: string; cells: number; of: number }[]
}

export type Revision = {
  table: string
  at: Row['at']
  measure: string
  /** The release that said it first, and what it said. */
  before: { release: string; value: number | null; marks: Mark[] }
  now: { value: number | null; marks: Mark[] }
}

/** A file of the public folder; `path` is relative to the folder of the release, or to the public folder. */
export type File = { path: string; body: string | Uint8Array }

/** What the pages and feeds above single releases are made from. */
export type Site = {
  jurisdiction: Published['jurisdiction']
  publication: Published['publication']
  /** Releases that are public, the newest first; withdrawn ones keep their place with the reason. */
  releases: SiteRelease[]
  /** What is to come and what came, by time. */
  calendar: CalendarEntry[]
  /** All revisions, the newest release first. */
  revisions: (Revision & { release: string })[]
  /** Size of revisions: median of |now - before| / before, over all figures published twice, by measure. */
  revision_size: { measure: string; label: string; figures: number; revised: number; median: number | null }[]
}
export type SiteRelease = {
  head: ReleaseHead
  state: 'published' | 'corrected' | 'withdrawn'
  /** Why it was withdrawn. */
  reason: string
  measures: Measure[]
  tables: Pick<Table, 'id' | 'title' | 'means' | 'dimensions' | 'measures' | 'framework'>[]
  /** Files of its folder with their size in bytes and SHA-256 in hex. */
  files: { path: string; bytes: number; sha256: string }[]
  /** How much of it is kept back: its completeness in catalogues. */
  hidden: Pick<Hidden, 'cells' | 'of'>
}
export type CalendarEntry = {
  month: string
  title: string
  /** UTC. */
  at: string
  /** `late`: its minute had passed when this was written, and it is not out. */
  state: 'planned' | 'late' | 'published' | 'cancelled'
  reason: string
  /** Times it was moved: for calendars that follow. */
  sequence: number
}
