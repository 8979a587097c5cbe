import { expect, test } from 'vitest'
import { deployments, endpointslices, endpoints, pods, services } from '#api/index'
import { isAvailable, startCluster } from '#testing/index'
import { readyAddresses, service, web } from './manifests'

test('a service leads to the pods that are ready, and to no others', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until } = cluster
  const made = await client.apply(service('web'))
  expect(made.spec.clusterIP).toMatch(/^10\.96\./)
  await client.apply(web({ replicas: 2 }))
  await until(deployments, 'web', isAvailable)
  const slice = await until(endpointslices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' }, (found) => (found.endpoints ?? []).filter(({ conditions }) => conditions?.ready).length === 2)
  expect(slice.ports).toEqual([{ name: '', port: 80, protocol: 'TCP' }])
  const addresses = (await client.list(pods, { namespace: 'default' })).items.map(({ status }) => status.podIP!)
  expect((await readyAddresses(client, 'web')).sort()).toEqual(addresses.sort())
  await until(endpoints, 'web', ({ subsets }) => subsets?.[0]?.addresses?.length === 2)

  // A pod with a readiness gate runs, but is not ready before somebody says so.
  await client.apply(web({ name: 'gated', replicas: 0 }))
  const gated = { metadata: { name: 'gated', namespace: 'default', labels: { app: 'web' } }, spec: { readinessGates: [{ conditionType: 'example.com/warm' }], terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'nginx' }] } }
  await client.create(pods, gated)
  const running = await until(pods, 'gated', ({ status }) => status.phase === 'Running')
  await until(endpointslices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' }, (found) => (found.endpoints ?? []).some(({ addresses: [address], conditions }) => address === running.status.podIP && conditions?.ready === false))
  await client.patch(pods, gated.metadata, { status: { conditions: [{ type: 'example.com/warm', status: 'True' }] } }, { type: 'strategic', subresource: 'status' })
  await until(endpointslices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' }, (found) => (found.endpoints ?? []).filter(({ conditions }) => conditions?.ready).length === 3)

  await client.apply(web({ replicas: 0 }))
  await client.delete(pods, gated.metadata)
  await until(endpointslices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' }, (found) => (found.endpoints ?? []).length === 0)
})

test('addresses and node ports are given once, and are free again after deletion', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client, untilGone } = cluster
  const fixed = (name: string) => services.make({ metadata: { name, namespace: 'default' }, spec: { type: 'NodePort', clusterIP: '10.96.7.7', ports: [{ port: 80, nodePort: 30080 }] } })
  await client.create(services, fixed('one'))
  await expect(client.create(services, fixed('two'))).rejects.toThrow('provided IP is already allocated')
  await client.delete(services, { namespace: 'default', name: 'one' })
  await untilGone(services, 'one')
  expect((await client.create(services, fixed('two'))).spec).toMatchObject({ clusterIP: '10.96.7.7', ports: [{ nodePort: 30080 }] })
})
