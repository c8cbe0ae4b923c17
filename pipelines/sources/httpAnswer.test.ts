import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realData, withRealData } from '../testStore.ts'
import { type AnswerFormat, countRows, recognize } from './httpAnswer.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'clearway-answer-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let number = 0
type About = { at?: string; type?: string; format?: AnswerFormat; rows?: string }
async function answer(content: string | Buffer, { at = '/x', type = '', ...wanted }: About = {}) {
  const file = path.join(dir, `answer-${number++}`)
  await writeFile(file, content)
  const url = new URL(at, 'https://city.example')
  const { format, ending } = await recognize(file, url, { type }, wanted)
  return { ending, rows: await countRows(file, format), text: (await readFile(file)).toString('utf8') }
}

test.each([
  ['a JSON array', '\uFEFF[ {"a":"},\\"{"}, {"a":[1,2]},\n{"a":{}}]', {}, '.json', 3],
  ['an empty array', ' [] ', { type: 'application/json' }, '.json', 0],
  [
    'an object around a list',
    '{"meta":{"n":2},"requests":[{"a":1},{"a":2}],"notes":[]}',
    { type: 'application/json' },
    '.json',
    2,
  ],
  ['a list deep in an object', '{"result":{"records":[{"a":1}]}}', { at: '/api.json' }, '.json', 1],
  [
    'a named list',
    '{"people":[{"b":1}],"rows":[{"a":1},{"a":2}]}',
    { type: 'application/json', rows: 'rows' },
    '.json',
    2,
  ],
  ['one object', '{\n "a": 1,\n "b": [1]\n}', { type: 'application/json' }, '.ndjson', 1],
  ['lines called JSON', '{"a":1}\n\n{"a":2}\r\n{"a":3}', { type: 'application/json' }, '.ndjson', 3],
  ['CSV', 'a,b\r\n1,"two\nlines ""and"" more"\n\n2,x', { type: 'text/csv' }, '.csv', 2],
  ['CSV with a header only', 'a,b\n', { at: '/rows.csv' }, '.csv', 0],
  ['tabs', 'a\tb\n1\t"\n2\t3\n', { at: '/rows.tsv' }, '.tsv', 2],
  [
    'compressed CSV',
    gzipSync('a\n1\n2\n3\n'),
    { at: '/rows.csv.gz', type: 'application/gzip' },
    '.csv.gz',
    3,
  ],
  ['nothing', '', { type: 'text/csv' }, '.csv', 0],
  ['XML without rows', '<?xml version="1.0"?><service_requests/>', { type: 'text/xml' }, '.xml', 0],
])('%s is recognized and its rows are counted', async (_, content, about, ending, rows) => {
  expect(await answer(content, about)).toMatchObject({ ending, rows })
})

withRealData('Open311 requests in XML are counted', async () => {
  const xml = await readFile(realData('open311/service-requests.xml'))
  expect(await answer(xml, { type: 'application/xml' })).toMatchObject({ ending: '.xml', rows: 2 })
})

test('a list in an object becomes a file that loads', async () => {
  const { text } = await answer('{"requests":[{"a":1},{"a":"ä"}]}', { type: 'application/json' })
  expect(text).toBe('[{"a":1},{"a":"ä"}]')
})

test.each<[string, string, About, RegExp]>([
  [
    'a login page',
    '<!DOCTYPE html><html>',
    { type: 'text/html' },
    /web page, not with data: is a login needed/,
  ],
  ['a page that calls itself CSV', '\n<html lang="en">', { type: 'text/csv' }, /web page/],
  ['an error in XML', '<error/>', { at: '/rows.csv' }, /answered with xml where csv was expected/],
  ['JSON for XML', '[]', { format: 'xml' }, /answered with json where xml was expected/],
  [
    'two lists',
    '{"a":[{"x":1}],"b":[{"y":1}]}',
    { type: 'application/json' },
    /has a, b: name the list with the rows/,
  ],
  ['a cut array', '[{"a":1},{"a"', {}, /never closed/],
  ['cut XML', '<requests><request/>', {}, /not well-formed|cannot be read/],
  ['an empty answer', '', { type: 'application/json' }, /answer is empty/],
])('%s is refused in one clear sentence', async (_, content, about, says) => {
  await expect(answer(content, about)).rejects.toThrow(says)
})
