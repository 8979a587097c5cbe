import { expect, test } from 'vitest'
import { storageversions } from '#api/apiserverinternal/v1alpha1/storage-version'
import { leases } from '#api/coordination/v1/lease'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { featureGates } from '#component-base/feature-gates'
import { silent } from '#component-base/log'
import { startTestServer } from '../testing/test-server'
import { apiServerId } from './api-server-id'
import { startIdentity } from './identity'

const address = { address: '192.0.2.2', port: 6443 }
/** As kube-apiserver v1.36 called itself on a machine of that name. */
const id = 'apiserver-wlv32tlttr4jl3gtroqexyxapa'

test('a server is called as the original calls itself on that host', () => expect(apiServerId('vm')).toBe(id))

test('keeps a lease while it lives, renews it, and takes away those that expired', async () => {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const lease = (name: string, seconds: number, labels: object = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' }) =>
    api.seed(leases, { metadata: { namespace: 'kube-system', name, uid: name, labels }, spec: { renewTime: new Date(clock.now() - seconds * 1000).toISOString(), leaseDurationSeconds: 3600 } })
  lease('apiserver-dead', 3601)
  lease('apiserver-living', 3599)
  lease('apiserver-other', 9999, {})
  lease(id, 5)
  const names = () => api.all(leases).map(({ metadata }) => metadata.name).toSorted()
  const identity = startIdentity({ client: createClient(api), kinds: { [Symbol.iterator]: () => [][Symbol.iterator]() } as never, gates: featureGates('test'), clock, log: silent, address, hostname: 'vm' })
  await clock.settle()
  expect(names()).toEqual(['apiserver-living', 'apiserver-other', id].toSorted())
  const first = api.read(leases, `kube-system/${id}`)!
  expect(first).toMatchObject({
    metadata: { labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': 'vm' }, annotations: { 'kubernetes.io/peer-advertise-address': '192.0.2.2:6443' } },
    spec: { leaseDurationSeconds: 3600, holderIdentity: expect.stringMatching(`^${id}_[0-9a-f-]{36}$`) as string },
  })
  await clock.advance(10_000)
  expect(Date.parse(api.read(leases, `kube-system/${id}`)!.spec.renewTime!) - Date.parse(first.spec.renewTime!)).toBe(10_000)
  api.vanish(leases, `kube-system/${id}`)
  await clock.advance(20_000)
  expect(names()).toContain(id)
  await clock.advance(3_600_000)
  expect(names()).toEqual(['apiserver-other', id].toSorted())
  await identity[Symbol.asyncDispose]()
  expect(names()).toEqual(['apiserver-other'])
})

test('writes down its storage versions beside those of others, where the gate says so', async () => {
  const gates = featureGates('test', { StorageVersionAPI: 'true' })
  await using server = await startTestServer({ gates })
  const { client } = server
  const name = 'autoscaling.horizontalpodautoscalers'
  const other = { apiServerID: 'apiserver-other', encodingVersion: 'autoscaling/v1', decodableVersions: ['autoscaling/v1'], servedVersions: ['autoscaling/v1'] }
  const made = await client.create(storageversions, { metadata: { name }, spec: {} })
  await client.update(storageversions, { ...made, status: { storageVersions: [other], commonEncodingVersion: 'autoscaling/v1' } }, { subresource: 'status' })
  const clock = createFakeClock()
  const identity = startIdentity({ client, kinds: server.server.registry.kinds, gates, clock, log: silent, address, hostname: 'vm' })
  const told = async (of: string) => (await client.list(storageversions)).items.find(({ metadata }) => metadata.name === of)?.status
  while (!(await told('storage.k8s.io.volumeattributesclasses'))?.conditions) await server.flushed()
  expect(await told('core.pods')).toMatchObject({
    storageVersions: [{ apiServerID: id, encodingVersion: 'v1', decodableVersions: ['v1'], servedVersions: ['v1'] }], commonEncodingVersion: 'v1',
    conditions: [{ type: 'AllEncodingVersionsEqual', status: 'True', reason: 'CommonEncodingVersionSet', message: 'Common encoding version set' }],
  })
  const mixed = await told(name)
  expect(mixed).toMatchObject({ storageVersions: [other, { apiServerID: id, encodingVersion: 'autoscaling/v2', decodableVersions: ['autoscaling/v2', 'autoscaling/v1'] }], conditions: [{ status: 'False', reason: 'CommonEncodingVersionUnset' }] })
  expect(mixed!.commonEncodingVersion).toBeUndefined()
  await identity[Symbol.asyncDispose]()
})
