import type { Db } from './db.ts'
import type { ReaderDb } from './within.ts'

/** The version of the data: it moves on with every load. `final` is false while a load is being published. */
export type DataVersion = { version: string; final: boolean; settled: boolean }

/** What is being asked of a store, and what is asked as soon as that is answered. */
type Asking = { now: Promise<DataVersion>; next: Promise<DataVersion> | undefined }
const asking = new WeakMap<Db, Asking>()
const believed = new WeakMap<Db, DataVersion>()

/** As it is at this moment or a little later: those who ask while it is being asked share the next answer. */
export function dataVersion(asked: Db | ReaderDb): Promise<DataVersion> {
  const db = 'sight' in asked ? asked.sight.kept : asked
  const known = believed.get(db)
  if (known) return Promise.resolve(known)
  const running = asking.get(db)
  if (!running) return ask(db)
  running.next ??= running.now.then(...both(() => ask(db)))
  return running.next
}

/**
 * Does work during which the version is believed to be this one, and not asked again and again. Only for a process that works for one asker, who
 * asks before and after, and throws away what a load came across.
 */
export async function believing<T>(db: Db, version: DataVersion, work: () => Promise<T>): Promise<T> {
  believed.set(db, version)
  try {
    return await work()
  } finally {
    believed.delete(db)
  }
}

function ask(db: Db): Promise<DataVersion> {
  const now = readVersion(db)
  const mine: Asking = { now, next: undefined }
  asking.set(db, mine)
  const end = () => {
    // the next one takes its place as it begins
    if (mine.next === undefined) asking.delete(db)
  }
  now.then(...both(end))
  return now
}

const both = <T>(then: () => T): [() => T, () => T] => [then, then]

async function readVersion(db: Db): Promise<DataVersion> {
  const result = await db.query({
    query: 'SELECT max(version) AS version, max(at) < now64(3) - INTERVAL 2 SECOND AS old FROM data_version',
    format: 'JSONEachRow',
  })
  const { version = 0, old = 0 } = (await result.json<{ version: number; old: number }>())[0] ?? {}
  const final = version % 2 === 0
  return { version: String(version), final, settled: final || old === 1 }
}

/** The data version once nothing is being swapped in; after two seconds whatever it is (a process died in the moment). */
export async function settledVersion(db: Db): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const { version, settled } = await dataVersion(db)
    if (settled || attempt === 100) return version
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
