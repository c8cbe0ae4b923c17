/** A piece of HTML, SVG or XML in which every value is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | null | readonly Markup[]

/** Values are text and escaped; pieces of markup stand as they are; null is nothing. */
export const markup = (parts: TemplateStringsArray, ...values: Value[]): Markup =>
  new Markup(parts.map((part, index) => part + written(values[index] ?? null)).join(''))

function written(value: Value): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (Array.isArray(value)) return value.map((piece: Markup) => piece.text).join('')
  return escaped(String(value))
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters have no place in XML, not even escaped. */
const escaped = (text: string) =>
  text
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, (character) => (/[\t\n\r]/.test(character) ? character : ''))
    .replace(/[&<>"']/g, (character) => escapes[character] as string)
