import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useBuiltServer } from './testServer.ts'

/** The built server, killed right after it said thanks. */

const server = useBuiltServer('feedback', {
  jurisdiction: { name: 'Town', time_zone: 'UTC' },
  services: [{ id: 'permits', name: 'Permits' }],
  feedback: { address: 'https://ask.town.example' },
})
const { command } = server

async function start() {
  const { address, kill } = await server.start()
  const post = async (token: string, rating: string) => {
    const body = new URLSearchParams({ rating })
    const answer = await fetch(`${address}/feedback/${token}`, { method: 'POST', body })
    await answer.text()
    return answer.status
  }
  return { address, kill, post }
}

type Made = { case_id: string; link: string }
const tokenOf = ({ link }: Made): string => link.replace('https://ask.town.example/feedback/', '')

test('an answer that was thanked for survives kill -9, counts once, and cannot be given again', {
  timeout: 180_000,
}, async () => {
  const cases = join(server.dir, 'cases.csv')
  const ids = Array.from({ length: 12 }, (_, at) => `"C, ${at}"`)
  await writeFile(cases, `Case_ID,channel\n${ids.map((id) => `${id},letter`).join('\n')}\n`)
  const about = ['feedback', 'link', '--service', 'permits']
  const codes = join(server.dir, 'codes')
  const linked = await command(...about, '--cases', cases, '--source', 'register', '--qr', codes, '--json')
  expect([linked.code, linked.stderr]).toEqual([0, ''])
  const made = linked.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Made)
  expect(made.map(({ case_id }) => case_id)).toEqual(ids.map((id) => JSON.parse(id)))
  expect(await readFile(join(codes, '00012.svg'), 'utf8')).toMatch(/^<svg/)

  const [first, second] = [await start(), await start()]
  const sent = await Promise.all(
    made.slice(0, 10).map(async (each) => {
      const both = [first.post(tokenOf(each), '4'), second.post(tokenOf(each), '4')]
      return (await Promise.all(both)).sort()
    }),
  )
  await Promise.all([first.kill('SIGKILL'), second.kill('SIGKILL')])
  expect(sent).toEqual(Array(10).fill([200, 409]))

  const third = await start()
  expect(await third.post(tokenOf(made[0] as Made), '1')).toBe(409)
  const told = async () => {
    const today = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const answer = await fetch(`${third.address}/api/v1/kpis?from=2026-01-01&until=${today}`)
    const { kpis } = (await answer.json()) as {
      kpis: { id: string; stat: { numerator: number; denominator: number } }[]
    }
    const stat = kpis.find(({ id }) => id === 'response_rate')?.stat
    return [stat?.numerator, stat?.denominator]
  }
  await expect.poll(told, { timeout: 60_000, interval: 500 }).toEqual([10, 12])
  await third.kill('SIGTERM')
})
