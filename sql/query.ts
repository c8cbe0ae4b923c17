import type { z } from 'zod'
import type { Db } from './db.ts'

/** A question to the store: a `.sql` file with a name, typed parameters and typed rows. */
export interface Query<P extends z.ZodObject, R extends z.ZodObject> {
  (db: Db, params: z.input<P>): Promise<z.output<R>[]>
  readonly queryName: string
  readonly sql: string
  readonly params: P
  readonly row: R
}

/** Every query that was defined: the SQL test runs them all. */
export const queries: Query<z.ZodObject, z.ZodObject>[] = []

/** Gives a .sql file a name, typed parameters and typed rows. Rows that do not fit `row` are an error. */
export function defineQuery<P extends z.ZodObject, R extends z.ZodObject>(
  queryName: string,
  sql: string,
  params: P,
  row: R,
): Query<P, R> {
  const run = async (db: Db, input: z.input<P>): Promise<z.output<R>[]> => {
    const result = await db.query({
      query: sql,
      query_params: params.parse(input),
      format: 'JSONEachRow',
      clickhouse_settings: { log_comment: queryName },
    })
    return row.array().parse(await result.json())
  }
  const query = Object.assign(run, { queryName, sql, params, row })
  queries.push(query as unknown as Query<z.ZodObject, z.ZodObject>)
  return query
}
