import { expect, test } from 'vitest'
import { builtin, customresourcedefinitions } from '#api/index'
import { eventually, refusal, serve } from './cluster'
import { define } from './custom-kinds'
import { aggregated, type AggregatedList, expectDiscovered, type GroupList, type ResourceList } from './discovered'

const served = serve()
const both = ['/api', '/apis'] as const
/** Versions that are not stable yet are served where they are asked for. */
const stable = builtin.filter(({ version }) => /^v\d+$/.test(version))

test('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface', async () => {
  const documents = await Promise.all(both.map((path) => served.ask<AggregatedList>(path, { accept: aggregated() })))
  const found = new Set(documents.flatMap(({ items }) => items.flatMap(({ metadata, versions }) => versions.flatMap(({ version, resources }) => resources.map(({ resource }) => `${metadata.name ?? ''}/${version}/${resource}`)))))
  for (const { group, version, resource } of stable) expect(found).toContain(`${group}/${version}/${resource}`)
})

test('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs', async () => {
  const custom = await define(served, { versions: ['v1', 'v2'] })
  const { items } = await custom.discovered()
  expect(items.find(({ metadata }) => metadata.name === custom.group)!.versions.map(({ version }) => version)).toEqual(['v2', 'v1'])
  await expectDiscovered(served, custom.resource)
})

test('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers', async () => {
  for (const path of both) {
    const document = await served.ask<AggregatedList>(path, { accept: aggregated('v2') })
    expect(document).toMatchObject({ apiVersion: 'apidiscovery.k8s.io/v2', kind: 'APIGroupDiscoveryList' })
    for (const { versions } of document.items) for (const { freshness } of versions) expect(freshness).toBe('Current')
    // Who takes both gets what it names first; who takes neither, what there was before.
    expect((await served.ask<AggregatedList>(path, { accept: `${aggregated('v2')},application/json` })).kind).toBe('APIGroupDiscoveryList')
    expect((await served.ask<AggregatedList>(path, { accept: 'application/json' })).kind).toBe(path === '/api' ? 'APIVersions' : 'APIGroupList')
  }
})

test('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs', async () => {
  const custom = await define(served, { versions: ['v1'], status: true })
  const { items } = await custom.discovered()
  const { versions } = items.find(({ metadata }) => metadata.name === custom.group)!
  expect(versions).toHaveLength(1)
  expect(versions[0]!.resources).toEqual([expect.objectContaining({ resource: custom.resource.resource, scope: 'Namespaced', singularResource: custom.resource.singular, responseKind: { group: custom.group, version: 'v1', kind: custom.resource.kind } })])
  expect(versions[0]!.resources[0]!.subresources!.map(({ subresource }) => subresource)).toEqual(['status'])
  await served.client.delete(customresourcedefinitions, custom.definition)
  await served.cluster.untilGone(customresourcedefinitions, custom.definition.name)
})

test('[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup', async () => {
  // Groups of custom kinds come and go: the list follows.
  await eventually(async () => {
    const { groups } = await served.ask<GroupList>('/apis')
    expect(groups.length).toBeGreaterThan(15)
    for (const { name } of groups) {
      const group = await served.ask<GroupList['groups'][number]>(`/apis/${name}`)
      expect(group).toEqual(expect.objectContaining(groups.find((one) => one.name === name)))
      expect(group.versions).toContainEqual(group.preferredVersion)
      for (const { groupVersion, version } of group.versions) expect(groupVersion).toBe(`${name}/${version}`)
    }
  })
})

test('[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup', async () => {
  for (const resource of stable) {
    const { groupVersion, resources } = await served.ask<ResourceList>(`${resource.group ? `/apis/${resource.group}` : '/api'}/${resource.version}`)
    expect(groupVersion).toBe(resource.apiVersion)
    expect(resources.find(({ name }) => name === resource.resource)).toMatchObject({ kind: resource.kind, namespaced: resource.namespaced })
  }
})

test('[sig-api-machinery] server version should find the server version', async () => {
  const { major, minor } = await served.ask<{ major: string; minor: string }>('/version')
  expect(major).toMatch(/^[1-9]\d*$/)
  expect(minor).toMatch(/^\d+\+?$/)
})

test('[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata', async () => {
  const attempt = served.answer('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    method: 'POST', accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } } },
  })
  expect(await refusal(attempt)).toMatchObject({ code: 406, reason: 'NotAcceptable' })
})
