import { readEnv } from '../../env.ts'
import { openPostman } from './openPostman.ts'
import { deliverySettings } from './settings.ts'

/** A server that does nothing but employ a postman, for tests that kill it: `testSender.ts <data folder> <program>`. */
const [, , dataDir = '', program = ''] = process.argv
await openPostman({
  ...{ dataDir, program, settings: deliverySettings(readEnv(process.env), dataDir) },
  log: { warn: (...words: unknown[]) => process.stderr.write(`${JSON.stringify(words)}\n`) },
})
// it stays, as a server does
setInterval(() => {}, 1 << 30)
