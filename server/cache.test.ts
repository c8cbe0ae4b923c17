import { expect, test } from 'vitest'
import { AnswerCache } from './cache.ts'

const stays = new AbortController().signal

/** A cache whose clock and crowd the test sets, and answers that are done when the test says so. */
function crowdedCache() {
  const world = { now: 0, isCrowded: false }
  const cache = new AnswerCache({ now: () => world.now, isCrowded: () => world.isCrowded })
  const asked: { ahead: boolean; stop: AbortSignal; end: (body: string) => void }[] = []
  const compute = (stop: AbortSignal, ahead: boolean) =>
    new Promise<string>((end, fail) => {
      asked.push({ ahead, stop, end })
      stop.addEventListener('abort', () => fail(stop.reason))
    })
  const ask = async (
    version: string,
    { final = true, goodFor = Number.POSITIVE_INFINITY, gone = stays } = {},
  ) => (await cache.answer({ version, final }, { name: 'kpis', compute, goodFor }, gone)).body.toString()
  const made = (version: string, body: string) => {
    const answer = ask(version)
    asked.at(-1)?.end(body)
    return answer
  }
  return { world, asked, ask, made }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('while many wait, the answer of a moment ago is given and the new one made ahead, once; after five minutes it is waited for', async () => {
  const { world, asked, ask, made } = crowdedCache()
  expect(await made('2', 'old')).toBe('old')
  world.isCrowded = true
  expect(await ask('4')).toBe('old')
  expect(asked).toHaveLength(1)
  world.now = 10_000
  expect([await ask('4'), await ask('4'), await ask('6')]).toEqual(['old', 'old', 'old'])
  expect(asked.map(({ ahead }) => ahead)).toEqual([false, true])
  world.now = 20_000
  asked[1]?.end('of 4')
  await settled()
  // it was made for 4, and 6 has come meanwhile
  expect(await ask('6')).toBe('of 4')
  world.now = 30_000
  expect(await ask('6')).toBe('of 4')
  asked[2]?.end('of 6')
  await settled()
  expect([await ask('6'), asked.length]).toEqual(['of 6', 3])
  await ask('8')
  world.now += 300_001
  const late = ask('8')
  asked.at(-1)?.end('of 8')
  expect(await late).toBe('of 8')
})

test('where nobody waits, nothing but the newest is given', async () => {
  const { world, ask, made, asked } = crowdedCache()
  expect(await made('2', 'old')).toBe('old')
  expect(await made('4', 'new')).toBe('new')
  const short = ask('4', { goodFor: 500 })
  world.now = 501
  expect(await short).toBe('new')
  const again = ask('4', { goodFor: 500 })
  asked.at(-1)?.end('newer')
  expect(await again).toBe('newer')
})

test('an answer that is made ahead goes on when everybody has gone, and one that somebody waited for ends', async () => {
  const { world, asked, ask, made } = crowdedCache()
  await made('2', 'old')
  world.isCrowded = true
  const away = new AbortController()
  await ask('4', { gone: away.signal })
  world.now = 10_000
  await ask('4', { gone: away.signal })
  world.isCrowded = false
  const waited = ask('6', { gone: away.signal })
  away.abort()
  await expect(waited).rejects.toThrow()
  expect(asked.map(({ stop }) => stop.aborted)).toEqual([false, false, true])
})

test('what is made while rows are swapped in is not kept', async () => {
  const { asked, ask } = crowdedCache()
  const half = ask('3', { final: false })
  asked[0]?.end('half')
  expect(await half).toBe('half')
  void ask('3', { final: false })
  expect(asked).toHaveLength(2)
})
