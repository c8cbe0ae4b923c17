import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Browser journeys read the built app: one build for all of them, as outside the tests. */
export default function buildOnce() {
  execFileSync(process.execPath, [join(import.meta.dirname, 'build.mjs'), '--if-needed'], {
    stdio: 'inherit',
    env: { ...process.env, VITEST: undefined },
  })
}
