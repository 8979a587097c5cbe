import { expect, test } from 'vitest'
import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import { services } from '#api/core/v1/service'
import { ipaddresses } from '#api/networking/v1/ip-address'
import { isNotFound } from '#apimachinery/api-error'
import { startTestServer } from '../testing/test-server'

const inDefault = (name: string) => ({ namespace: 'default', name })
const pod = (name: string) => ({ metadata: inDefault(name), spec: { containers: [{ name: 'c', image: 'nginx' }] } })

test('a new cluster has its namespaces and the kubernetes service', async () => {
  await using server = await startTestServer()
  const { items } = await server.client.list(namespaces)
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system'])
  expect((await server.client.get(services, inDefault('kubernetes'))).spec.clusterIP).toBe('10.96.0.1')
})

test('a binding gives a pod its node once', async () => {
  await using server = await startTestServer()
  const { client } = server
  await client.create(pods, pod('p'))
  const binding = { target: { kind: 'Node', name: 'n1' } }
  await client.subresource(pods, inDefault('p'), 'binding', 'POST', binding)
  const bound = await client.get(pods, inDefault('p'))
  expect(bound.spec.nodeName).toBe('n1')
  expect(bound.status.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'True' }))
  await expect(client.subresource(pods, inDefault('p'), 'binding', 'POST', { target: { kind: 'Node', name: 'n2' } })).rejects.toThrow('pod p is already assigned to node "n1"')
})

test('an eviction deletes a pod that no budget protects', async () => {
  await using server = await startTestServer()
  const { client } = server
  await client.create(pods, pod('p'))
  await client.subresource(pods, inDefault('p'), 'eviction', 'POST', { metadata: inDefault('p') })
  await expect(client.get(pods, inDefault('p'))).rejects.toSatisfy(isNotFound)
})

test('a pod that is evicted says that it is not its own fault', async () => {
  await using server = await startTestServer()
  const { client } = server
  await client.create(pods, { ...pod('p'), metadata: { ...inDefault('p'), finalizers: ['example.com/held'] } })
  await client.subresource(pods, inDefault('p'), 'eviction', 'POST', { metadata: inDefault('p') })
  const { metadata, status } = await client.get(pods, inDefault('p'))
  expect(metadata.deletionTimestamp).toBeDefined()
  expect(status.conditions).toMatchObject([{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }])
})

test('services get addresses and node ports with the write, and give them back', async () => {
  await using server = await startTestServer({}, { serviceClusterIpRange: '10.0.0.0/28', serviceNodePortRange: { first: 30000, last: 30001 } })
  const { client } = server
  const web = await client.create(services, { metadata: inDefault('web'), spec: { type: 'NodePort', selector: { a: 'b' }, ports: [{ port: 80, targetPort: 80 }] } })
  const { clusterIP } = web.spec
  expect(web.spec).toMatchObject({ clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
  expect([30000, 30001]).toContain(web.spec.ports![0]!.nodePort)
  expect((await client.get(ipaddresses, { name: clusterIP! })).spec.parentRef).toMatchObject({ resource: 'services', namespace: 'default', name: 'web' })

  await expect(client.create(services, { metadata: inDefault('other'), spec: { clusterIP: clusterIP!, ports: [{ port: 80 }] } })).rejects.toThrow('provided IP is already allocated')
  const same = await client.update(services, { metadata: inDefault('web'), spec: { type: 'ClusterIP', selector: { a: 'b' }, ports: [{ port: 80 }] } })
  expect(same.spec.clusterIP).toBe(clusterIP)
  expect(same.spec.ports![0]!.nodePort).toBeUndefined()
  await client.delete(services, inDefault('web'))
  await expect(client.get(ipaddresses, { name: clusterIP! })).rejects.toSatisfy(isNotFound)
  for (const name of ['x', 'y']) await client.create(services, { metadata: inDefault(name), spec: { type: 'NodePort', ports: [{ port: 80 }] } })
  await expect(client.create(services, { metadata: inDefault('z'), spec: { type: 'NodePort', ports: [{ port: 80 }] } })).rejects.toThrow('range is full')
})

test('a namespace waits for its finalizer', async () => {
  await using server = await startTestServer()
  const { client } = server
  await client.create(namespaces, { metadata: { name: 'ns' } })
  await client.delete(namespaces, { name: 'ns' })
  const leaving = await client.get(namespaces, { name: 'ns' })
  expect(leaving.status.phase).toBe('Terminating')
  expect(leaving.metadata.deletionTimestamp).toBeDefined()
  await client.subresource(namespaces, { name: 'ns' }, 'finalize', 'PUT', { ...structuredClone(leaving), spec: {} })
  await expect(client.get(namespaces, { name: 'ns' })).rejects.toSatisfy(isNotFound)
})
