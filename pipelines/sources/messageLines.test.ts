import { expect, test } from 'vitest'
import { messageLines } from './messageLines.ts'

test.each([
  ['an object', '{"a":1}', ['{"a":1}']],
  ['an object over several lines', '\uFEFF{\r\n "a": 1,\n "b": "x\\ny"\n}\n', ['{  "a": 1,  "b": "x\\ny" }']],
  ['lines', '{"a":1}\n\n{"a":2}\r\n', ['{"a":1}', '{"a":2}']],
  [
    'an array, numbers as they are written',
    '[{"a":12345678901234567890.10,"b":[1,{"c":"],[\\""}]},\n {"a":2}]',
    ['{"a":12345678901234567890.10,"b":[1,{"c":"],[\\""}]}', '{"a":2}'],
  ],
  ['an empty array', ' [ ] ', []],
  ['lines of which one is broken', '{"a":1}\n{"a":', ['{"a":1}', '{"a":']],
  ['text that is no JSON', 'hello\nthere', ['hello there']],
  ['JSON that breaks off', '[{"a":1},\n{"a"', ['[{"a":1}, {"a"']],
  ['nothing', '', ['(an empty message)']],
  ['bytes that are no text', Buffer.from('7b00ff', 'hex'), ['(no UTF-8 text; as base64) ewD/']],
])('%s becomes the lines that can be loaded or rejected', (_, message, lines) => {
  expect(messageLines(Buffer.from(message as string))).toEqual(lines)
})

test('a row that no file of rows can hold is refused', () => {
  expect(() => messageLines(Buffer.from(`{"a":"${'x'.repeat(1_000_000)}"}`))).toThrow(/row of more than 1 MB/)
})
