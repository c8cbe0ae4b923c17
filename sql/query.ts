import { addAbortSignal } from 'node:stream'
import type { z } from 'zod'
import type { Db } from './db.ts'

/** Tables of which an answer is to be read from a query instead, by their names, with the parameters these take. */
export type Instead = { sources: Record<string, string>; params: Record<string, unknown> }

/** A question to the store: a `.sql` file with a name, typed parameters and typed rows. */
export interface Query<P extends z.ZodObject, R extends z.ZodObject> {
  (db: Db, params: z.input<P>, instead?: Instead): Promise<z.output<R>[]>
  /** The rows in batches as they come from the store, for answers that can grow long. `stop` ends the query there too. */
  stream(db: Db, params: z.input<P>, stop: AbortSignal): Promise<AsyncIterable<z.output<R>[]>>
  /** The rows as the store writes them, a line of JSON each: for somebody else to read. */
  text(db: Db, params: z.input<P>, instead?: Instead): Promise<string>
  /** The rows that such a text tells. */
  rows(text: string): z.output<R>[]
  readonly queryName: string
  readonly sql: string
  readonly params: P
  readonly row: R
}

/** A server looks whether the client is still there only for queries that say they change nothing. */
const endsWithItsReader = { readonly: '2', cancel_http_readonly_queries_on_client_close: 1 } as const

/** Every query that was defined: the SQL test runs them all. */
export const queries: Query<z.ZodObject, z.ZodObject>[] = []

/** Gives a .sql file a name, typed parameters and typed rows. Rows that do not fit `row` are an error. */
export function defineQuery<P extends z.ZodObject, R extends z.ZodObject>(
  queryName: string,
  sql: string,
  params: P,
  row: R,
): Query<P, R> {
  const ask = (db: Db, input: z.input<P>, { instead, stop }: { instead?: Instead; stop?: AbortSignal }) =>
    db.query({
      query: instead ? reading(sql, instead.sources) : sql,
      query_params: { ...instead?.params, ...params.parse(input) },
      format: 'JSONEachRow',
      clickhouse_settings: { log_comment: queryName, ...(stop ? endsWithItsReader : {}) },
      ...(stop ? { abort_signal: stop } : {}),
    })
  const run = async (db: Db, input: z.input<P>, instead?: Instead): Promise<z.output<R>[]> =>
    row.array().parse(await (await ask(db, input, instead ? { instead } : {})).json())
  const stream = async (db: Db, input: z.input<P>, stop: AbortSignal) =>
    inBatches(addAbortSignal(stop, (await ask(db, input, { stop })).stream()), row)
  const text = async (db: Db, input: z.input<P>, instead?: Instead) =>
    (await ask(db, input, instead ? { instead } : {})).text()
  const rows = (told: string): z.output<R>[] =>
    told.split('\n').flatMap((line) => (line === '' ? [] : [row.parse(JSON.parse(line))]))
  const query = Object.assign(run, { text, rows, queryName, sql, params, row, stream })
  queries.push(query as unknown as Query<z.ZodObject, z.ZodObject>)
  return query
}

async function* inBatches<R extends z.ZodObject>(
  batches: AsyncIterable<{ json(): unknown }[]>,
  row: R,
): AsyncGenerator<z.output<R>[]> {
  for await (const batch of batches) yield batch.map((each) => row.parse(each.json()))
}

/** The same question, with the tables it reads hidden by subqueries of the same name. */
function reading(sql: string, sources: Record<string, string>): string {
  const named = Object.entries(sources).filter(([name]) => sql.includes(name))
  if (named.length === 0) return sql
  const hiding = named.map(([name, source]) => `${name} AS (\n${source}\n)`).join(',\n')
  return sql.replace(/^(?:WITH|SELECT)\b/m, (first) =>
    first === 'WITH' ? `WITH\n${hiding},` : `WITH\n${hiding}\nSELECT`,
  )
}
