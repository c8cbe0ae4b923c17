/**
 * Reads just enough of a SQL text to know what kind of statement it is and where its FORMAT clause, its SETTINGS
 * and its `input()` calls are. Strings, quoted names, heredocs and comments are never mistaken for SQL.
 */
import { EngineError } from './errors.ts'

type Token = { kind: 'word' | 'mark' | 'quoted'; text: string; start: number; end: number; depth: number }

const quotedBy = (mark: string) => String.raw`${mark}[^${mark}\\]*(?:\\[^][^${mark}\\]*)*${mark}`
const lexer = [
  String.raw`(?<space>\s+|--[^\n]*|#[! ][^\n]*|/\*[^]*?\*/)`,
  String.raw`(?<quoted>${["'", '"', '`'].map(quotedBy).join('|')}|(?<tag>\$\w*\$)[^]*?\k<tag>)`,
  String.raw`(?<word>[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*)`,
  '(?<mark>[^])',
].join('|')

/** The tokens of a statement, without spaces and comments; `depth` counts open brackets around a token. */
function* tokens(sql: string): Generator<Token> {
  let depth = 0
  const scan = new RegExp(lexer, 'uy')
  for (let match = scan.exec(sql); match; match = scan.exec(sql)) {
    const text = match[0]
    const { space, quoted: isQuoted, word } = match.groups ?? {}
    if (space !== undefined) continue
    if (text === ')' || text === ']' || text === '}') depth--
    const kind = isQuoted !== undefined ? 'quoted' : word !== undefined ? 'word' : 'mark'
    yield { kind, text, start: match.index, end: match.index + text.length, depth }
    if (text === '(' || text === '[' || text === '{') depth++
  }
}

export type Kind = 'read' | 'insert' | 'write' | 'kill' | 'session'

const kinds: Record<string, Kind> = {
  SELECT: 'read',
  WITH: 'read',
  FROM: 'read',
  EXPLAIN: 'read',
  DESCRIBE: 'read',
  DESC: 'read',
  SHOW: 'read',
  EXISTS: 'read',
  CHECK: 'read',
  '(': 'read',
  INSERT: 'insert',
  KILL: 'kill',
  SET: 'session',
  USE: 'session',
}

/** What a statement does, told by its first words: `session` statements change the session they run on. */
export function kindOf(sql: string): Kind {
  const words = tokens(sql)
  const first = words.next().value
  if (!first) throw new EngineError(62, 'SYNTAX_ERROR', 'Syntax error: empty query')
  const word = first.text.toUpperCase()
  if (word === 'CREATE' && words.next().value?.text.toUpperCase() === 'TEMPORARY') return 'session'
  return kinds[word] ?? 'write'
}

type Clause = { start: number; end: number; value: string }
type Outline = {
  end: number
  format?: Clause
  settings?: Clause
  values?: Token
  inputs: Token[]
  select: boolean
}

/** Where the last FORMAT, SETTINGS and the `input()` calls of one statement stand. Code 62 for several statements. */
function outline(sql: string): Outline {
  const all = [...tokens(sql)]
  while (all.at(-1)?.text === ';') all.pop()
  if (all.some((token) => token.text === ';' && token.kind === 'mark'))
    throw new EngineError(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed')
  const found: Outline = { end: all.at(-1)?.end ?? 0, inputs: [], select: false }
  const isWord = (token: Token | undefined, word: string) =>
    token?.kind === 'word' && token.depth === 0 && token.text.toUpperCase() === word
  let settingsAt = -1
  for (const [i, token] of all.entries()) {
    const next = all[i + 1]
    if (token.kind !== 'word') continue
    if (token.text.toLowerCase() === 'input' && next?.text === '(' && all[i - 1]?.text !== '.')
      found.inputs.push(token)
    if (token.depth > 0) continue
    if (isWord(token, 'SELECT') || isWord(token, 'WITH')) found.select = true
    if (isWord(token, 'VALUES') && i === all.length - 1) found.values = token
    if (isWord(token, 'SETTINGS')) settingsAt = i
    const closes = i + 2 === all.length || isWord(all[i + 2], 'SETTINGS')
    if (isWord(token, 'FORMAT') && next?.kind === 'word' && closes)
      found.format = { start: token.start, end: next.end, value: next.text }
  }
  const settings = all[settingsAt]
  if (settings) {
    const end = found.format && found.format.start > settings.start ? found.format.start : found.end
    found.settings = { start: settings.start, end, value: sql.slice(settings.start, end) }
  }
  return found
}

/** A text as SQL string. */
export const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** A reading statement whose result goes to a new file in its own FORMAT, or in `fallback` when it names none. */
export function intoFile(sql: string, path: string, fallback: string): { sql: string; format: string } {
  const { end, format } = outline(sql)
  const target = ` INTO OUTFILE ${literal(path)} `
  if (!format) return { sql: `${sql.slice(0, end)}${target}FORMAT ${fallback}`, format: fallback }
  return {
    sql: `${sql.slice(0, format.start)}${target}${sql.slice(format.start, end)}`,
    format: format.value,
  }
}

/**
 * An INSERT whose data came apart from it, reading that data from a file instead:
 * `INSERT INTO t FORMAT X` becomes `... FROM INFILE`, and `input('...')` of an INSERT SELECT becomes `file(...)`.
 */
export function fromFile(sql: string, path: string): string {
  const { end, format, settings, values, inputs, select } = outline(sql)
  const name = format?.value ?? 'Values'
  if (!select) {
    const cut = Math.min(format?.start ?? end, settings?.start ?? end, values?.start ?? end)
    return `${sql.slice(0, cut)} FROM INFILE ${literal(path)} ${settings?.value ?? ''} FORMAT ${name}`
  }
  if (!format || inputs.length === 0)
    throw new EngineError(62, 'SYNTAX_ERROR', 'An INSERT SELECT with data needs input() and a FORMAT')
  let text = ''
  let at = 0
  for (const call of inputs) {
    const open = sql.indexOf('(', call.end)
    const empty = /^\s*\)/.test(sql.slice(open + 1))
    text += `${sql.slice(at, call.start)}file(${literal(path)}, ${literal(name)}${empty ? '' : ', '}`
    at = open + 1
  }
  return text + sql.slice(at, format.start) + sql.slice(format.end, end)
}

/** The names of `{name: Type}` placeholders in a statement. */
export function placeholders(sql: string): Set<string> {
  return new Set(Array.from(sql.matchAll(/\{\s*(\w+)\s*:/g), (match) => match[1] ?? ''))
}
