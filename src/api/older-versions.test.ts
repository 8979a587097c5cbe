// Versions that are off unless they are asked for: each is a way to say the same thing.
import { expect, test } from 'vitest'
import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import { builtin } from './builtin'
import { created, type Body } from './testing/written'

const isOlder = (apiVersion: string): boolean => /v\d+(alpha|beta)\d+$/.test(apiVersion)
const older = builtin.flatMap((resource) => Object.entries(resource.versions).filter(([apiVersion]) => isOlder(apiVersion)).map(([apiVersion, version]) => ({ resource: resource as Resource, apiVersion, version })))

const device = { name: 'd', attributes: { model: { string: 'x' } }, allNodes: true, taints: [{ key: 'k', effect: 'NoSchedule', timeAdded: '2026-11-24T00:00:00Z' }] }
const request = { name: 'r', exactly: { deviceClassName: 'c', allocationMode: 'ExactCount', count: 2, selectors: [{ cel: { expression: 'true' } }] } }
const either = { name: 'e', firstAvailable: [{ name: 's', deviceClassName: 'c', allocationMode: 'All' }] }
const samples: Readonly<Record<string, Body>> = {
  ServiceCIDR: { spec: { cidrs: ['10.0.0.0/24'] } },
  ResourceClaim: { spec: { devices: { requests: [request, either] } } },
  ResourceClaimTemplate: { spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [request] } } } },
  ResourceSlice: { spec: { driver: 'x', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, nodeName: 'n', devices: [device] } },
}

test.each(older.filter(({ version }) => version.fromStorage))('$apiVersion $resource.kind says what is stored, and comes back as it was', async ({ resource, apiVersion, version }) => {
  const stored = await created(resource, samples[resource.kind] ?? {})
  const shown: KubeObject = version.fromStorage!(structuredClone(stored))
  expect(shown.apiVersion).toBe(apiVersion)
  expect(version.toStorage!(structuredClone(shown))).toEqual(stored)
})

/** As the original answers with, of the group scheduling it says nothing. */
test.each(older.filter(({ resource }) => resource.group !== 'scheduling.k8s.io' && resource.group !== 'internal.apiserver.k8s.io'))('$apiVersion $resource.kind warns', ({ resource, apiVersion, version }) => {
  expect(version.deprecated).toMatch(new RegExp(`^${apiVersion} ${resource.kind} is deprecated in v1\\.\\d\\d\\+, unavailable in v1\\.\\d\\d\\+`))
})

test('a version by itself rests as it is; one beside others is converted', () => {
  for (const { resource, apiVersion, version } of older) expect([apiVersion, version.toStorage === undefined]).toEqual([apiVersion, resource.apiVersion === apiVersion])
})
