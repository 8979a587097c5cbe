import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rulesetOf } from './ruleset'
import type { ServicePort } from './service-ports'
import { changes, wholeTable } from './transaction'

const netns = `navarch-proxy-${process.pid}`
const inside = (command: string[], input = ''): string => execFileSync('ip', ['netns', 'exec', netns, ...command], { input, encoding: 'utf8' })
beforeAll(() => execFileSync('ip', ['netns', 'add', netns]))
afterAll(() => execFileSync('ip', ['netns', 'delete', netns]))

const options = { family: 'IPv4', clusterCIDR: '10.244.0.0/16' } as const
const endpoint = (ip: string) => ({ ip, port: 8080, local: true })
const web: ServicePort = {
  id: 'default/web:http', protocol: 'tcp', port: 80, clusterIPs: ['10.96.0.10'], externalIPs: [], nodePort: 30080, affinitySeconds: 10_800,
  internal: [endpoint('10.244.0.2'), endpoint('10.244.0.3')], external: [endpoint('10.244.0.2'), endpoint('10.244.0.3')], externalLocal: false, anywhere: true,
  sourceRanges: [], healthCheckNodePort: undefined,
}
const dns: ServicePort = { ...web, id: 'kube-system/dns', protocol: 'udp', port: 53, clusterIPs: ['10.96.0.20'], nodePort: undefined, affinitySeconds: undefined, internal: [], external: [], anywhere: false }

test('the kernel takes the whole table, and each step from one ruleset to the next leaves what a whole table would', () => {
  const steps = [[web], [web, dns], [{ ...web, internal: [endpoint('10.244.0.3')], external: [endpoint('10.244.0.3')] }, { ...dns, internal: [endpoint('10.244.0.9')] }], [{ ...dns, externalLocal: true, nodePort: 30053, anywhere: true }], []]
  let before = rulesetOf([], options)
  inside(['nft', '-f', '-'], wholeTable('stepwise', before))
  for (const ports of steps) {
    const next = rulesetOf(ports, options)
    inside(['nft', '-f', '-'], changes('stepwise', before, next))
    inside(['nft', '-f', '-'], wholeTable('whole', next))
    const stepwise = inside(['nft', '-s', 'list', 'table', 'ip', 'stepwise'])
    expect(sorted(stepwise)).toEqual(sorted(inside(['nft', '-s', 'list', 'table', 'ip', 'whole']).replace('table ip whole', 'table ip stepwise')))
    before = next
  }
})

/** The kernel lists chains by age and elements by hash: compare without order. */
const sorted = (listing: string): string[] => listing.split(/\n\t\}|\n\t(?=chain|map|set)/).map((block) => block.split(/[,\n]/).map((line) => line.trim().replace(/^elements = \{ ?| ?\}$/g, '')).sort().join('\n')).sort()
