import { expect, test } from 'vitest'
import { masqueradeRules } from './masquerade'

test('pods keep their address inside the cluster and get the node\'s outside; what was there is replaced', () => {
  const rules = masqueradeRules('10.244.3.0/24', ['10.244.0.0/16', 'fd00:10::/56'])
  expect(rules).toContain('ip saddr 10.244.3.0/24 ip daddr != { 10.244.0.0/16, 224.0.0.0/4 } masquerade fully-random')
  expect(rules.split('\n').slice(0, 2)).toEqual(['table ip navarch-pods', 'delete table ip navarch-pods'])
  expect(masqueradeRules('fd00:10::/64', ['10.244.0.0/16'])).toContain('ip6 saddr fd00:10::/64 ip6 daddr != { fd00:10::/64, ff00::/8 } masquerade')
})
