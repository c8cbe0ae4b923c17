import { BlockList, isIP } from 'node:net'

const network = /^([\da-fA-F.:]+)(?:\/(\d{1,3}))?$/

/** Proxies in front of this server: only their word is believed on who asks. */
export class Proxies {
  readonly #trusted = new BlockList()

  /** Addresses and networks with commas between them. Throws where one is none. */
  constructor(list = '127.0.0.0/8, ::1') {
    for (const each of list.split(',').map((one) => one.trim())) {
      const [, address = '', bits] = network.exec(each) ?? []
      const version = isIP(address)
      if (version === 0) throw new Error(`"${each}" is no address and no network.`)
      this.#trusted.addSubnet(
        address,
        Number(bits ?? (version === 6 ? 128 : 32)),
        version === 6 ? 'ipv6' : 'ipv4',
      )
    }
  }

  /**
   * Who asks: the last address on the way that is no proxy of ours. What stands left of it in X-Forwarded-For anybody can have written.
   * `remote` is undefined where there is no connection, as within the process.
   */
  clientOf(remote: string | undefined, forwardedFor = ''): string | undefined {
    if (remote !== undefined && !this.#trusts(remote)) return remote
    const way = forwardedFor
      .split(',')
      .map((hop) => hop.trim().slice(0, 64))
      .filter((hop) => hop !== '')
    return way.findLast((hop) => !this.#trusts(hop)) ?? way[0] ?? remote
  }

  #trusts(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Whether these are addresses and networks. */
export function areNetworks(list: string): boolean {
  try {
    return new Proxies(list) !== undefined
  } catch {
    return false
  }
}
