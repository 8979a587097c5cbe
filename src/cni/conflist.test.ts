import { expect, test } from 'vitest'
import { conflistOf } from './conflist'

test('a node gets a bridge with addresses of its range, and host ports', () => {
  const config = JSON.parse(conflistOf({ podCIDR: '10.244.3.0/24', bridge: 'cni0', ipamDir: '/var/lib/cni', mtu: 1450 })) as { plugins: Record<string, unknown>[] }
  expect(config.plugins.map((plugin) => plugin.type)).toEqual(['bridge', 'portmap'])
  expect(config.plugins[0]).toMatchObject({ hairpinMode: true, ipMasq: false, mtu: 1450, ipam: { ranges: [[{ subnet: '10.244.3.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] } })
})
