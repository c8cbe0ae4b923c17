#!/usr/bin/env node
// The `clearway` command: builds when the sources changed since the last build, then runs the built command line.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { isBuilt } from './build.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Clearway needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

if (!isBuilt()) {
  console.error('Building Clearway …')
  // In a process of its own: the build's memory is not kept for the time the server runs.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'build.mjs'), '--if-needed'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((resolve) => child.on('exit', (exit) => resolve(exit ?? 1)))
  if (code !== 0) process.exit(code)
}

// Files are waited for by threads: pages that are read do not wait for loads that are settled on the disk.
process.env.UV_THREADPOOL_SIZE ??= '16'
await import('../dist/server/clearway.js')
