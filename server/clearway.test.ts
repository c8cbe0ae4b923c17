import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import buildOnce from './buildOnce.ts'

/** The command line as people meet it: the built command, its exit code, and what it prints. */

let dir = ''
beforeAll(async () => {
  buildOnce()
  dir = await mkdtemp(join(tmpdir(), 'clearway-cli-'))
}, 180_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

const launch = (args: string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [join(import.meta.dirname, 'launch.mjs'), ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH, CLEARWAY_DATA: join(dir, 'data'), ...env },
  })

async function run(args: string[], env: Record<string, string> = {}) {
  const child = launch(args, env)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, stdout, stderr }
}

const sentences = (text: string) => text.trim().split('\n')

test('a reader who stops reading, as head does, is no failure', async () => {
  const child = launch(['release', '--help'])
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  expect([code, stderr]).toEqual([0, ''])
})

describe('wrong usage ends with 2 and says what is possible', () => {
  test.each([
    ['no command', [], 'Usage: clearway'],
    ['an unknown command', ['srve'], 'serve'],
    ['an unknown option', ['serve', '--prot', '1'], '--port'],
    ['a port that is none', ['serve', '--port', 'http'], '8080'],
    ['a missing argument', ['ingest', '--mapping', 'xes'], 'file'],
    ['a missing mapping', ['ingest', 'x.csv'], '--mapping'],
    ['a month that is none', ['release', 'build', '--month', 'June'], '2026-06'],
    ['a withdrawal without a reason', ['release', 'withdraw', '2026-06'], '--reason'],
    ['a restore of nothing', ['restore'], 'file'],
    ['an unknown stream', ['ingest', 'x.csv', '--mapping', 'xes', '--stream', 'events'], 'case_events'],
  ])('%s', async (_what, args, says) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toContain(says)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test.each([
    [['--help']],
    [['serve', '--help']],
    [['demo', '--help']],
    [['ingest', '--help']],
    [['migrate', '--help']],
    [['check', '--help']],
    [['backup', '--help']],
    [['key', '--help']],
    [['key', 'create', '--help']],
    [['release', '--help']],
    [['release', 'build', '--help']],
    [['release', 'approve', '--help']],
  ])('%s is no mistake', async (args) => {
    const { code, stdout } = await run(args)
    expect(stdout).toContain('Usage: clearway')
    expect(code).toBe(0)
  })
})

describe('a failure ends with 1 and one sentence, without a stack', () => {
  const failure = async (args: string[], env: Record<string, string> = {}) => {
    const { code, stderr } = await run(args, env)
    expect(code).toBe(1)
    expect(sentences(stderr)).toHaveLength(1)
    return stderr
  }

  test('a wrong environment variable is named', async () => {
    expect(await failure(['serve'], { PORT: 'eighty' })).toContain('PORT is "eighty"; it must be a number')
  })

  test('a server that does not answer is named', async () => {
    expect(await failure(['migrate'], { CLICKHOUSE_URL: 'http://127.0.0.1:9' })).toContain('CLICKHOUSE_URL')
  })

  test('a port in use is named before any work is done', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await failure(['serve', '--port', String(port)])).toContain(`Port ${port} is in use`)
    await new Promise((resolve) => other.close(resolve))
  })

  test('a configuration that does not fit is named with the place', async () => {
    const data = await mkdtemp(join(dir, 'config-'))
    await writeFile(
      join(data, 'clearway.config.json'),
      JSON.stringify({ jurisdiction: { name: 'A', time_zone: 'Mars' } }),
    )
    const stderr = await failure(['serve', '--port', '0', '--data', data])
    expect(stderr).toContain('clearway.config.json: jurisdiction.time_zone')
  })

  test.each([
    ['a file that is not there', 'nowhere.csv', 'clearway', 'nowhere.csv'],
    ['a mapping that is not there', 'rows.csv', 'nothing', 'nothing'],
    ['a file with other columns', 'rows.csv', 'xes', ''],
  ])('%s', async (_what, file, mapping, says) => {
    await writeFile(join(dir, 'rows.csv'), 'a,b\n1,2\n')
    expect(await failure(['ingest', join(dir, file), '--mapping', mapping])).toContain(says)
  })
})

describe('the way through', () => {
  const rows = [
    'case_id,event_id,service,activity,time',
    'A-1,1,permits,received,2026-05-04T08:00:00Z',
    'A-1,2,permits,decided,2026-05-06T08:00:00Z',
  ].join('\n')

  test('a file is loaded, the tables agree with the ledger, and the server that runs meanwhile shows it', async () => {
    const data = await mkdtemp(join(dir, 'way-'))
    const config = {
      jurisdiction: { name: 'Town', time_zone: 'UTC' },
      services: [{ id: 'permits', name: 'Permits', closes: 'last_event' }],
    }
    await writeFile(join(data, 'clearway.config.json'), JSON.stringify(config))
    await writeFile(join(dir, 'events.csv'), `${rows}\n`)

    const server = launch(['serve', '--port', '0', '--data', data])
    const ended = new Promise<number | null>((resolve) => server.on('close', resolve))
    let said = ''
    const address = await new Promise<string>((resolve, reject) => {
      server.stdout.on('data', (chunk) => {
        said += chunk
        const [found] = /http:\/\/localhost:\d+/.exec(String(chunk)) ?? []
        if (found) resolve(found.replace('localhost', '127.0.0.1'))
      })
      void ended.then(() => reject(new Error('The server ended.')))
    })
    const before = await (await fetch(`${address}/readyz`)).json()
    expect(before).toMatchObject({ status: 'ready', missing: ['data'] })
    await expect
      .poll(() => said)
      .toMatch(
        /^Clearway is at .+\n(.+\n)?Sign in once on this machine: http:\/\/localhost:\d+\/sign-in\/once\/[\w-]{43}\n$/,
      )

    const ingest = [
      'ingest',
      join(dir, 'events.csv'),
      '--mapping',
      'clearway',
      '--source',
      'town',
      '--data',
      data,
      '--json',
    ]
    const first = await run(ingest)
    expect(first.stderr.split('\n').filter((line) => line.includes('wrong'))).toEqual([])
    expect(JSON.parse(sentences(first.stdout).at(-1) ?? '')).toMatchObject({
      source: 'town',
      read: 2,
      accepted: 2,
      rejected: 0,
      duplicates: 0,
      corrected: 0,
    })
    const again = await run(ingest)
    expect(JSON.parse(sentences(again.stdout).at(-1) ?? '')).toMatchObject({ accepted: 0, duplicates: 2 })
    expect(await run(['check', '--data', data])).toEqual({
      code: 0,
      stdout: 'The ledger and the tables agree.\n',
      stderr: '',
    })
    expect(await (await fetch(`${address}/readyz`)).json()).toMatchObject({ status: 'ready', missing: [] })

    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})
