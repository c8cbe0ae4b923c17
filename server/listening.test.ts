import { expect, test } from 'vitest'
import { close, listen, portOf } from './listening.ts'

test('a server that stops lets running answers finish, takes no more, and hangs up on what never ends', async () => {
  let begin = () => {}
  let finish = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const server = await listen(async (request) => {
    if (new URL(request.url).pathname === '/never') return new Promise<Response>(() => {})
    begin()
    await finished
    return new Response('whole')
  }, 0)
  const address = `http://127.0.0.1:${portOf(server)}`
  const never = fetch(`${address}/never`).catch(() => 'cut')
  const running = fetch(`${address}/slow`)
  await begun
  const stopped = close(server, 1_000)
  await expect(fetch(address)).rejects.toThrow()
  finish()
  expect(await (await running).text()).toBe('whole')
  await stopped
  expect(await never).toBe('cut')
})
