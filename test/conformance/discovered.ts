import { expect } from 'vitest'
import { groupVersionOf, type Resource } from '#apimachinery/resource'
import type { Served } from './cluster'

export interface GroupList { kind: string; groups: { name: string; versions: { groupVersion: string; version: string }[]; preferredVersion: { groupVersion: string; version: string } }[] }
export interface ResourceList { kind: string; groupVersion: string; resources: { name: string; singularName: string; kind: string; namespaced: boolean; verbs: string[] }[] }
export interface AggregatedResource { resource: string; responseKind: { group: string; version: string; kind: string }; scope: string; singularResource: string; verbs: string[]; subresources?: { subresource: string; verbs: string[] }[] }
export interface AggregatedList { apiVersion: string; kind: string; items: { metadata: { name?: string }; versions: { version: string; freshness: string; resources: AggregatedResource[] }[] }[] }

export const aggregated = (version = 'v2'): string => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`

/** A kind is found in all three forms of discovery: by its group, its version's list, and the aggregated document. */
export async function expectDiscovered({ ask }: Served, resource: Pick<Resource, 'group' | 'version' | 'resource' | 'kind' | 'namespaced' | 'verbs' | 'subresources'>): Promise<void> {
  const { group, version, resource: name, kind, namespaced, verbs } = resource
  const groupVersion = groupVersionOf(resource)
  if (group) {
    const { groups } = await ask<GroupList>('/apis')
    expect(groups.find((found) => found.name === group)?.versions).toContainEqual({ groupVersion, version })
    expect((await ask<GroupList['groups'][number]>(`/apis/${group}`)).versions).toContainEqual({ groupVersion, version })
  }
  const { resources } = await ask<ResourceList>(`${group ? `/apis/${group}` : '/api'}/${version}`)
  const entry = resources.find((found) => found.name === name)
  expect(entry).toMatchObject({ kind, namespaced })
  expect([...entry!.verbs].sort()).toEqual([...verbs].sort())
  for (const subresource of Object.keys(resource.subresources)) expect(resources.map((found) => found.name)).toContain(`${name}/${subresource}`)

  const all = await ask<AggregatedList>(group ? '/apis' : '/api', { accept: aggregated() })
  const found = all.items.find(({ metadata }) => (metadata.name ?? '') === group)?.versions.find((one) => one.version === version)?.resources.find((one) => one.resource === name)
  expect(found).toMatchObject({ responseKind: { kind }, scope: namespaced ? 'Namespaced' : 'Cluster' })
}
