import { anywhere } from '../sql/freeText/anywhere.ts'
import type { Rule } from '../sql/freeText/rule.ts'
import { literal } from './sqlText.ts'

const replaced = (text: string, rules: readonly Rule[]): string =>
  rules.reduce(
    (sql, { pattern, put }) => `replaceRegexpAll(${sql}, ${literal(pattern)}, ${literal(put)})`,
    text,
  )

/** SQL for a free text without what tells who somebody is; `language` is SQL for its BCP 47 tag. */
export const scrubbed = (text: string, _language: string): string =>
  `if(${text} = '', '', ${replaced(text, anywhere)})`
