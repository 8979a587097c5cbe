import { expect, test } from 'vitest'
import type { EndpointSlice } from '#api/discovery/v1/types'
import type { Service } from '#api/core/v1/types'
import { type RecordType, Zone, type ZoneSource } from './zone'

const service = (name: string, spec: Record<string, unknown>): Service => ({ metadata: { namespace: 'shop', name }, spec }) as unknown as Service
const services: Service[] = [
  service('web', { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00::7'], ports: [{ name: 'http', protocol: 'TCP', port: 80 }] }),
  service('db', { clusterIP: 'None', clusterIPs: ['None'], ports: [{ name: 'sql', protocol: 'TCP', port: 5432 }] }),
  service('out', { type: 'ExternalName', externalName: 'example.org' }),
]
const slice = {
  metadata: { namespace: 'shop', name: 'db-1', labels: { 'kubernetes.io/service-name': 'db' } }, addressType: 'IPv4', ports: [{ name: 'sql', protocol: 'TCP', port: 5432 }],
  endpoints: [{ addresses: ['10.244.0.5'], hostname: 'db-0', conditions: { ready: true } }, { addresses: ['10.244.0.6'], conditions: { ready: true } }, { addresses: ['10.244.0.7'], conditions: { ready: false } }],
} as unknown as EndpointSlice

const source: ZoneSource = {
  service: (key) => services.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
  slices: (key) => (key === 'shop/db' ? [slice] : []),
  namespaceExists: (name) => name === 'shop',
  servicesByAddress: (ip) => services.filter(({ spec }) => spec.clusterIPs?.includes(ip)),
  slicesByAddress: (ip) => (slice.endpoints!.some(({ addresses }) => addresses.includes(ip)) ? [slice] : []),
}
const zone = new Zone('cluster.local', source)

test.each<[string, RecordType, unknown]>([
  ['web.shop.svc.cluster.local', 'A', ['10.96.0.7']],
  ['web.shop.svc.cluster.local', 'AAAA', ['fd00::7']],
  ['web.shop.svc.cluster.local', 'TXT', []],
  ['nobody.shop.svc.cluster.local', 'A', 'absent'],
  ['shop.svc.cluster.local', 'A', []],
  ['nowhere.svc.cluster.local', 'A', 'absent'],
  ['db.shop.svc.cluster.local', 'A', ['10.244.0.5', '10.244.0.6']],
  ['db-0.db.shop.svc.cluster.local', 'A', ['10.244.0.5']],
  ['10-244-0-6.db.shop.svc.cluster.local', 'A', ['10.244.0.6']],
  ['db-0.web.shop.svc.cluster.local', 'A', 'absent'],
  ['_http._tcp.web.shop.svc.cluster.local', 'SRV', [{ port: 80, target: 'web.shop.svc.cluster.local', priority: 0, weight: 50 }]],
  ['_sql._tcp.db.shop.svc.cluster.local', 'SRV', [
    { port: 5432, target: 'db-0.db.shop.svc.cluster.local', priority: 0, weight: 50 },
    { port: 5432, target: '10-244-0-6.db.shop.svc.cluster.local', priority: 0, weight: 50 },
  ]],
  ['_sql._udp.db.shop.svc.cluster.local', 'SRV', 'absent'],
  ['out.shop.svc.cluster.local', 'A', ['example.org']],
  ['10-1-2-3.shop.pod.cluster.local', 'A', ['10.1.2.3']],
  ['10-1-2-300.shop.pod.cluster.local', 'A', 'absent'],
  ['dns-version.cluster.local', 'TXT', ['1.1.0']],
])('%s %s', (name, type, expected) => {
  const found = zone.lookup(name, type)
  expect(found === 'absent' ? found : found.records.map(({ data }) => data)).toEqual(expected)
})

test('addresses have names again', () => {
  const names = (question: string) => {
    const found = zone.reverse(question)
    return found && found !== 'absent' ? found.records.map(({ data }) => data) : found
  }
  expect(names('7.0.96.10.in-addr.arpa')).toEqual(['web.shop.svc.cluster.local'])
  expect(names('5.0.244.10.in-addr.arpa')).toEqual(['db-0.db.shop.svc.cluster.local'])
  expect(names('1.1.1.1.in-addr.arpa')).toBeUndefined()
})
