// Everything of a resource is written once again: under a new key, and in a definition's new version.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { customresourcedefinitions, secrets, storageversionmigrations } from '#api/index'
import { systemClock } from '#base/clock'
import { type Cluster, startCluster } from '#cluster/cluster'
import { silent } from '#component-base/log'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import type { Store } from '#storage/store'
import { createTestClient } from '#testing/test-client'
import { createUntil } from '#testing/until'

const file = join(mkdtempSync(join(tmpdir(), 'navarch-migration-')), 'encryption.yaml')
const useKeys = (...names: string[]): void => {
  const keys = names.map((name) => `{name: ${name}, secret: ${Buffer.alloc(32, name).toString('base64')}}`)
  writeFileSync(file, `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc: {keys: [${keys.join(', ')}]}\n`)
}
const start = (store: Store, more: object = {}): Promise<Cluster> => startCluster(
  { securePort: 0, sim: 0, encryptionProviderConfig: file, runtimeConfig: { 'storagemigration.k8s.io/v1beta1': 'true' }, featureGates: { StorageVersionMigrator: 'true' }, ...more },
  { log: silent, clock: systemClock, store },
)
const raw = async (store: Store, prefix: string): Promise<string[]> => (await store.list(prefix, { limit: 1000, maxBytes: 1 << 24 })).entries.map(({ value }) => Buffer.from(value).toString('latin1'))

async function migrate({ client }: Cluster, name: string, group: string, resource: string) {
  await client.create(storageversionmigrations, { metadata: { name }, spec: { resource: { group, resource } } })
  const { until } = createUntil(createTestClient(client))
  const { status } = await until(storageversionmigrations, name, function isOver({ status: { conditions = [] } }) { return conditions.some(({ type, status: is }) => type === 'Running' && is === 'False') })
  return status.conditions!.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)
}
const succeeded = ['Running=False MigrationCompleted', 'Succeeded=True StorageVersionMigrationSucceeded']

test('after a change of keys, a migration moves every secret to the new one, so that the old can go', async () => {
  await using store = openMemoryStore()
  useKeys('old')
  {
    await using cluster = await start(store)
    for (let i = 0; i < 20; i++) await cluster.client.create(secrets, { metadata: { namespace: 'default', name: `s${i}` }, data: { a: 'eA==' } })
    expect((await raw(store, '/registry/core/secrets/')).every((value) => value.startsWith('k8s:enc:aescbc:v1:old:'))).toBe(true)
  }
  useKeys('new', 'old')
  {
    await using cluster = await start(store)
    const before = (await cluster.client.get(secrets, { namespace: 'default', name: 's7' }))
    expect(await migrate(cluster, 'keys', '', 'secrets')).toEqual(succeeded)
    expect((await raw(store, '/registry/core/secrets/')).filter((value) => !value.startsWith('k8s:enc:aescbc:v1:new:'))).toEqual([])
    const { metadata: { resourceVersion, ...metadata }, ...rest } = await cluster.client.get(secrets, { namespace: 'default', name: 's7' })
    expect(Number(resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion))
    expect({ metadata: { ...metadata, resourceVersion: before.metadata.resourceVersion }, ...rest }).toEqual(before)
  }
  useKeys('new')
  await using cluster = await start(store)
  expect((await cluster.client.list(secrets, { namespace: 'default' })).items.filter(({ metadata }) => metadata.name.startsWith('s'))).toHaveLength(20)
})

test('custom resources move to the version that is stored now, and the definition forgets the one before', async () => {
  useKeys('one')
  await using store = openMemoryStore()
  await using cluster = await start(store)
  const { client } = cluster
  const { until } = createUntil(createTestClient(client))
  const version = (name: string, storage: boolean) => ({ name, served: true, storage, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } } } })
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' }
  const spec = (stored: string) => ({ group: 'example.com', scope: 'Namespaced', names, versions: ['v1', 'v2'].map((name) => version(name, name === stored)) })
  await client.create(customresourcedefinitions, { metadata: { name: 'widgets.example.com' }, spec: spec('v1') } as never)
  await until(customresourcedefinitions, 'widgets.example.com', function isEstablished({ status }) { return (status.conditions ?? []).some(({ type, status: is }) => type === 'Established' && is === 'True') })
  const widgets = { group: 'example.com', version: 'v1', kind: 'Widget', resource: 'widgets', namespaced: true }
  for (const name of ['a', 'b']) await client.create(widgets, { metadata: { namespace: 'default', name }, spec: { size: 1 } } as never)
  const { metadata } = await client.get(customresourcedefinitions, { name: 'widgets.example.com' })
  await client.update(customresourcedefinitions, { metadata, spec: spec('v2') } as never)
  await until(customresourcedefinitions, 'widgets.example.com', function storesBoth({ status }) { return status.storedVersions?.length === 2 })

  expect(await migrate(cluster, 'widgets', 'example.com', 'widgets')).toEqual(succeeded)

  expect((await raw(store, '/registry/example.com/widgets/')).map((value) => value.slice(value.lastIndexOf('}') + 1))).toEqual(['v2', 'v2'])
  const { status } = await client.get(customresourcedefinitions, { name: 'widgets.example.com' })
  expect(status.storedVersions).toEqual(['v2'])
  expect(status.conditions!.find(({ type }) => type === 'StorageMigrating')).toMatchObject({ status: 'False', reason: 'MigrationSucceeded', message: 'The migration has succeeded and the stored versions have been updated' })
})

test('without the gate or the version, nobody outside sees the kind', async () => {
  useKeys('one')
  await using store = openMemoryStore()
  await using cluster = await start(store, { featureGates: {} })
  const { groups } = (await cluster.client.transport.request({ method: 'GET', path: '/apis' })).body as { groups: { name: string }[] }
  expect(groups.map(({ name }) => name)).not.toContain('storagemigration.k8s.io')
})
