import { expect, test } from 'vitest'
import { endpoints, endpointslices, servicecidrs, services, type EndpointSlice } from '#api/index'
import { serve } from './cluster'
import { expectDiscovered } from './discovered'
import { follow } from './follow'
import { liveStatus } from './lifecycle'

const served = serve()
const kubernetes = { namespace: 'default', name: 'kubernetes' }
const ofService = (namespace: string, name: string) => ({ namespace, labelSelector: `kubernetes.io/service-name=${name}` })

test('[sig-network] API Server should provide secure master service', async () => {
  const { spec } = await served.client.get(services, kubernetes)
  expect(spec.ports).toMatchObject([{ name: 'https', port: 443, protocol: 'TCP' }])
})

test('[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server', async () => {
  const { client, cluster } = served
  const { subsets } = await cluster.until(endpoints, kubernetes, ({ subsets }) => (subsets?.length ?? 0) > 0)
  const [slice, ...others] = await cluster.untilList(endpointslices, ofService('default', 'kubernetes'), (all) => all.some((one) => (one.endpoints?.length ?? 0) > 0))
  expect(others).toEqual([])
  expect(slice!.endpoints!.flatMap(({ addresses }) => addresses)).toEqual(subsets![0]!.addresses!.map(({ ip }) => ip))
  expect(slice!.ports).toMatchObject([{ name: 'https', port: subsets![0]!.ports![0]!.port }])
  expect((await client.get(endpoints, kubernetes)).metadata.name).toBe('kubernetes')
})

/** A service whose selector no pod meets. */
async function lonely(): Promise<{ namespace: string; name: string }> {
  const name = { namespace: await served.namespace(), name: 'lonely' }
  await served.client.create(services, { metadata: name, spec: { selector: { nobody: 'has-this' }, ports: [{ port: 80 }] } })
  return name
}

test('[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods', async () => {
  const { client, cluster } = served
  const name = await lonely()
  expect((await cluster.until(endpoints, name, () => true)).subsets ?? []).toEqual([])
  await client.delete(services, name)
  await cluster.untilGone(endpoints, name)
})

test('[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods', async () => {
  const { client, cluster } = served
  const name = await lonely()
  const scope = ofService(name.namespace, name.name)
  const [slice] = await cluster.untilList(endpointslices, scope, (all) => all.length === 1)
  expect(slice!.endpoints ?? []).toEqual([])
  await client.delete(services, name)
  await cluster.untilGone(endpointslices, scope)
})

test('[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete', async () => {
  const { client, cluster } = served
  const name = { namespace: await served.namespace(), name: 'custom' }
  await client.create(services, { metadata: name, spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } })
  const subsets = (ip: string) => [{ addresses: [{ ip }], ports: [{ name: 'http', port: 80, protocol: 'TCP' as const }] }]
  const scope = ofService(name.namespace, name.name)
  const isMirrored = async (ip: string): Promise<EndpointSlice> => (await cluster.untilList(endpointslices, scope, function isMirrored(all) { return all.length === 1 && all[0]!.endpoints?.[0]?.addresses[0] === ip }))[0]!
  await client.create(endpoints, { metadata: name, subsets: subsets('10.1.2.3') })
  const slice = await isMirrored('10.1.2.3')
  expect(slice).toMatchObject({ ports: [{ name: 'http', port: 80 }], metadata: { labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' } } })
  await client.patch(endpoints, name, { subsets: subsets('10.2.3.4') }, { type: 'merge' })
  await isMirrored('10.2.3.4')
  await client.delete(endpoints, name)
  await cluster.untilGone(endpointslices, scope)
})

test('[sig-network] Services should find a service from listing all namespaces', async () => {
  const found = (await served.client.list(services)).items.filter(({ metadata }) => metadata.name === 'kubernetes')
  expect(found.map(({ metadata }) => metadata.namespace)).toEqual(['default'])
})

test('[sig-network] Services should delete a collection of services', async () => {
  const { client } = served
  const namespace = await served.namespace()
  for (const name of ['a', 'b', 'keep']) await client.create(services, { metadata: { namespace, name, labels: { go: name === 'keep' ? 'no' : 'yes' } }, spec: { ports: [{ port: 80 }] } })
  expect((await client.list(services, { namespace })).items).toHaveLength(3)
  await client.deleteCollection(services, { namespace, labelSelector: 'go=yes' })
  expect((await client.list(services, { namespace })).items.map(({ metadata }) => metadata.name)).toEqual(['keep'])
})

test('[sig-network] Services should complete a service status lifecycle', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const name = { namespace, name: 'web' }
  await using watch = follow(client, services, { namespace, resourceVersion: (await client.list(services, { namespace })).metadata.resourceVersion })
  await client.create(services, { metadata: name, spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }] } })
  await watch.saw('ADDED', 'web')
  expect((await client.get(services, name, { subresource: 'status' })).status.loadBalancer).toEqual({})
  await liveStatus(served, services, name, { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] }, conditions: [{ type: 'Twin', status: 'True', reason: 'Test', message: 'said by a test', lastTransitionTime: '2026-01-02T03:04:05Z' }] } })
  await client.patch(services, name, { metadata: { labels: { patched: 'yes' } } }, { type: 'strategic' })
  await watch.saw('MODIFIED', 'web', ({ metadata }) => metadata.labels?.patched === 'yes')
  await client.delete(services, name)
  await watch.saw('DELETED', 'web')
})

test('[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations', async () => {
  const { client } = served
  await expectDiscovered(served, servicecidrs)
  const own = await client.get(servicecidrs, { name: 'kubernetes' })
  expect(await client.get(servicecidrs, { name: 'kubernetes' }, { subresource: 'status' })).toMatchObject({ kind: 'ServiceCIDR', metadata: { uid: own.metadata.uid } })
  expect((await client.list(servicecidrs)).items.map(({ metadata }) => metadata.name)).toContain('kubernetes')
  await using watch = follow(client, servicecidrs)
  await watch.saw('ADDED', 'kubernetes')
})
