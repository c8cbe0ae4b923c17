import { describe, expect, test } from 'vitest'
import { access } from '../../sql/accessConfig.ts'
import { type ConfigInput, configSchema } from '../../sql/config.ts'
import { readEnv } from '../env.ts'
import { returnPath } from './returnPath.ts'
import { hostOf, providersOf } from './settings.ts'

const issuer = 'https://login.city.example'
const oidc = { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: 'clearway' }
const start = (env: Record<string, string>) => {
  const read = readEnv(env)
  return hostOf(read, providersOf(read, access.parse({})))
}

describe('the environment', () => {
  test('another address than loopback needs people who sign in, and an address they find us at', () => {
    expect(start({})).toBe('127.0.0.1')
    expect(() => start({ HOST: '0.0.0.0' })).toThrow(
      /HOST is 0.0.0.0, and nobody has to sign in: set OIDC_ISSUER/,
    )
    expect(() => start({ HOST: '0.0.0.0', ...oidc })).toThrow(/CLEARWAY_ADDRESS is not set/)
    const whole = { HOST: '0.0.0.0', ...oidc, CLEARWAY_ADDRESS: 'https://clearway.city.example' }
    expect(start(whole)).toBe('0.0.0.0')
  })

  test.each([
    [
      { OIDC_ISSUER: 'http://login.city.example', OIDC_CLIENT_ID: 'c' },
      /OIDC_ISSUER .* http only on this machine/,
    ],
    [{ OIDC_ISSUER: issuer }, /OIDC_CLIENT_ID is not set; it goes with OIDC_ISSUER/],
    [{ CLEARWAY_ADDRESS: 'http://clearway.city.example' }, /CLEARWAY_ADDRESS .* http only on this machine/],
    [{ CLEARWAY_ADDRESS: 'https://city.example/clearway' }, /without a path/],
    [{ CLEARWAY_SECRET_BEFORE: 'hush' }, /CLEARWAY_SECRET_BEFORE is set wrongly/],
  ])('what is wrong is named: %j', (env, says) => {
    expect(() => readEnv(env as Record<string, string>)).toThrow(says)
  })

  test('the provider of the environment comes first, each of the configuration has a secret of its own', () => {
    const read = readEnv({ ...oidc, OIDC_CLIENT_SECRET: 'one', OIDC_STATE_ID_CLIENT_SECRET: 'two' })
    const state = { id: 'state-id', name: 'State', issuer, client_id: 'cw' }
    const providers = providersOf(read, access.parse({ providers: [state] }))
    expect(providers.map(({ id, client_secret }) => [id, client_secret])).toEqual([
      ['oidc', 'one'],
      ['state-id', 'two'],
    ])
  })
})

test.each<[what: string, wrong: ConfigInput['access'], path: string, says: RegExp]>([
  [
    'an unknown department',
    { groups: [{ group: 'g', role: 'viewer', department: ['moon'] }] },
    'groups.0.department',
    /"moon" is not declared under departments/,
  ],
  [
    'an unknown provider',
    { groups: [{ provider: 'state', group: 'g', role: 'viewer' }] },
    'groups.0.provider',
    /"state" is not declared under access.providers/,
  ],
  [
    'a role of programs',
    { groups: [{ group: 'g', role: 'ingest' as 'viewer' }] },
    'groups.0.role',
    /must be a role of people/,
  ],
  [
    'an id of ours',
    { providers: [{ id: 'machine', name: 'M', issuer, client_id: 'c' }] },
    'providers.0.id',
    /must be none of oidc, once, machine/,
  ],
  [
    'an issuer that others can listen to',
    { providers: [{ id: 'p', name: 'P', issuer: 'http://p.example', client_id: 'c' }] },
    'providers.0.issuer',
    /http only on this machine/,
  ],
])('rules with %s are refused by name', (_, wrong, path, says) => {
  const config = { jurisdiction: { name: 'Town', time_zone: 'UTC' }, access: wrong }
  const issues = configSchema.safeParse(config).error?.issues ?? []
  expect(issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
    [`access.${path}`, expect.stringMatching(says)],
  ])
})

test.each([
  ['/services/permits?compare=year#top', '/services/permits?compare=year#top'],
  ['https://evil.example/', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/services/..//evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/services\r\nSet-Cookie: a=b', '/'],
  ['javascript:alert(1)', '/'],
  ['services', '/'],
  ['/sign-in/oidc', '/'],
  ['/x/../sign-out', '/'],
  [`/${'a'.repeat(2_000)}`, '/'],
  [undefined, '/'],
])('after the sign-in %j leads to %s', (given, to) => {
  expect(returnPath(given)).toBe(to)
})
