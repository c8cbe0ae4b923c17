import { SettingsMap } from '@clickhouse/client'
import type { Db } from './db.ts'
import { surroundings } from './reader.ts'
import { type Part, type RowScope, seesAll } from './rowScope.ts'
import { conditionOf, type KnownPart, scopedTables, spelt } from './scopedTables.ts'

/** What somebody sees of the store. */
export type Sight = {
  /** The whole store: for what says when something was known, never for counts. */
  whole: Db
  /** Names the sight in the keys of caches; empty for those who see all. */
  name: string
  /** Null: all rows. */
  parts: RowScope | null
  /** Services of which at least a row is seen, and those of which no row is hidden. Null: all. */
  touched: ReadonlySet<string> | null
  unhidden: ReadonlySet<string> | null
  /** Filters that leave out nothing that is seen, so that answers are those of somebody who chose them. */
  hull: Part
}

/** The store as somebody sees it. Every question of a reader is put to one of these. */
export type ReaderDb = Db & { readonly sight: Sight }

/** The store itself, to write what somebody does down. */
export const wholeOf = (db: Db | ReaderDb): Db => ('sight' in db ? db.sight.whole : db)

const noLimit: Part = { department: [], service: [], district: [] }
const made = new WeakMap<Db, { version: string; readers: Map<string, ReaderDb> }>()
const mostKept = 200

/**
 * The store with only the rows of a scope: the engine leaves out all others in every query, whatever it asks. It can only be read.
 * Good for the present data version; who sees all gets the store itself.
 */
export async function within(db: Db, scope: RowScope): Promise<ReaderDb> {
  if (seesAll(scope)) return unlimited(db)
  const { names, version } = await surroundings(db)
  const known = made.get(db)
  const readers = known?.version === version ? known.readers : new Map<string, ReaderDb>()
  if (known?.readers !== readers) made.set(db, { version, readers })
  const name = JSON.stringify(scope)
  const found = readers.get(name)
  if (found) return found
  const parts = scope.map((part) => spelt(part, names.placed))
  const reader = limited(db, name, parts)
  if (readers.size >= mostKept) readers.clear()
  readers.set(name, reader)
  return reader
}

const unlimited = (db: Db): ReaderDb => ({
  ...calls(db),
  ping: () => db.ping(),
  close: () => db.close(),
  sight: { whole: db, name: '', parts: null, touched: null, unhidden: null, hull: noLimit },
})

function limited(db: Db, name: string, parts: readonly KnownPart[]): ReaderDb {
  const filters = Object.keys(scopedTables)
    .map((table) => [`${db.database}.${table}`, conditionOf(table, parts)] as const)
    .filter(([, condition]) => condition !== '1')
    // the client puts it between quotes as it stands
    .map(([table, condition]) => [table, condition.replace(/[\\']/g, '\\$&')] as const)
  const setting = SettingsMap.from(Object.fromEntries(filters))
  const refused = () => Promise.reject(new Error('What somebody sees of the store can only be read.'))
  return {
    ...calls(db),
    query: ((params: Parameters<Db['query']>[0]) =>
      db.query({
        ...params,
        clickhouse_settings: { ...params.clickhouse_settings, additional_table_filters: setting },
      })) as Db['query'],
    command: refused,
    insert: refused,
    exec: refused,
    ping: () => db.ping(),
    close: () => Promise.resolve(),
    sight: {
      whole: db,
      name,
      parts: parts.map(({ department, service, district }) => ({ department, service, district })),
      touched: new Set(parts.flatMap(({ touched }) => touched)),
      unhidden: new Set(parts.filter(({ district }) => district.length === 0).flatMap(({ whole }) => whole)),
      hull: hullOf(parts),
    },
  }
}

const calls = (db: Db) => ({
  kind: db.kind,
  version: db.version,
  dataDir: db.dataDir,
  database: db.database,
  query: db.query,
  command: db.command,
  insert: db.insert,
  exec: db.exec,
})

/** Services where these say it all: what is kept by service is quicker to read than what is kept by department. */
function hullOf(parts: readonly KnownPart[]): Part {
  const union = (of: (part: KnownPart) => readonly string[]) => {
    const lists = parts.map(of)
    return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())].sort()
  }
  const district = union((part) => part.district)
  const isWhole = parts.every(({ touched, whole }) => touched.length === whole.length)
  const namesAll = parts.some(({ department, service }) => department.length === 0 && service.length === 0)
  if (namesAll) return { department: [], service: [], district }
  if (isWhole) {
    const services = [...new Set(parts.flatMap(({ touched }) => touched))].sort()
    // nothing is seen: a name that nobody has chooses nothing
    return { department: [], service: services.length > 0 ? services : [''], district }
  }
  return { department: union((part) => part.department), service: union((part) => part.service), district }
}
