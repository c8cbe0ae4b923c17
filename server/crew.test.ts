import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isAlive } from '../sql/alive.ts'
import { apart } from './apart.ts'
import { Crew } from './crew.ts'

/** Says who it is; grows by so many megabytes first, or ends instead. */
const text = `
const kept = []
process.on('disconnect', () => process.exit())
process.on('message', ({ megabytes = 0, ends = false, variable }) => {
  if (variable) return process.send({ made: process.env[variable] ?? null })
  if (ends) process.exit(3)
  kept.push(Buffer.alloc(megabytes * 1e6, 1))
  process.send({ made: process.pid })
})`

async function crewOf() {
  const dir = await mkdtemp(join(tmpdir(), 'clearway-crew-'))
  const program = join(dir, 'program.mjs')
  await writeFile(program, text)
  const crew = new Crew()
  onTestFinished(async () => {
    crew.close()
    await rm(dir, { recursive: true })
  })
  const limits = { seconds: 60, megabytes: 2_000 }
  const errorOf = ({ name, message }: { name: string; message: string }) => new Error(`${name}: ${message}`)
  const ask = (asked: object) => apart<number>(program, asked, { what: 'It', limits, crew, errorOf })
  return { crew, ask }
}

test('whose work is done takes the next; two works at once are done by two', async () => {
  const { crew, ask } = await crewOf()
  const first = await ask({})
  expect(await ask({})).toBe(first)
  const both = await Promise.all([ask({}), ask({})])
  expect(new Set(both).size).toBe(2)
  expect(both).toContain(first)
  crew.close()
  for (const pid of both) await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
  const late = await ask({})
  await expect.poll(() => isAlive(late), { timeout: 20_000 }).toBe(false)
})

test('who kept much memory is let go, and who died is replaced', async () => {
  const { ask } = await crewOf()
  const big = await ask({ megabytes: 600 })
  await expect.poll(() => isAlive(big), { timeout: 20_000 }).toBe(false)
  const next = await ask({})
  expect(next).not.toBe(big)
  process.kill(next, 'SIGKILL')
  await expect.poll(() => isAlive(next), { timeout: 20_000 }).toBe(false)
  const other = await ask({})
  expect(other).not.toBe(next)
  await expect(ask({ ends: true })).rejects.toThrow('Ended: The process that made it ended with 3')
  expect(await ask({})).not.toBe(other)
})

test('who works knows no secret of the environment', async () => {
  const { ask } = await crewOf()
  vi.stubEnv('SMTP_URL', 'smtps://office:pass@mail.example')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect([await ask({ variable: 'SMTP_URL' }), await ask({ variable: 'PATH' })]).toEqual([
    null,
    process.env.PATH,
  ])
})
