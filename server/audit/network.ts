import { isIP } from 'node:net'

/** The network of an address: 24 bits of version 4, 48 of version 6. It tells an office from the world, and no machine from another. */
export function networkOf(address = ''): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIP(plain) === 4) return `${plain.split('.').slice(0, 3).join('.')}.0/24`
  if (isIP(plain) !== 6) return ''
  const [head = '', tail] = plain.split('::')
  const blocks = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - blocks.length - behind.length)
  const [a, b, c] = [...blocks, ...Array<string>(zeros).fill('0'), ...behind]
  return `${a}:${b}:${c}::/48`
}
