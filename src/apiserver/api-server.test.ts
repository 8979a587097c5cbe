import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { deployments } from '#api/apps/v1/deployment'
import { createClient } from '#client/create-client'
import type { WatchEvent } from '#client/transport'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { createApiServer } from './api-server'
import { startTestServer } from './testing/test-server'

test('an object is created, read, listed, watched, updated, patched and deleted in-process', async () => {
  await using server = await startTestServer()
  const { client } = server
  const made = await client.create(configmaps, { metadata: { name: 'a', namespace: 'default', labels: { app: 'x' } }, data: { k: 'v' } })
  expect(made.metadata).toMatchObject({ name: 'a', uid: expect.any(String), creationTimestamp: expect.any(String), resourceVersion: expect.stringMatching(/^\d+$/) })
  expect(Object.isFrozen(made.metadata)).toBe(true)
  expect(await client.get(configmaps, { namespace: 'default', name: 'a' })).toBe(made)

  const events: WatchEvent[] = []
  const stop = new AbortController()
  const watching = client.watch(configmaps, { namespace: 'default', signal: stop.signal }, (batch) => void events.push(...batch))
  await server.flushed()
  await client.patch(configmaps, { namespace: 'default', name: 'a' }, { data: { k: 'w' } }, { type: 'merge' })
  await client.update(configmaps, { metadata: { name: 'a', namespace: 'default' }, data: { k: 'z' } })
  await client.delete(configmaps, { namespace: 'default', name: 'a' })
  await server.flushed()
  stop.abort()
  await watching
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'])
  expect((await client.list(configmaps, { namespace: 'default' })).items).toEqual([])
})

test('a deployment gets its defaults, and an update that changes nothing is not written', async () => {
  await using server = await startTestServer()
  const { client } = server
  const made = await client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } } },
  })
  expect(made.spec.replicas).toBe(1)
  const again = await client.update(deployments, structuredClone(made))
  expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
})

test('what an earlier server wrote is there for the next', async () => {
  await using store = openMemoryStore()
  {
    await using first = await startTestServer({ store })
    await first.client.create(configmaps, { metadata: { name: 'a', namespace: 'default' }, data: { k: 'v' } })
  }
  await using second = await startTestServer({ store })
  expect((await second.client.get(configmaps, { namespace: 'default', name: 'a' })).data).toEqual({ k: 'v' })
})

test('nothing is served before it is known who asks', () => {
  const server = createApiServer({}, { store: openMemoryStore() })
  expect(server.name).toBe('kube-apiserver')
  expect(createClient(server.connect({ name: 'x', groups: [] })).transport.url).toBe('https://kubernetes.default.svc')
})
