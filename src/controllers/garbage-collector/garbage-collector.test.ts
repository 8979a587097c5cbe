import { expect, test } from 'vitest'
import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { ResourceRef } from '#apimachinery/resource'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { garbageCollector } from './garbage-collector'

const kinds: ResourceRef[] = [pods, replicasets, deployments, nodes]
const owner = (resource: ResourceRef, name: string, extra: object = {}) =>
  ({ apiVersion: resource.group ? `${resource.group}/v1` : 'v1', kind: resource.kind, name, uid: `u-${name}`, ...extra })
function add(bed: TestBed, resource: ResourceRef, name: string, ownerReferences: object[] = [], namespace = 'd') {
  bed.api.seed(resource, { metadata: { ...(resource.namespaced ? { namespace } : {}), name, uid: `u-${name}`, ownerReferences } })
}
const left = (bed: TestBed) => kinds.flatMap((kind) => bed.api.all(kind).map((o) => o.metadata.name))
async function tree(block: boolean): Promise<TestBed> {
  const bed = createTestBed({ kinds })
  add(bed, deployments, 'app')
  add(bed, replicasets, 'set', [owner(deployments, 'app', { controller: true, blockOwnerDeletion: block })])
  add(bed, pods, 'p1', [owner(replicasets, 'set', { blockOwnerDeletion: block })])
  add(bed, pods, 'p2', [owner(replicasets, 'set', { blockOwnerDeletion: block })])
  await bed.start(garbageCollector)
  return bed
}

test('in the background, what hung on a deleted object goes after it, down to the leaves', async () => {
  await using bed = await tree(true)
  expect(left(bed)).toHaveLength(4)
  await bed.client.delete(deployments, { namespace: 'd', name: 'app' })
  await bed.idle()
  expect(left(bed)).toEqual([])
})

test('in the foreground, the owner waits for its dependents', async () => {
  await using bed = await tree(true)
  bed.api.seed(pods, { ...bed.api.read(pods, 'd/p1')!, spec: { nodeName: 'n' } })
  await bed.client.delete(deployments, { namespace: 'd', name: 'app' }, { propagationPolicy: 'Foreground' })
  await bed.idle()
  expect(left(bed)).toEqual(['p1', 'set', 'app'])
  bed.api.vanish(pods, 'd/p1')
  await bed.idle()
  expect(left(bed)).toEqual([])
})

test('in the foreground, dependents that do not block are deleted but not waited for', async () => {
  await using bed = await tree(false)
  bed.api.seed(pods, { ...bed.api.read(pods, 'd/p1')!, spec: { nodeName: 'n' } })
  await bed.client.delete(deployments, { namespace: 'd', name: 'app' }, { propagationPolicy: 'Foreground' })
  await bed.idle()
  expect(left(bed)).toEqual(['p1'])
  expect(bed.api.read(pods, 'd/p1')!.metadata.deletionTimestamp).toBeDefined()
})

test('an orphaning deletion lets the dependents go', async () => {
  await using bed = await tree(true)
  await bed.client.delete(deployments, { namespace: 'd', name: 'app' }, { propagationPolicy: 'Orphan' })
  await bed.idle()
  expect(left(bed)).toEqual(['p1', 'p2', 'set'])
  expect(bed.api.read(replicasets, 'd/set')!.metadata.ownerReferences ?? []).toEqual([])
})

test('a dead reference goes where another owner lives; an owner that never was counts as dead; another of that name too', async () => {
  await using bed = createTestBed({ kinds })
  add(bed, replicasets, 'alive')
  add(bed, pods, 'shared', [owner(replicasets, 'alive'), owner(replicasets, 'never')])
  add(bed, pods, 'lost', [owner(replicasets, 'never')])
  add(bed, pods, 'mistaken', [owner(replicasets, 'alive', { uid: 'u-older' })])
  await bed.start(garbageCollector)
  expect(left(bed)).toEqual(['shared', 'alive'])
  expect(bed.api.read(pods, 'd/shared')!.metadata.ownerReferences).toMatchObject([{ name: 'alive' }])
})

test('owners of another namespace are no owners; something of the cluster is never deleted for one of a namespace', async () => {
  await using bed = createTestBed({ kinds })
  add(bed, replicasets, 'set', [], 'other')
  add(bed, pods, 'stranger', [owner(replicasets, 'set')])
  add(bed, nodes, 'n1', [owner(replicasets, 'set')])
  await bed.start(garbageCollector)
  expect(left(bed)).toEqual(['set', 'n1'])
})
