import { literal } from './sqlText.ts'

const fractions = ['', ...Array.from({ length: 9 }, (_, digits) => `.${'0'.repeat(digits + 1)}`)]
const offsets = ['', 'Z', '+00:00', '-00:00', '+0000', '-0000', '+00', '-00']
const clocks = ['00:00', ...fractions.map((fraction) => `00:00:00${fraction}`)]
/** Every way the `iso` format may be written, with 0 for each digit. */
const isoShapes = [
  '0000-00-00',
  ...['T', ' '].flatMap((between) =>
    clocks.flatMap((clock) => offsets.map((offset) => `0000-00-00${between}${clock}${offset}`)),
  ),
]

/** Offsets that no place on earth has: beyond 14 hours, or with 60 minutes and more. */
const noOffset = '[+-](1[5-9]|[2-9]|14:?(0[1-9]|[1-9])|[0-9]{2}:?[6-9])'

/**
 * SQL for a text as DateTime64(6, 'UTC') or NULL. A format is `iso` (ISO 8601 with T or a space, to the microsecond, with an offset
 * or Z, or local time of `zone`), `unix` (seconds), `unix_ms`, or a pattern of parseDateTime. Nothing is guessed: `01/02/2026` is
 * never an iso time. Years 1900 to 2199.
 */
export function parseTime(text: string, formats: readonly string[], zone: string): string {
  const parsers = formats.map((format) => parser(text, format, zone))
  return parsers.length === 1 ? (parsers[0] ?? 'NULL') : `coalesce(${parsers.join(', ')})`
}

function parser(text: string, format: string, zone: string): string {
  if (format === 'iso')
    return `if(translate(${text}, '123456789', '000000000') IN (${isoShapes.map(literal).join(', ')})
      AND substring(${text}, 12, 2) <= '23' AND substring(${text}, 15, 2) <= '59' AND substring(${text}, 18, 2) <= '59'
      AND substring(${text}, 1, 4) BETWEEN '1900' AND '2199' AND NOT match(substring(${text}, 17), ${literal(noOffset)}),
      toTimeZone(parseDateTime64BestEffortOrNull(${text}, 6, ${literal(zone)}), 'UTC'), NULL)`
  if (format === 'unix' || format === 'unix_ms') {
    const micro = format === 'unix' ? 1_000_000 : 1_000
    return `if(isNull(toInt64OrNull(${text})) OR abs(toInt64OrZero(${text})) > ${7_258_118_400_000_000 / micro}, NULL,
      fromUnixTimestamp64Micro(toInt64OrZero(${text}) * ${micro}, 'UTC'))`
  }
  return `toTimeZone(CAST(parseDateTimeOrNull(${text}, ${literal(format)}, ${literal(zone)}) AS Nullable(DateTime64(6, 'UTC'))), 'UTC')`
}

/** How a format is told to people. */
export function timeExample(formats: readonly string[]): string {
  const examples = { iso: '2026-03-02T10:15:00Z', unix: '1772446500', unix_ms: '1772446500000' }
  return formats.map((format) => examples[format as keyof typeof examples] ?? format).join(' or ')
}
