import { expect, test } from 'vitest'
import { customresourcedefinitions } from '#api/index'
import { eventually, serve } from './cluster'
import { customKind, define } from './custom-kinds'
import { expectDiscovered } from './discovered'
import { follow } from './follow'
import { liveStatus } from './lifecycle'

const served = serve()

test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works', async () => {
  const { definition, resource } = await define(served)
  const namespace = await served.namespace()
  const made = await served.client.create(resource, { metadata: { namespace, name: 'one' } })
  expect(made).toMatchObject({ kind: resource.kind, metadata: { name: 'one' } })
  await served.client.delete(customresourcedefinitions, definition)
  await served.cluster.untilGone(customresourcedefinitions, definition.name)
})

test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition listing custom resource definition objects works', async () => {
  const { client, cluster } = served
  for (let i = 0; i < 5; i++) await client.create(customresourcedefinitions, customKind({ labels: { listed: 'yes' } }).definition)
  const scope = { labelSelector: 'listed=yes' }
  expect((await client.list(customresourcedefinitions, scope)).items).toHaveLength(5)
  await client.deleteCollection(customresourcedefinitions, scope)
  await cluster.untilGone(customresourcedefinitions, scope)
})

test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works', async () => {
  const { definition } = await define(served)
  const condition = { type: 'Twin', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z', reason: 'Test', message: 'said by a test' }
  const now = await served.client.get(customresourcedefinitions, definition, { subresource: 'status' })
  expect(now.status.conditions!.map(({ type }) => type)).toEqual(expect.arrayContaining(['NamesAccepted', 'Established']))
  await liveStatus(served, customresourcedefinitions, definition, { status: { conditions: [...now.status.conditions!, condition] } })
})

test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents', () =>
  expectDiscovered(served, customresourcedefinitions))

test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works', async () => {
  const { client } = served
  const { definition, resource } = await define(served, { scope: 'Cluster', schema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } } })
  const at = '/spec/versions/0/schema/openAPIV3Schema/properties'
  const read = async (name: string) => {
    const { a, b } = await client.get(resource, { name })
    return { a, b }
  }
  const first = await client.create(resource, { metadata: { name: 'first' } })
  expect('a' in first).toBe(false)
  await client.patch(customresourcedefinitions, definition, [{ op: 'add', path: `${at}/a/default`, value: 'A' }], { type: 'json' })
  await eventually(async () => expect(await read('first')).toEqual({ a: 'A', b: undefined }))
  expect((await client.create(resource, { metadata: { name: 'second' } })).a).toBe('A')
  await client.patch(customresourcedefinitions, definition, [{ op: 'remove', path: `${at}/a/default` }, { op: 'add', path: `${at}/b/default`, value: 'B' }], { type: 'json' })
  // What was stored with a default keeps it; what only was read with one does not.
  await eventually(async () => expect(await read('second')).toEqual({ a: 'A', b: 'B' }))
  expect(await read('first')).toEqual({ a: undefined, b: 'B' })
})

test('[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects', async () => {
  const { client } = served
  const { resource } = await define(served, { scope: 'Cluster' })
  await using a = follow(client, resource, { fieldSelector: 'metadata.name=a' })
  await using b = follow(client, resource, { fieldSelector: 'metadata.name=b' })
  for (const name of ['a', 'b']) await client.create(resource, { metadata: { name } })
  await a.saw('ADDED', 'a')
  await b.saw('ADDED', 'b')
  for (const name of ['a', 'b']) await client.patch(resource, { name }, { metadata: { labels: { touched: 'yes' } } }, { type: 'merge' })
  for (const name of ['a', 'b']) await client.delete(resource, { name })
  await a.saw('DELETED', 'a')
  await b.saw('DELETED', 'b')
  for (const [watch, name] of [[a, 'a'], [b, 'b']] as const) expect(watch.told).toEqual(['ADDED', 'MODIFIED', 'DELETED'].map((type) => `${type} ${name}`))
})
