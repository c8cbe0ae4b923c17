import type { Rule } from './rule.ts'

/** What tells who somebody is in any language: addresses of mail and of the web, account and phone numbers, ids. */
export const anywhere: readonly Rule[] = [
  { pattern: String.raw`(?i)\b[\w.+'-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+`, put: '[mail]' },
  { pattern: String.raw`(?i)\b(?:https?://|www\.)\S+`, put: '[link]' },
]
