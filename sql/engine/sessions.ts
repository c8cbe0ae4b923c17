/** A pool of engine sessions: readers, writers and one for control. Nobody shares a session with a running statement. */
import { totalmem } from 'node:os'
import { EngineError } from './errors.ts'
import { chdb, type Session } from './native.ts'
import { literal, placeholders } from './statement.ts'

export type Role = 'reader' | 'writer'
/** What one request wants of its session. */
export type Wishes = {
  database: string
  settings: Map<string, string>
  params: Map<string, string>
  sql: string
}

/** Two readers more than askers take at once (server/guard/turns.ts): who asks is looked up meanwhile. */
const sizes: Record<Role, number> = { reader: 5, writer: 2 }
const longestQueue = 500
const serverMemory = Math.floor(totalmem() * 0.6)
const queryMemory = Math.floor(serverMemory * 0.6)

const limits = {
  async_insert: '0',
  // a thread that had another goes back to 0 and not to what its process has
  os_thread_priority: '5',
  // code is made for what is asked again and again; for what was asked three times it takes longer than it saves
  min_count_to_compile_expression: '30',
  min_count_to_compile_aggregate_expression: '30',
  min_count_to_compile_sort_description: '30',
  // these two find nothing in our questions, and looking takes up to a third of the time of the longest ones
  optimize_and_compare_chain: '0',
  optimize_redundant_functions_in_order_by: '0',
  max_execution_time: '3600',
  max_memory_usage: String(queryMemory),
  max_bytes_before_external_group_by: String(Math.floor(queryMemory / 2)),
  max_bytes_before_external_sort: String(Math.floor(queryMemory / 2)),
}
const base: Record<Role, Record<string, string>> = {
  reader: { ...limits, max_execution_time: '600', max_result_rows: '50000000', readonly: '2' },
  writer: { ...limits, min_free_disk_bytes_to_perform_insert: '67108864' },
}

/** One connection to the engine and what has been set on it since it was opened. */
class Lane {
  session: Session
  #database = 'default'
  #set = new Map<string, string>()
  #params = new Set<string>()

  constructor(
    readonly role: Role,
    private readonly folder: string,
  ) {
    this.session = new chdb.Session(folder)
  }

  /** Throws the session away, and with it everything that was ever set on it. */
  renew(): void {
    this.session.close()
    this.session = new chdb.Session(this.folder)
    this.#database = 'default'
    this.#set = new Map()
    this.#params = new Set()
  }

  /** Brings the session to exactly the settings, parameters and database of one request: nothing of the last one stays. */
  async prepare(wishes: Wishes): Promise<void> {
    const used = placeholders(wishes.sql)
    if ([...this.#params].some((name) => used.has(name) && !wishes.params.has(name))) this.renew()
    const fresh = this.#set.size === 0
    try {
      await this.#apply(wishes)
    } catch (error) {
      this.renew()
      if (fresh) throw error
      await this.#apply(wishes).catch((again: unknown) => {
        this.renew()
        throw again
      })
    }
  }

  async #apply({ settings, params, database }: Wishes): Promise<void> {
    const wanted = new Map([...Object.entries(base[this.role]), ...settings])
    const changes: string[] = []
    for (const [name, value] of wanted)
      if (this.#set.get(name) !== value) changes.push(`${name} = ${literal(value)}`)
    for (const name of this.#set.keys()) if (!wanted.has(name)) changes.push(`${name} = DEFAULT`)
    for (const [name, value] of params) changes.push(`param_${name} = ${literal(value)}`)
    for (const name of params.keys()) this.#params.add(name)
    if (database !== this.#database) {
      await this.session.queryAsync(`USE \`${database.replace(/[\\`]/g, '\\$&')}\``)
      this.#database = database
    }
    if (changes.length === 0) return
    await this.session.queryAsync(`SET ${changes.join(', ')}`)
    this.#set = wanted
  }
}

export class Sessions {
  readonly #free: Record<Role, Lane[]>
  readonly #waiting: Record<Role, Array<(lane: Lane) => void>> = { reader: [], writer: [] }
  readonly #busy = new Set<Lane>()
  readonly #control: Session

  /** Opens the engine on a folder; throws when the folder is locked or damaged (the engine says why on stderr). */
  constructor(folder: string, backups: string) {
    this.#control = new chdb.Session(folder, {
      connectionArgs: [
        `--backups.allowed_path=${backups}`,
        `--max_server_memory_usage=${serverMemory}`,
        '--os_threads_nice_value_merge_mutate=15',
      ],
    })
    const lanes = (role: Role) => Array.from({ length: sizes[role] }, () => new Lane(role, folder))
    this.#free = { reader: lanes('reader'), writer: lanes('writer') }
  }

  /** Takes away tables that an engine was making when it died: it makes them under such a name and renames them when done. */
  async sweep(): Promise<void> {
    const found = await this.control(
      `SELECT concat(database, '.', name) FROM system.tables WHERE match(name, '^_tmp_(replace|create)_[0-9a-f]{16}_')`,
    )
    for (const table of found.text().split('\n').filter(Boolean))
      await this.control(`DROP TABLE IF EXISTS ${table}`)
  }

  /** Runs `work` on a session of its own; waits for one when all are busy. Code 202 when too many wait already. */
  async use<T>(role: Role, signal: AbortSignal, work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#free[role].pop() ?? (await this.#wait(role, signal))
    this.#busy.add(lane)
    try {
      signal.throwIfAborted()
      return await work(lane)
    } finally {
      this.#busy.delete(lane)
      const next = this.#waiting[role].shift()
      if (next) next(lane)
      else this.#free[role].push(lane)
    }
  }

  #wait(role: Role, signal: AbortSignal): Promise<Lane> {
    const queue = this.#waiting[role]
    if (queue.length >= longestQueue)
      throw new EngineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many queries are waiting')
    return new Promise((resolve, reject) => {
      const stop = () => {
        const at = queue.indexOf(take)
        if (at >= 0) queue.splice(at, 1)
        reject(signal.reason)
      }
      const take = (lane: Lane) => {
        signal.removeEventListener('abort', stop)
        resolve(lane)
      }
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      queue.push(take)
    })
  }

  /** A statement on the control session, for KILL and questions about running queries. */
  control(sql: string, format = 'TabSeparated') {
    return this.#control.queryAsync(sql, { format })
  }

  /** Ends running statements whose text holds the tag. Never SYNC: that can hang for ever. */
  async kill(tag: string): Promise<void> {
    const sql = `KILL QUERY WHERE query LIKE ${literal(`%${tag}%`)} AND query NOT LIKE '%KILL QUERY%' ASYNC`
    await this.#control.queryAsync(sql)
  }

  /** Ends everything and closes the engine. `tag` is part of every statement that was sent through the pool. */
  async close(tag: string): Promise<void> {
    while (this.#busy.size > 0) {
      await this.kill(tag)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    for (const lane of [...this.#free.reader, ...this.#free.writer]) lane.session.close()
    this.#control.close()
    await chdb.drainPending()
  }
}
