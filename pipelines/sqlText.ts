/** A text as a SQL literal. */
export const literal = (text: string): string =>
  `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t').replace(/\0/g, '\\0')}'`

/** An array of texts as a SQL literal. */
export const literals = (texts: readonly string[]): string =>
  texts.length > 0 ? `[${texts.map(literal).join(', ')}]` : 'CAST([] AS Array(String))'
