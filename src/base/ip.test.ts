import fc from 'fast-check'
import { expect, test } from 'vitest'
import { containsCidr, formatCidr, ipAt, lastOf, overlap, parseCidr, parseCidrStrictly, sizeOf, subnetAt, subnetIndex } from './cidr'
import { formatIp, parseIp } from './ip'

test.each([
  ['10.0.0.1', '10.0.0.1'], ['::', '::'], ['::1', '::1'], ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['fe80::', 'fe80::'], ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'], ['::ffff:1.2.3.4', '1.2.3.4'], ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
])('%s reads as %s', (text, canonical) => {
  expect(formatIp(parseIp(text)!)).toBe(canonical)
})

test.each(['', '1.2.3', '01.2.3.4', '256.0.0.1', '1::2::3', '1:2:3', 'fe80::1%eth0', ':1', '1:2:3:4:5:6:7:8:9', '12345::', '1:2:3:4:5:6:7::8'])(
  '%s is no address', (text) => {
    expect(parseIp(text)).toBeUndefined()
  })

test('what is formatted reads back the same', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
    const ip = { family: 6 as const, value }
    const back = parseIp(formatIp(ip))!
    return back.family === 4 ? value >> 32n === 0xffffn : back.value === value
  }))
})

test('networks', () => {
  const pods = parseCidr('10.244.3.7/16')!
  expect(formatCidr(pods)).toBe('10.244.0.0/16')
  expect(sizeOf(pods)).toBe(65536n)
  expect(formatIp(lastOf(pods))).toBe('10.244.255.255')
  expect(formatIp(ipAt(pods, 10)!)).toBe('10.244.0.10')
  expect(formatIp(ipAt(pods, -1)!)).toBe('10.244.255.255')
  expect(ipAt(pods, 65536)).toBeUndefined()
  expect(formatCidr(subnetAt(pods, 24, 3)!)).toBe('10.244.3.0/24')
  expect(subnetAt(pods, 24, 256)).toBeUndefined()
  expect(subnetIndex(pods, 24, parseIp('10.244.7.9')!)).toBe(7n)
  expect(containsCidr(pods, parseCidr('10.244.3.0/24')!)).toBe(true)
  expect(containsCidr(parseCidr('10.244.3.0/24')!, pods)).toBe(false)
  expect(overlap(pods, parseCidr('10.245.0.0/16')!)).toBe(false)
  expect(parseCidrStrictly('10.244.3.7/16')).toBeUndefined()
  expect(parseCidrStrictly('fd00:10::/64')).toBeDefined()
  expect(parseCidr('10.0.0.0/33')).toBeUndefined()
  expect(formatCidr(subnetAt(parseCidr('fd00::/48')!, 64, 65535)!)).toBe('fd00:0:0:ffff::/64')
})
