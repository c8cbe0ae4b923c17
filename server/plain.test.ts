import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** The custom properties that a style sheet sets on the root, with the breaks of lines taken out. */
function tokensOf(path: string): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, path), 'utf8').replaceAll(/\s+/g, ' ')
  return new Map(
    [...text.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

test('pages without script have the colours and sizes of the dashboard', () => {
  const dashboard = tokensOf('../client/tokens.css')
  const plain = tokensOf('plain.css')
  expect(plain.size).toBeGreaterThan(20)
  for (const [name, value] of plain) expect(`${name}: ${value}`).toBe(`${name}: ${dashboard.get(name)}`)
})
