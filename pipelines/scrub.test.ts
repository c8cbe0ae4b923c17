import { expect, test } from 'vitest'
import harmless from '../fixtures/comments/harmless.txt?raw'
import planted from '../fixtures/comments/planted.txt?raw'
import spanish from '../fixtures/comments/planted_es.txt?raw'
import { scrubbed } from './scrub.ts'
import { useStore } from './testStore.ts'

const store = useStore()

/** Comments are parted by blank lines; a backslash and an n stand for a new line. */
const commentsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.replaceAll('\\n', '\n'))

async function scrub(comments: string[], language: string): Promise<string[]> {
  const rows = await store.rows<{ clean: string }>(
    `SELECT ${scrubbed('comment', '{language: String}')} AS clean FROM (SELECT arrayJoin({comments: Array(String)}) AS comment)`,
    { comments, language },
  )
  return rows.map(({ clean }) => clean)
}

/** What stands between « and » tells who somebody is: none of its words may be left. */
async function leftIn(comments: string[], language: string): Promise<string[]> {
  const clean = await scrub(
    comments.map((comment) => comment.replace(/[«»]/g, '')),
    language,
  )
  return comments.flatMap((comment, at) => {
    const words = [...comment.matchAll(/«([^»]+)»/g)].flatMap(
      ([, part = '']) => part.match(/[\p{L}\p{N}]{2,}/gu) ?? [],
    )
    const text = clean[at] ?? comment
    const left = words.filter((word) =>
      new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'iu').test(text),
    )
    return left.length > 0 ? [`${left.join(', ')} in: ${text}`] : []
  })
}

test('names, addresses, numbers and links planted in English comments are gone', async () => {
  const comments = commentsOf(planted)
  expect(comments.length).toBeGreaterThanOrEqual(60)
  expect(await leftIn(comments, 'en')).toEqual([])
  // of an unknown language the rules of all apply
  expect(await leftIn(comments.slice(0, 10), '')).toEqual([])
})

test('another language brings rules of its own', async () => {
  expect(await leftIn(commentsOf(spanish), 'es-MX')).toEqual([])
})

test('comments that tell nobody stay as they are', async () => {
  const comments = commentsOf(harmless)
  expect(comments.length).toBeGreaterThanOrEqual(30)
  for (const language of ['en', '']) expect(await scrub(comments, language)).toEqual(comments)
})
