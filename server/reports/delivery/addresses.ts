import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Addresses nobody can send a report to: this network's own wiring, and where clouds keep their machines' passwords. */
const never = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['224.0.0.0', 3],
] as const)
  never.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  // an IPv4 address in other words, by which the ones above could be reached
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const)
  never.addSubnet(net, bits, 'ipv6')

/** Addresses inside of an office: reached only by names that the configuration allows. */
const inside = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const)
  inside.addSubnet(net, bits, 'ipv4')
inside.addAddress('::1', 'ipv6')
inside.addSubnet('fc00::', 7, 'ipv6')

export class ForbiddenAddressError extends Error {
  override name = 'ForbiddenAddressError'
}

/** Throws when a report may not go to this address. `inner`: the office allows its own network for this name. */
export function checkAddress(address: string, inner: boolean): void {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (never.check(address, family))
    throw new ForbiddenAddressError(`The address ${address} is none that reports are sent to.`)
  if (!inner && inside.check(address, family))
    throw new ForbiddenAddressError(
      `The address ${address} is inside of this network: name its host in WEBHOOK_PRIVATE_HOSTS to allow it.`,
    )
}

/** Looks a name up as always, and checks each address before anything is sent to it: a name may mean another one each time. */
export const checkedLookup =
  (inner: boolean): LookupFunction =>
  (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '')
      try {
        for (const { address } of found) checkAddress(address, inner)
      } catch (forbidden) {
        return done(forbidden as Error, '')
      }
      if (options.all) return done(null, found)
      const [first] = found
      return done(null, first?.address ?? '', first?.family)
    })
