import { expect, test } from 'vitest'
import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import { bindings } from '#api/core/v1/binding'
import { configmaps } from '#api/core/v1/config-map'
import { events } from '#api/core/v1/event'
import { storageversionmigrations } from '#api/storagemigration/v1beta1/storage-version-migration'
import { ApiError } from '#apimachinery/api-error'
import { createTestBed, type TestBed } from '#controller-runtime/test-bed'
import { storageVersionMigrator } from './storage-version-migrator'

const widgets = { group: 'example.com', version: 'v2', kind: 'Widget', resource: 'widgets', namespaced: true }
const open = (): TestBed => createTestBed({ kinds: [configmaps, events, bindings, widgets] })
const ask = (bed: TestBed, name: string, resource: string, group = '', created = '2026-11-24T00:00:00Z') =>
  bed.api.seed(storageversionmigrations, { metadata: { name, uid: name, creationTimestamp: created }, spec: { resource: { group, resource } }, status: {} })
const conditions = (bed: TestBed, name: string) =>
  (bed.api.read(storageversionmigrations, name)!.status.conditions ?? []).map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`)
const ended = 'Running=False MigrationCompleted: Migration completed'

test('applies nothing to every object that is older than the migration, whatever became of some of them', async () => {
  await using bed = open()
  for (const name of ['a', 'b', 'gone']) bed.api.seed(configmaps, { metadata: { namespace: 'd', name, uid: name }, data: {} })
  bed.api.intercept(({ method }, { name }) => {
    if (method === 'PATCH' && name === 'gone') throw new ApiError(409, 'Conflict', 'uid mismatch')
  })
  ask(bed, 'all', 'configmaps')
  await bed.start(storageVersionMigrator)
  const applied = bed.api.calls.filter(({ method, path }) => method === 'PATCH' && path.includes('/configmaps/'))
  expect(applied.map(({ query, body }) => [query?.['fieldManager'], body])).toMatchObject(['a', 'b', 'gone'].map((name) =>
    ['storage-version-migrator-controller', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'd', uid: name, resourceVersion: expect.any(String) as string } }]))
  expect(bed.api.read(storageversionmigrations, 'all')!.status.resourceVersion).toMatch(/^\d+$/)
  expect(conditions(bed, 'all')).toEqual([ended, 'Succeeded=True StorageVersionMigrationSucceeded: '])
})

test('one migration of a resource at a time, the oldest first', async () => {
  await using bed = open()
  bed.api.seed(configmaps, { metadata: { namespace: 'd', name: 'a', uid: 'a' }, data: {} })
  let busy = true
  bed.api.intercept(({ method, path }) => {
    if (busy && method === 'PATCH' && path.includes('/configmaps/')) throw new ApiError(503, 'ServiceUnavailable', 'busy')
  })
  ask(bed, 'second', 'configmaps', '', '2026-11-24T00:00:02Z')
  ask(bed, 'first', 'configmaps', '', '2026-11-24T00:00:01Z')
  await bed.start(storageVersionMigrator)
  expect(conditions(bed, 'first')).toEqual(['Running=True MigrationRunning: The migration is running'])
  expect(conditions(bed, 'second')).toEqual([])
  busy = false
  await bed.advance(10_000)
  await bed.idle()
  for (const name of ['first', 'second']) expect(conditions(bed, name)).toEqual([ended, 'Succeeded=True StorageVersionMigrationSucceeded: '])
})

test('says why it gives up', async () => {
  await using bed = open()
  bed.api.seed(configmaps, { metadata: { namespace: 'd', name: 'a', uid: 'a' }, data: {} })
  bed.api.intercept(({ method, path }) => {
    if (method === 'PATCH' && path.includes('/configmaps/')) throw new ApiError(403, 'Forbidden', 'not you')
  })
  ask(bed, 'refused', 'configmaps')
  ask(bed, 'early', 'gadgets', 'example.com', new Date(bed.clock.now()).toISOString())
  await bed.start(storageVersionMigrator)
  expect(conditions(bed, 'refused')).toEqual([ended, 'Failed=True StorageVersionMigrationFailed: migration encountered unhandled error: not you'])
  expect(conditions(bed, 'early')).toEqual(['Running=True MigrationRunning: The migration is running'])
  await bed.advance(200_000)
  await bed.idle()
  expect(conditions(bed, 'early')).toEqual([ended, 'Failed=True StorageVersionMigrationFailed: resource does not exist in discovery'])
})

test('a definition learns that it is being migrated, and forgets its older versions unless it changed meanwhile', async () => {
  await using bed = open()
  const definition = (observedGeneration?: number) => ({
    metadata: { name: 'widgets.example.com', generation: 3 }, spec: { versions: [{ name: 'v1', storage: false }, { name: 'v2', storage: true }] },
    status: { storedVersions: ['v1', 'v2'], ...(observedGeneration ? { conditions: [{ type: 'StorageMigrating', status: 'True', observedGeneration }] } : {}) },
  })
  bed.api.seed(customresourcedefinitions, definition())
  ask(bed, 'w', 'widgets', 'example.com')
  await bed.start(storageVersionMigrator)
  const status = () => bed.api.read(customresourcedefinitions, 'widgets.example.com')!.status
  expect(status()).toMatchObject({
    storedVersions: ['v2'],
    conditions: [{ type: 'StorageMigrating', status: 'False', reason: 'MigrationSucceeded', message: 'The migration has succeeded and the stored versions have been updated', observedGeneration: 3 }],
  })

  const ending = async (name: string, type: string, observedGeneration: number) => {
    bed.api.seed(customresourcedefinitions, definition(observedGeneration))
    bed.api.seed(storageversionmigrations, {
      metadata: { name, uid: name }, spec: { resource: { group: 'example.com', resource: 'widgets' } },
      status: { conditions: [{ type: 'Running', status: 'True' }, { type, status: 'True' }] },
    })
    await bed.idle()
    expect(conditions(bed, name)[0]).toBe(ended)
    return { storedVersions: status().storedVersions, message: status().conditions![0]!.message }
  }
  expect(await ending('late', 'Succeeded', 2)).toEqual({ storedVersions: ['v1', 'v2'], message: 'The migration has succeeded but the stored versions have not been updated due to a generation mismatch' })
  expect(await ending('broken', 'Failed', 3)).toEqual({ storedVersions: ['v1', 'v2'], message: 'The migration has failed' })
})
