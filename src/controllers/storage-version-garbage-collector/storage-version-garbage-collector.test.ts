import { expect, test } from 'vitest'
import { storageversions } from '#api/apiserverinternal/v1alpha1/storage-version'
import { leases } from '#api/coordination/v1/lease'
import { createTestBed } from '#controller-runtime/test-bed'
import { storageVersionGarbageCollector } from './storage-version-garbage-collector'

test('servers whose lease is gone are taken out, and a StorageVersion that nobody is left in goes', async () => {
  await using bed = createTestBed()
  const lease = (name: string, labels: object) => bed.api.seed(leases, { metadata: { namespace: 'kube-system', name, uid: name, labels }, spec: {} })
  const version = (name: string, ...servers: [id: string, version: string][]) => bed.api.seed(storageversions, {
    metadata: { name, uid: name }, spec: {}, status: { storageVersions: servers.map(([apiServerID, encodingVersion]) => ({ apiServerID, encodingVersion, decodableVersions: [encodingVersion] })) },
  })
  const server = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' }
  lease('one', server)
  lease('two', server)
  lease('stranger', {})
  version('apps.deployments', ['one', 'apps/v1'], ['two', 'apps/v1beta1'])
  version('core.pods', ['one', 'v1'], ['stranger', 'v1'])
  version('batch.jobs', ['never', 'batch/v1'])
  await bed.start(storageVersionGarbageCollector)
  const left = () => Object.fromEntries(bed.api.all(storageversions).map(({ metadata, status }) => [metadata.name, [...(status.storageVersions ?? []).map(({ apiServerID }) => apiServerID), status.commonEncodingVersion]]))
  expect(left()).toEqual({ 'apps.deployments': ['one', 'two', undefined], 'core.pods': ['one', 'v1'] })
  bed.api.vanish(leases, 'kube-system/two')
  await bed.idle()
  expect(left()).toEqual({ 'apps.deployments': ['one', 'apps/v1'], 'core.pods': ['one', 'v1'] })
})
