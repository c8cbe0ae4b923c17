/**
 * The embedded engine: a process of its own that opens the data folder and answers ClickHouse's HTTP interface on
 * loopback. Started by `start.ts` with the data folder and the port it had before (0: any); ends by itself when the last
 * process that uses it has gone.
 */
import { rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setPriority } from 'node:os'
import { makeFolders, pathsOf, readAddress, readKey, writeAddress } from './files.ts'
import { createEngineServer, runningTag } from './http.ts'

giveWay()

const [, , dataDir = '', preferred = '0'] = process.argv
const paths = pathsOf(dataDir)
const firstLeaseWithin = 15_000
const afterLastLease = 300
const longestStop = 5_000

/** Understood by `start.ts`: chDB is not there at all, or it cannot open the folder (the reason is on stderr). */
const exits = { noEngine: 70, cannotOpen: 71 }

const { Sessions } = await import('./sessions.ts').catch((error: unknown) => quit(exits.noEngine, error))
makeFolders(paths)
const sessions = open()
await sessions.sweep()
const { Spool } = await import('./spool.ts')

const leases = new Set<ServerResponse>()
let idle = setTimeout(stop, firstLeaseWithin)
let stopping = false

const server = createEngineServer(sessions, new Spool(paths.spool), readKey(paths), {
  add(response) {
    leases.add(response)
    clearTimeout(idle)
    response.on('close', () => {
      leases.delete(response)
      if (leases.size > 0) return
      clearTimeout(idle)
      idle = setTimeout(stop, afterLastLease)
    })
    response.flushHeaders()
  },
})

server.on('error', () => server.listen(0, '127.0.0.1'))
server.once('listening', announce)
server.listen(Number(preferred), '127.0.0.1')
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

function open() {
  try {
    return new Sessions(paths.store, paths.backups)
  } catch (error) {
    return quit(exits.cannotOpen, error)
  }
}

function announce(): void {
  const { port } = server.address() as AddressInfo
  writeAddress(paths, { pid: process.pid, port, started: new Date().toISOString() })
  process.send?.('ready', () => process.disconnect())
}

/** Stops answering, ends running statements, closes the engine. Data that was acknowledged is on disk already. */
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), longestStop)
  if (readAddress(paths)?.pid === process.pid) rmSync(paths.address, { force: true })
  server.close()
  server.closeAllConnections()
  await sessions.close(runningTag)
  process.exit(0)
}

function quit(code: number, error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(code)
}

/** Its threads, which come later, take what the server leaves: pages are answered at once also while it reckons. */
function giveWay(): void {
  setPriority(0, 5)
  try {
    // Linux shares the processor out between sessions before threads (sched(7), autogroups); the engine leads one of its own
    writeFileSync('/proc/self/autogroup', '5', { flag: 'r+' })
  } catch {
    // another system, or one that lets nobody say so
  }
}
