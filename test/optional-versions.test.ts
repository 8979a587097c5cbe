// Alpha and beta versions that are off by default, asked for as a whole, and what API servers say of themselves.
import { hostname } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clustertrustbundles, leases, podgroups, servicecidrs, storageversions } from '#api/index'
import { apiServerId } from '#apiserver/identity/api-server-id'
import { systemClock } from '#base/clock'
import { type Cluster, startCluster } from '#cluster/cluster'
import { silent } from '#component-base/log'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { createTestClient } from '#testing/test-client'
import { createUntil } from '#testing/until'

const featureGates = { GenericWorkload: 'true', StorageVersionAPI: 'true', ClusterTrustBundle: 'true' }
const store = openMemoryStore()
let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster({ securePort: 0, sim: 0, runtimeConfig: { 'api/all': 'true' }, featureGates }, { log: silent, clock: systemClock, store })
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
})

test('an object of one version is that of the other, and each manager keeps its fields', async () => {
  const { client } = cluster
  const older = { ...servicecidrs, version: 'v1beta1' }
  const written = await client.apply(older, { metadata: { name: 'more' }, spec: { cidrs: ['10.77.0.0/24'] } }, { fieldManager: 'old' })
  expect(written).toMatchObject({ apiVersion: 'networking.k8s.io/v1beta1', kind: 'ServiceCIDR' })
  expect(await client.get(servicecidrs, { name: 'more' })).toMatchObject({ apiVersion: 'networking.k8s.io/v1', spec: { cidrs: ['10.77.0.0/24'] } })
  await expect(client.apply(servicecidrs, { metadata: { name: 'more', labels: { a: 'b' } }, spec: { cidrs: ['10.78.0.0/24'] } }, { fieldManager: 'new' })).rejects.toThrow('Apply failed with 1 conflict: conflict with "old": .spec.cidrs')
})

test('a group of pods that is deleted goes once nobody needs it', async () => {
  const { client } = cluster
  const made = await client.create(podgroups, { metadata: { namespace: 'default', name: 'g' }, spec: { schedulingPolicy: { basic: {} } } })
  expect(made.metadata.finalizers).toEqual(['scheduling.k8s.io/podgroup-protection'])
  await client.delete(podgroups, { namespace: 'default', name: 'g' })
  await createUntil(createTestClient(client)).untilGone(podgroups, 'g')
})

test('a server says who it is and what it stores, and nobody speaks for one that is gone', async () => {
  const { client } = cluster
  const { until } = createUntil(createTestClient(client))
  const id = apiServerId(hostname())
  const own = await until(leases, { namespace: 'kube-system', name: id }, function isThere() { return true })
  expect(own.metadata.labels).toMatchObject({ 'apiserver.kubernetes.io/identity': 'kube-apiserver' })
  const told = await until(storageversions, 'core.pods', function isTold({ status }) { return status.commonEncodingVersion !== undefined })
  expect(told.status.storageVersions).toMatchObject([{ apiServerID: id, encodingVersion: 'v1' }])
  const dead = { apiServerID: 'apiserver-dead', encodingVersion: 'v0', decodableVersions: ['v0'] }
  const { commonEncodingVersion: _none, ...status } = told.status
  await client.update(storageversions, { ...told, status: { ...status, storageVersions: [...status.storageVersions!, dead] } }, { subresource: 'status' })
  await until(storageversions, 'core.pods', function isMended({ metadata, status: { storageVersions } }) { return metadata.resourceVersion !== told.metadata.resourceVersion && storageVersions!.length === 1 })
})

test('whom to trust for the API server is published', async () => {
  const { untilList } = createUntil(createTestClient(cluster.client))
  const [bundle] = await untilList(clustertrustbundles, {}, function isPublished(all) { return all.length > 0 })
  expect(bundle!.spec).toMatchObject({ signerName: 'kubernetes.io/kube-apiserver-serving', trustBundle: expect.stringContaining('BEGIN CERTIFICATE') as string })
})
