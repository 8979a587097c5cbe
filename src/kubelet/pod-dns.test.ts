import { expect, test } from 'vitest'
import type { Pod } from '#api/core/v1/types'
import { etcHosts } from './etc-hosts'
import { podDns } from './pod-dns'

const settings = { clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local', resolvConf: 'nameserver 1.1.1.1\nsearch corp.example.\noptions timeout:1\n' }
const podOf = (spec: object): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'ns' }, spec: { containers: [], ...spec }, status: {} }) as unknown as Pod

test('DNS by policy', () => {
  const cluster = { servers: ['10.96.0.10'], searches: ['ns.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example'], options: ['ndots:5'] }
  const host = { servers: ['1.1.1.1'], searches: ['corp.example'], options: ['timeout:1'] }
  expect(podDns(podOf({ dnsPolicy: 'ClusterFirst' }), settings)).toEqual(cluster)
  expect(podDns(podOf({ dnsPolicy: 'ClusterFirst', hostNetwork: true }), settings)).toEqual(host)
  expect(podDns(podOf({ dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }), settings)).toEqual(cluster)
  expect(podDns(podOf({ dnsPolicy: 'Default' }), settings)).toEqual(host)
  expect(podDns(podOf({ dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'], searches: ['a'], options: [{ name: 'ndots', value: '2' }, { name: 'rotate' }] } }), settings)).toEqual({ servers: ['9.9.9.9'], searches: ['a'], options: ['ndots:2', 'rotate'] })
  expect(podDns(podOf({ dnsPolicy: 'ClusterFirst', dnsConfig: { options: [{ name: 'ndots', value: '2' }] } }), settings).options).toEqual(['ndots:2'])
})

test('/etc/hosts names the pod and its aliases', () => {
  const text = etcHosts(podOf({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] }), ['10.0.0.1'], 'web', 'sub.ns.svc.cluster.local', '')
  expect(text).toContain('10.0.0.1\tweb.sub.ns.svc.cluster.local\tweb\n')
  expect(text).toContain('\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n')
})
