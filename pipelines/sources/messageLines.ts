import { isUtf8 } from 'node:buffer'
import { LoadError } from '../loadError.ts'

/** A longer line would stop the load of its whole batch. Bytes. */
const longestLine = 1_000_000

/**
 * The rows of a message as lines of NDJSON: one object, an array of them, or a line each. Numbers and texts stay as they were sent. What is
 * no JSON becomes one line that the load rejects with its text. Throws LoadError for a row that is longer than 1 MB.
 */
export function messageLines(message: Buffer): string[] {
  const lines = read(message)
  if (lines.some((line) => line.length > longestLine / 3 && Buffer.byteLength(line) > longestLine))
    throw new LoadError('A message holds a row of more than 1 MB. Send smaller rows.')
  return lines
}

function read(message: Buffer): string[] {
  if (message.includes(0) || !isUtf8(message))
    return [`(no UTF-8 text; as base64) ${message.toString('base64')}`]
  const text = message
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
  if (text === '') return ['(an empty message)']
  const isOneLine = !/[\r\n]/.test(text)
  if (isOneLine && text.startsWith('{')) return [text]
  if (isJson(text)) return (text.startsWith('[') ? elements(text) : [text]).map(inOneLine)
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return lines.length > 1 && lines.some((line) => line.trim().startsWith('{') && isJson(line))
    ? lines
    : [inOneLine(text)]
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** In JSON a line end is never part of a value. */
const inOneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ').trim()

/** The elements of a good JSON array, as they are written. */
function elements(array: string): string[] {
  const found: string[] = []
  let depth = 0
  let inText = false
  let start = 1
  const take = (end: number): void => {
    const element = array.slice(start, end).trim()
    if (element !== '') found.push(element)
    start = end + 1
  }
  for (let at = 0; at < array.length; at++) {
    const letter = array[at]
    if (inText) {
      if (letter === '\\') at++
      else if (letter === '"') inText = false
    } else if (letter === '"') inText = true
    else if (letter === '[' || letter === '{') depth++
    else if (letter === ']' || letter === '}') {
      if (--depth === 0) take(at)
    } else if (letter === ',' && depth === 1) take(at)
  }
  return found
}
