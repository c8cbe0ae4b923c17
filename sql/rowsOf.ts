import type { Db } from './db.ts'

/** The rows of a question that stands in code, as they come. */
export async function rowsOf<Row>(
  db: Db,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<Row[]> {
  return (await db.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
}
