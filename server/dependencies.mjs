// Looks at the packages that run in production: licences that a city may use, and known weaknesses. Part of "npm run check".
// Licences are read from package-lock.json. Weaknesses are asked from the registry; where it does not answer, that is said and passes:
// a machine without a network can still check, and the next one with a network tells.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const mayBe =
  /^(MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|MPL-2\.0|Unlicense|CC0-1\.0|BlueOak-1\.0\.0|OFL-1\.1|MIT AND OFL-1\.1)$/

/** Packages whose lock file names no licence, read by a person. */
const read = {
  'dejavu-fonts-ttf': 'Bitstream Vera and public domain, free to use and to embed',
  '@chdb/lib-darwin-arm64': 'Apache-2.0',
  '@chdb/lib-darwin-x64': 'Apache-2.0',
  '@chdb/lib-linux-arm64-gnu': 'Apache-2.0',
  buildcheck: 'MIT',
  'cpu-features': 'MIT',
  ssh2: 'MIT',
}

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const inProduction = Object.entries(packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  .map(([path, { license }]) => ({ name: path.replace(/^.*node_modules\//, ''), license }))
const unread = inProduction.filter(({ name, license }) => !mayBe.test(license ?? '') && !(name in read))
for (const { name, license } of unread)
  console.error(
    `${name} has the licence "${license ?? 'none named'}": read it, and name it in server/dependencies.mjs.`,
  )

const asked = spawnSync(
  'npm',
  ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
const weak = weaknesses(asked.stdout)
for (const { name, severity, range } of weak ?? [])
  console.error(
    `${name} ${range} has a known weakness (${severity}): npm audit --omit=dev tells which, npm audit fix may mend it.`,
  )
const audit = weak
  ? `${weak.length} with a weakness that is high or critical`
  : 'weaknesses not known: the registry did not answer'
console.log(
  `${inProduction.length} packages in production, ${unread.length} with a licence nobody read; ${audit}.`,
)
process.exit(unread.length + (weak?.length ?? 0) > 0 ? 1 : 0)

/** Those that are high or critical; null when nobody answered. */
function weaknesses(text) {
  try {
    const { vulnerabilities } = JSON.parse(text)
    return Object.values(vulnerabilities).filter(({ severity }) => ['high', 'critical'].includes(severity))
  } catch {
    return null
  }
}
