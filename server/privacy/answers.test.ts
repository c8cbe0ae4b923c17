import { expect, test } from 'vitest'
import type { Db } from '../../sql/db.ts'
import { reportIds } from '../../sql/reportIds.ts'
import { createApp } from '../app.ts'
import { caseColumns } from '../reports/columns.ts'

type Schema = {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema
} & Partial<Record<'anyOf' | 'oneOf' | 'allOf', Schema[]>>
type Described = {
  paths: Record<
    string,
    Record<string, { responses?: Record<string, { content?: Record<string, { schema: Schema }> }> }>
  >
  components: { schemas: Record<string, Schema> }
}

/** What leads to a person or was written by one, by the names it has in the store. */
const telling = [
  'case_id',
  'wait_id',
  'outcome_id',
  'event_key',
  'respondent',
  'comment',
  'raw',
  'file_name',
  'author',
]

/** The addresses whose answers tell such things, and what: each needs a scope of its own. */
const told: Record<string, string[]> = {
  '/api/v1/annotations': ['author'],
  '/api/v1/annotations/{id}': ['author'],
  '/api/v1/cases': ['case_id'],
  '/api/v1/cases/{source}/{case_id}': ['case_id'],
  '/api/v1/comments': ['comment'],
  '/api/v1/loads': ['file_name'],
  '/api/v1/loads/{id}': ['file_name'],
  '/api/v1/loads/{id}/cancel': ['file_name'],
  '/api/v1/loads/{id}/rejected': ['raw'],
}

test('answers tell of single people only where this is declared', async () => {
  const app = createApp({ db: {} as Db })
  const { paths, components } = (await (await app.request('/openapi.json')).json()) as Described
  const namesIn = (schema: Schema | undefined, seen = new Set<string>()): string[] => {
    if (!schema) return []
    if (schema.$ref) {
      const name = schema.$ref.split('/').at(-1) ?? ''
      if (seen.has(name)) return []
      return namesIn(components.schemas[name], seen.add(name))
    }
    const inside = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties]
    const more = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
    return [
      // a word of the same spelling that is a figure or a choice tells nothing
      ...Object.entries(schema.properties ?? {}).flatMap(([name, { type }]) =>
        [type].flat().includes('string') ? [name] : [],
      ),
      ...[...inside, ...more].flatMap((each) => namesIn(each, seen)),
    ]
  }
  const found = Object.entries(paths).map(([path, methods]) => {
    const answers = Object.values(methods).flatMap(({ responses = {} }) =>
      Object.values(responses).flatMap(({ content = {} }) =>
        Object.values(content).map(({ schema }) => schema),
      ),
    )
    const names = new Set(answers.flatMap((schema) => namesIn(schema)))
    return [path, telling.filter((name) => names.has(name))] as const
  })
  expect(found.length).toBeGreaterThan(30)
  expect(Object.fromEntries(found.filter(([, names]) => names.length > 0))).toEqual(told)
})

test('of the reports only the list of cases names cases', () => {
  expect(caseColumns.map(({ name }) => name)).toContain('case_id')
  const ofCases = Object.entries(reportIds).filter(([, { audience }]) => audience === 'cases')
  expect(ofCases.map(([id]) => id)).toEqual(['case-list'])
})
