import { expect, test } from 'vitest'
import { configmaps, leases, podtemplates, secrets } from '#api/index'
import type { Input } from '#apimachinery/object'
import { isForbidden, isInvalid, isNotFound, type KubeObject, type ResourceRef } from '#client/index'
import { refusal, serve } from './cluster'

const served = serve()

for (const [title, resource] of [
  ['[sig-node] ConfigMap should fail to create ConfigMap with empty key', configmaps],
  ['[sig-node] Secrets should fail to create secret due to empty secret key', secrets],
] as [string, ResourceRef][]) {
  test(title, async () => {
    const error = await refusal(served.client.create(resource, { metadata: { namespace: await served.namespace(), name: 'one' }, data: { '': 'dmFsdWU=' } } as Input<KubeObject>))
    expect(isInvalid(error)).toBe(true)
    expect(error.message).toContain('data[]')
  })
}

test('[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance]', async () => {
  const { client } = served
  const name = { namespace: await served.namespace(), name: 'one' }
  const made = await client.create(configmaps, { metadata: name, data: { a: '1' } })
  await client.update(configmaps, { ...made, data: { ...made.data, b: '2' } })
  expect((await client.get(configmaps, name)).data).toEqual({ a: '1', b: '2' })
})

for (const [title, resource, mine] of [
  ['[sig-storage] ConfigMap should be immutable if `immutable` field is set', configmaps, { data: { a: 'MQ==' }, more: { data: { b: 'Mg==' } } }],
  ['[sig-storage] Secrets should be immutable if `immutable` field is set', secrets, { data: { a: 'MQ==' }, more: { data: { b: 'Mg==' } } }],
] as [string, ResourceRef<KubeObject & { data?: Record<string, string>; immutable?: boolean }>, { data: Record<string, string>; more: object }][]) {
  test(title, async () => {
    const { client } = served
    const name = { namespace: await served.namespace(), name: 'one' }
    const change = (patch: object) => client.patch(resource, name, patch, { type: 'merge' })
    await client.create(resource, { metadata: name, data: mine.data })
    await change(mine.more)
    expect((await change({ immutable: true })).immutable).toBe(true)
    for (const patch of [{ immutable: false }, { immutable: null }, { data: { a: 'Mw==' } }, { data: { c: 'Mw==' } }]) expect(isInvalid(await refusal(change(patch))), JSON.stringify(patch)).toBe(true)
    expect((await change({ metadata: { labels: { still: 'yes' } } })).data).toEqual({ a: 'MQ==', b: 'Mg==' })
    await client.delete(resource, name)
    expect(isNotFound(await refusal(client.get(resource, name)))).toBe(true)
  })
}

test('[sig-node] Lease lease API should be available', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const name = { namespace, name: 'one' }
  const spec = { holderIdentity: 'holder', leaseDurationSeconds: 30, acquireTime: '2026-01-02T03:04:05.000006Z', renewTime: '2026-01-02T03:04:10.000006Z', leaseTransitions: 0 }
  const made = await client.create(leases, { metadata: name, spec })
  expect((await client.get(leases, name)).spec).toEqual(spec)
  const other = { ...spec, holderIdentity: 'other', leaseDurationSeconds: 60, leaseTransitions: 1 }
  await client.update(leases, { ...made, spec: other })
  expect((await client.get(leases, name)).spec).toEqual(other)
  expect((await client.patch(leases, name, { spec: { leaseTransitions: 2 } }, { type: 'strategic' })).spec).toEqual({ ...other, leaseTransitions: 2 })
  await client.create(leases, { metadata: { namespace, name: 'two', labels: { go: 'yes' } }, spec })
  expect((await client.list(leases, { namespace })).items).toHaveLength(2)
  await client.deleteCollection(leases, { namespace, labelSelector: 'go=yes' })
  expect((await client.list(leases, { namespace })).items.map(({ metadata }) => metadata.name)).toEqual(['one'])
  await client.delete(leases, name)
  expect(isNotFound(await refusal(client.get(leases, name)))).toBe(true)
})

const template = (namespace: string, name: string) => ({ metadata: { namespace, name, labels: { set: 'yes' } }, template: { spec: { containers: [{ name: 'main', image: 'nginx' }] } } })

test('[sig-node] PodTemplates should delete a collection of pod templates', async () => {
  const { client } = served
  const scope = { namespace: await served.namespace(), labelSelector: 'set=yes' }
  for (const name of ['a', 'b', 'c']) await client.create(podtemplates, template(scope.namespace, name))
  expect((await client.list(podtemplates, scope)).items).toHaveLength(3)
  await client.deleteCollection(podtemplates, scope)
  expect((await client.list(podtemplates, scope)).items).toEqual([])
})

test('[sig-node] PodTemplates should replace a pod template', async () => {
  const { client } = served
  const made = await client.create(podtemplates, template(await served.namespace(), 'one'))
  expect(made.metadata.annotations).toBeUndefined()
  expect((await client.update(podtemplates, { ...made, metadata: { ...made.metadata, annotations: { updated: 'yes' } } })).metadata.annotations).toEqual({ updated: 'yes' })
  expect(isForbidden(await refusal(served.cluster.as('nobody').client.get(podtemplates, made.metadata)))).toBe(true)
})
