/** A failure with ClickHouse's number and name, written the way a server writes it. */
export class EngineError extends Error {
  override name = 'EngineError'
  constructor(
    readonly code: number,
    type: string,
    detail: string,
  ) {
    super(`Code: ${code}. DB::Exception: ${detail}. (${type})`)
  }
}

/** HTTP status of an exception code, as ClickHouse's own HTTP handler chooses it; 500 for all others. */
const statuses: Record<number, number> = {
  516: 403,
  497: 403,
  164: 403,
  62: 400,
  6: 400,
  27: 400,
  36: 400,
  41: 400,
  115: 400,
  117: 400,
  456: 400,
  457: 400,
  60: 404,
  81: 404,
  46: 404,
  47: 404,
  159: 408,
  202: 503,
  241: 500,
}

/** Any thrown value as exception code (1002 when the engine gave none), text and HTTP status. */
export function toException(error: unknown): { code: number; text: string; status: number } {
  const message = error instanceof Error ? error.message : String(error)
  const known = /^(?:.{0,200}?)Code: (\d+)\. DB::/s.exec(message)
  const code = known ? Number(known[1]) : 1002
  const text = known ? message : `Code: 1002. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`
  return { code, text: `${text}\n`, status: statuses[code] ?? 500 }
}
