import { netAddresses, numbers } from '../sql/freeText/anywhere.ts'
import { freeTextLanguages } from '../sql/freeText/languages.ts'
import type { Rule } from '../sql/freeText/rule.ts'
import { literal } from './sqlText.ts'

const replaced = (text: string, rules: readonly Rule[]): string =>
  rules.reduce(
    (sql, { pattern, put }) => `replaceRegexpAll(${sql}, ${literal(pattern)}, ${literal(put)})`,
    text,
  )

/**
 * SQL for a free text without what tells who somebody is. `language` is SQL for its BCP 47 tag; a text of a language that is not
 * known goes through the rules of all of them.
 */
export function scrubbed(text: string, language: string): string {
  const tag = `lower(splitByChar('-', ${language})[1])`
  const tags = freeTextLanguages.map((each) => literal(each.tag)).join(', ')
  // bound to a name in between, so that each part stands in the statement once
  const own = freeTextLanguages.reduce(
    (sql, each) =>
      `arrayMap(words -> if(${tag} = ${literal(each.tag)} OR ${tag} NOT IN (${tags}), ${replaced('words', each.rules)}, words), [${sql}])[1]`,
    replaced(text, netAddresses),
  )
  return `if(${text} = '', '', trimBoth(${replaced(own, numbers)}))`
}
