import { expect, test } from 'vitest'
import { privacy } from '../../sql/privacy/privacyConfig.ts'
import type { Who } from '../access/who.ts'
import { mustSay } from './purpose.ts'

const kinds = ['machine', 'person', 'key', 'nobody'] as const

test('persons have to say what for, keys where it is wanted, and nobody on the machine itself', () => {
  const saying = (ask_purpose?: boolean) =>
    kinds.filter((kind: Who['kind']) => mustSay(privacy.parse({ ask_purpose }), { kind }))
  expect(saying()).toEqual(['person'])
  expect(saying(true)).toEqual(['person', 'key'])
  expect(saying(false)).toEqual([])
})
