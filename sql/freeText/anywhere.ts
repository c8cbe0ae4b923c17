import type { Rule } from './rule.ts'

const keptWord = String.raw`\1`

/** Addresses of the net, in any language: taken out before names are looked for. */
export const netAddresses: readonly Rule[] = [
  { pattern: String.raw`(?i)\b(?:https?://|www\.)[^\s\])>]+`, put: '[link]' },
  {
    pattern: String.raw`(?i)[\p{L}\p{N}][\p{L}\p{N}.+_'-]*\s?(?:@|\(at\)|\[at\]|\bat\b\s)\s?[\p{L}\p{N}-]+(?:\s?(?:\.|\(dot\)|\[dot\]|\bdot\b)\s?[\p{L}\p{N}-]+)*\s?(?:\.|\(dot\)|\[dot\]|\bdot\b)\s?(?:com|org|net|edu|gov|mil|info|io|me|eu|example|test|[a-z]{2})\b`,
    put: '[mail]',
  },
  { pattern: String.raw`[^\s@]+@[^\s@]+\.[^\s@]+`, put: '[mail]' },
  { pattern: String.raw`(?i)\b(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|info|io)\b(?:/\S*)?`, put: '[link]' },
  { pattern: String.raw`(^|\s)@\w{3,}`, put: `${keptWord}[name]` },
]

/** Numbers that tell who somebody is, in any language: taken out after the addresses and numbers a language knows by its words. */
export const numbers: readonly Rule[] = [
  // IBAN, cards, social security (US), national insurance (UK)
  {
    pattern: String.raw`\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){3,7}(?:[ -]?[A-Z0-9]{1,3})?\b`,
    put: '[id]',
  },
  { pattern: String.raw`\b\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?\b`, put: '[id]' },
  { pattern: String.raw`\b\d{3}[- ]\d{2}[- ]\d{4}\b`, put: '[id]' },
  { pattern: String.raw`(?i)\b[a-z]{2}[ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[a-d]\b`, put: '[id]' },
  { pattern: String.raw`\b\d{1,3}(?:\.\d{1,3}){3}\b`, put: '[id]' },
  // +44 20 7946 0018, 0049 30 901820, (415) 555-0132, 020 7946 0018, 555-0199
  { pattern: String.raw`(?:\+|\b00)[ ]?\(?\d(?:[ \t().\-/]{0,2}\d){6,14}`, put: '[phone]' },
  { pattern: String.raw`(?:\b1[ .-]?)?(?:\(\d{3}\)|\b\d{3})[ .-]*\d{3}[ .-]\d{4}\b`, put: '[phone]' },
  { pattern: String.raw`(?:\(0\d{2,5}\)|\b0\d{2,5})[ /-]?\d{2,4}(?:[ -]?\d{2,4}){1,3}\b`, put: '[phone]' },
  { pattern: String.raw`\b\d{3}-\d{4}\b`, put: '[phone]' },
  // case numbers, plates, whatever mixes letters and figures, and long numbers
  { pattern: String.raw`(?i)\b[a-z]{1,8}[-/_. ]?\d{2,4}[-/_.]\d{2,}[\w/-]*`, put: '[id]' },
  { pattern: String.raw`\b\d{2,4}[-/]\d{5,}\b`, put: '[id]' },
  { pattern: String.raw`#[ ]?[A-Za-z]*\d{3,}`, put: '[id]' },
  { pattern: String.raw`\b[A-Z]{2}\d{2}[ ]?[A-Z]{3}\b`, put: '[id]' },
  { pattern: String.raw`\b[A-Z]{1,3}-[A-Z]{1,2}[ -]?\d{1,4}\b`, put: '[id]' },
  { pattern: String.raw`\b[A-Z]{2,3}[- ]?\d{2,4}[- ]?[A-Z]{1,3}\b`, put: '[id]' },
  { pattern: String.raw`\b(?:[A-Z]{2,4}-\d{3,}|\d{3}-[A-Z]{3}|\d[A-Z]{3}\d{3})\b`, put: '[id]' },
  { pattern: String.raw`(?i)\b[a-z]{1,6}\d{4,}\w*\b`, put: '[id]' },
  { pattern: String.raw`(?i)\b\d+[a-z]+\d+\w{2,}\b`, put: '[id]' },
  { pattern: String.raw`\b\d{5,}\w*\b`, put: '[id]' },
]
