import { afterAll, beforeAll, expect, test } from 'vitest'
import { Intake } from '../../pipelines/sources/intake.ts'
import { useStore } from '../../pipelines/testStore.ts'
import { createApp } from '../app.ts'
import { RateLimit } from '../guard/rateLimit.ts'
import { type Link, linkKeys, openLink, sealLink } from './link.ts'

const store = useStore()
const address = { 'X-Forwarded-For': '203.0.113.7' }
let keys: Awaited<ReturnType<typeof linkKeys>>
let intake: Intake
let app: ReturnType<typeof createApp>
const openIntake = (handOverMs = 20) => Intake.open(store.db, { answers: { handOverMs } })
beforeAll(async () => {
  keys = await linkKeys(store.db.dataDir, undefined)
  intake = await openIntake()
  app = createApp({ db: store.db, intake, feedback: { keys, embed: ['https://www.city.example'] } })
})
afterAll(() => intake?.close())

const tomorrow = () => Math.floor(Date.now() / 1000) + 86_400
const about = (more: Partial<Link> = {}): Link => ({
  ...{ service: 'permits', source: 'register', case_id: 'BP-2026-00417', slip: '', channel: 'letter' },
  ...{ expires: tomorrow(), ...more },
})
const linkTo = (more: Partial<Link> = {}) => `/feedback/${sealLink(keys, about(more))}`
const post = (link: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  app.request(link, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...address, ...headers },
    body: new URLSearchParams(fields).toString(),
  })

test('the form is one page without scripts or cookies, in the language of the reader, for frames of the city alone', async () => {
  const link = linkTo({ case_id: 'shown' })
  const english = await app.request(link)
  expect(english.status).toBe(200)
  const headers = Object.fromEntries(english.headers)
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors https:\/\/www\.city\.example$/,
  )
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  for (const name of ['set-cookie', 'x-frame-options']) expect(headers).not.toHaveProperty(name)
  const text = await english.text()
  expect(text).not.toMatch(/<script|https?:\/\/(?!www\.w3)/)
  expect(text).toContain('<html lang="en">')
  const spanish = await app.request(link, { headers: { 'Accept-Language': 'fr, es-MX;q=0.9, en;q=0.8' } })
  expect(await spanish.text()).toContain('<html lang="es">')
  expect(
    await (await app.request(`${link}?lang=en`, { headers: { 'Accept-Language': 'es' } })).text(),
  ).toContain('<html lang="en">')
})

test('an answer is counted with its case, without what would tell who wrote it, and once', async () => {
  const link = linkTo()
  expect(link).not.toContain(Buffer.from('BP-2026').toString('base64url').slice(0, 6))
  const fields = { rating: '2', speed: '1', recommend: '0', comment: 'Write to <b>me@example.org</b>' }
  const thanks = await post(link, fields)
  expect([thanks.status, await thanks.text()]).toEqual([200, expect.stringContaining('Thank you')])
  for (const again of [
    await post(link, { rating: '5' }),
    await post(linkTo({ expires: tomorrow() + 9 }), { rating: '5' }),
  ])
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('answered already')])
  expect((await app.request(link)).status).toBe(409)
  const held = () =>
    store.rows(
      `SELECT source, case_id, channel, rating, speed, recommend, offered, answered, comment, language
       FROM current_outcomes JOIN comments USING (source, outcome_id) WHERE case_id = 'BP-2026-00417'`,
    )
  await expect.poll(held, { timeout: 20_000 }).toEqual([
    {
      ...{
        source: 'register',
        case_id: 'BP-2026-00417',
        channel: 'letter',
        rating: 2,
        speed: 1,
        recommend: 0,
      },
      ...{ offered: 1, answered: 1, comment: 'Write to <b>[mail]</b>', language: 'en' },
    },
  ])
})

test('of answers to one link that come at once one is taken, here, beside another process and after a restart', async () => {
  const link = linkTo({ case_id: 'at-once' })
  const other = await openIntake(60_000)
  const beside = createApp({ db: store.db, intake: other, feedback: { keys } })
  const body = {
    method: 'POST',
    body: 'rating=4',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...address },
  }
  const all = await Promise.all(
    [app, beside, app, beside, app].map(async (one) => (await one.request(link, body)).status),
  )
  expect(all.sort()).toEqual([200, 409, 409, 409, 409])
  await other.close()
  const restarted = await openIntake(60_000)
  const later = createApp({ db: store.db, intake: restarted, feedback: { keys } })
  expect((await later.request(link, body)).status).toBe(409)
  await restarted.close()
})

test('what is not a link, no longer one, or none of ours is refused with words', async () => {
  const token = sealLink(keys, about({ case_id: 'refused' }))
  const foreign = await linkKeys(store.db.dataDir, 'another secret of at least 32 signs')
  const flipped = `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`
  const refused: [string, number][] = [
    [`/feedback/${token.slice(0, -1)}`, 404],
    [`/feedback/${flipped}`, 404],
    [`/feedback/${sealLink(foreign, about())}`, 404],
    ['/feedback/x', 404],
    [`/feedback/${'A'.repeat(7000)}`, 404],
    [linkTo({ expires: Math.floor(Date.now() / 1000) - 1 }), 410],
    [linkTo({ service: 'given-up' }), 410],
  ]
  for (const [path, status] of refused)
    for (const answer of [await app.request(path), await post(path, { rating: '5' })]) {
      expect([path, answer.status]).toEqual([path, status])
      expect(await answer.text()).toContain('<h1>This link')
    }
  expect(openLink(keys, token)).toEqual(about({ case_id: 'refused', expires: expect.any(Number) as never }))
})

test('a wrong answer comes back with what was typed, and too much is refused before it is read', async () => {
  const link = linkTo({ case_id: 'wrong' })
  const typed = { ease: '2', rating: '', recommend: '11', comment: '<script>alert("1")</script>' }
  const wrong = await post(link, typed)
  const text = await wrong.text()
  expect(wrong.status).toBe(422)
  expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
  expect(text).not.toContain('<script>')
  expect(text).toMatch(/<option value="2" selected>/)
  expect(text.match(/href="#[\w-]+"/g)).toEqual(['href="#rating-5"', 'href="#recommend-0"'])
  const long = await post(link, { rating: '5', comment: 'ä'.repeat(4001) })
  expect([long.status, await long.text()]).toEqual([422, expect.stringContaining('4001')])

  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...address }
  expect((await post(link, { comment: 'x'.repeat(70_000) }, { 'Content-Length': '70008' })).status).toBe(413)
  let pulled = 0
  const endless = new ReadableStream({
    pull: (stream) => {
      pulled++
      stream.enqueue(new Uint8Array(16_384).fill(0x61))
    },
  })
  const streamed = await app.request(link, {
    method: 'POST',
    headers,
    body: endless,
    duplex: 'half',
  } as RequestInit)
  expect(streamed.status).toBe(413)
  expect(pulled).toBeLessThan(10)
  for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain'])
    expect((await post(link, { rating: '5' }, { 'Content-Type': type })).status).toBe(415)
  expect((await post(link, { rating: '5', comment: '😀'.repeat(4000) })).status).toBe(200)
})

test('one address cannot flood, and others are not held up', async () => {
  const limit = new RateLimit({ burst: 2, perMinute: 60 })
  const guarded = createApp({ db: store.db, intake, feedback: { keys, limit } })
  const from = async (forwarded: string) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Forwarded-For': forwarded }
    const answer = await guarded.request('/feedback/x', { method: 'POST', headers, body: '' })
    return [answer.status, answer.headers.get('Retry-After')]
  }
  const mine = ['2001:db8:1:2::1', '198.51.100.1, 2001:db8:1:2:ffff::9', '2001:db8:1:2:3:4:5:6']
  expect([await from(mine[0] ?? ''), await from(mine[1] ?? ''), await from(mine[2] ?? '')]).toEqual([
    [404, null],
    [404, null],
    [429, '1'],
  ])
  expect(await from('2001:db8:1:3::1')).toEqual([404, null])
  expect(limit.take('2001:db8:1:2::1', Date.now() + 1_500)).toBe(0)
})

test('what was answered and refused is counted, without a link in the metrics', async () => {
  const text = await (await app.request('/metrics')).text()
  expect(text).toMatch(/clearway_feedback_total\{result="accepted"\} \d/)
  expect(text).toMatch(/clearway_feedback_total\{result="answered"\} \d/)
  expect(text).toContain('route="/feedback/:token"')
})
