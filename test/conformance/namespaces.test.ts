import { expect, test } from 'vitest'
import { namespaces, services } from '#api/index'
import { isNotFound } from '#client/index'
import { refusal, serve } from './cluster'
import { liveStatus } from './lifecycle'

const served = serve()

test('[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted', async () => {
  const { client, cluster } = served
  const name = await served.namespace()
  const service = { metadata: { namespace: name, name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }
  await client.create(services, service)
  await client.delete(namespaces, { name })
  await cluster.untilGone(namespaces, name)
  expect(isNotFound(await refusal(client.create(services, service)))).toBe(true)
  await client.create(namespaces, { metadata: { name } })
  expect((await client.list(services, { namespace: name })).items).toEqual([])
})

test('[sig-api-machinery] Namespaces [Serial] should patch a Namespace', async () => {
  const name = await served.namespace()
  await served.client.patch(namespaces, { name }, { metadata: { labels: { patched: 'yes' } } }, { type: 'strategic' })
  expect((await served.client.get(namespaces, { name })).metadata.labels).toEqual({ patched: 'yes', 'kubernetes.io/metadata.name': name })
})

test('[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace', async () => {
  const name = await served.namespace()
  const now = await served.client.get(namespaces, { name })
  const updated = await served.client.update(namespaces, { ...now, metadata: { ...now.metadata, labels: { updated: 'yes' } } })
  expect(updated.metadata.labels).toEqual({ updated: 'yes', 'kubernetes.io/metadata.name': name })
})

test('[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status', async () => {
  const name = await served.namespace()
  const condition = { type: 'Twin', status: 'True' as const, reason: 'Test', message: 'said by a test' }
  await liveStatus(served, namespaces, { name }, { status: { phase: 'Active', conditions: [condition] } })
})

test('[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace', async () => {
  const { client, cluster } = served
  const name = await served.namespace()
  const finalize = (finalizers: string[]) => async () => {
    const now = await client.get(namespaces, { name })
    return client.subresource<object, typeof now>(namespaces, { name }, 'finalize', 'PUT', { ...now, spec: { finalizers } })
  }
  expect((await finalize(['kubernetes', 'twin.example.com/hold'])()).spec.finalizers).toEqual(['kubernetes', 'twin.example.com/hold'])
  await client.delete(namespaces, { name })
  const held = await cluster.until(namespaces, name, ({ spec }) => !spec.finalizers?.includes('kubernetes'))
  expect(held).toMatchObject({ spec: { finalizers: ['twin.example.com/hold'] }, status: { phase: 'Terminating' } })
  await finalize([])()
  await cluster.untilGone(namespaces, name)
})
