import { expect, test } from 'vitest'
import { configmaps } from '#api/index'
import { serve } from './cluster'
import { follow } from './follow'

const served = serve()
const map = (namespace: string, name: string, label?: string, data: Record<string, string> = {}) => ({ metadata: { namespace, name, ...(label ? { labels: { group: label } } : {}) }, data })

test('[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const { metadata: { resourceVersion } } = await client.list(configmaps, { namespace })
  await using a = follow(client, configmaps, { namespace, labelSelector: 'group=a', resourceVersion })
  await using b = follow(client, configmaps, { namespace, labelSelector: 'group=b', resourceVersion })
  await using both = follow(client, configmaps, { namespace, labelSelector: 'group in (a, b)', resourceVersion })
  await client.create(configmaps, map(namespace, 'first', 'a'))
  for (const step of ['1', '2']) await client.update(configmaps, map(namespace, 'first', 'a', { step }))
  await client.delete(configmaps, { namespace, name: 'first' })
  await client.create(configmaps, map(namespace, 'second', 'b'))
  await client.delete(configmaps, { namespace, name: 'second' })

  await both.saw('DELETED', 'second')
  await b.saw('DELETED', 'second')
  await a.saw('DELETED', 'first')
  const first = ['ADDED first', 'MODIFIED first', 'MODIFIED first', 'DELETED first']
  const second = ['ADDED second', 'DELETED second']
  expect([a.told, b.told, both.told]).toEqual([first, second, [...first, ...second]])
  expect(a.events.map(({ object }) => object.data?.step)).toEqual([undefined, '1', '2', '2'])
})

test('[sig-api-machinery] Watchers should be able to start watching from a specific resource version', async () => {
  const { client } = served
  const namespace = await served.namespace()
  await client.create(configmaps, map(namespace, 'm'))
  const { metadata: { resourceVersion } } = await client.update(configmaps, map(namespace, 'm', undefined, { step: '1' }))
  await client.update(configmaps, map(namespace, 'm', undefined, { step: '2' }))
  await client.delete(configmaps, { namespace, name: 'm' })
  await using watch = follow(client, configmaps, { namespace, fieldSelector: 'metadata.name=m', resourceVersion })
  await watch.saw('DELETED', 'm')
  expect(watch.told).toEqual(['MODIFIED m', 'DELETED m'])
  expect(watch.events[0]!.object.data).toEqual({ step: '2' })
})

test('[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const { metadata: { resourceVersion } } = await client.list(configmaps, { namespace })
  const scope = { namespace, labelSelector: 'group=a' }
  await using first = follow(client, configmaps, { ...scope, resourceVersion })
  await client.create(configmaps, map(namespace, 'm', 'a'))
  await client.update(configmaps, map(namespace, 'm', 'a', { step: '1' }))
  const { metadata: { resourceVersion: last } } = await first.saw('MODIFIED', 'm')
  await first[Symbol.asyncDispose]()
  await client.update(configmaps, map(namespace, 'm', 'a', { step: '2' }))
  await client.delete(configmaps, { namespace, name: 'm' })
  await using second = follow(client, configmaps, { ...scope, resourceVersion: last })
  await second.saw('DELETED', 'm')
  expect(first.told).toEqual(['ADDED m', 'MODIFIED m'])
  expect(second.told).toEqual(['MODIFIED m', 'DELETED m'])
})

test('[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const { metadata: { resourceVersion } } = await client.list(configmaps, { namespace })
  await using watch = follow(client, configmaps, { namespace, labelSelector: 'group=a', resourceVersion })
  await client.create(configmaps, map(namespace, 'm', 'a'))
  await client.update(configmaps, map(namespace, 'm', 'b', { step: '1' }))
  await watch.saw('DELETED', 'm')
  // Nobody is told of what is done to it out of sight.
  await client.update(configmaps, map(namespace, 'm', 'b', { step: '2' }))
  await client.update(configmaps, map(namespace, 'm', 'a', { step: '3' }))
  await client.delete(configmaps, { namespace, name: 'm' })
  await watch.until((events) => events.length >= 4)
  expect(watch.told).toEqual(['ADDED m', 'DELETED m', 'ADDED m', 'DELETED m'])
  expect(watch.events[2]!.object.data).toEqual({ step: '3' })
})

test('[sig-api-machinery] Watchers should receive events on concurrent watches in same order', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const count = 60
  const writes = (async () => {
    for (let i = 0; i < count; i++) {
      await client.create(configmaps, map(namespace, `m${i}`))
      if (i % 2) await client.update(configmaps, map(namespace, `m${i}`, undefined, { i: `${i}` }))
      if (i % 3 === 0) await client.delete(configmaps, { namespace, name: `m${i}` })
    }
  })()
  // Each begins where the one before has come to.
  const { metadata: { resourceVersion: start } } = await client.list(configmaps, { namespace })
  const watches = [follow(client, configmaps, { namespace, resourceVersion: start })]
  try {
    for (let i = 1; i < 10; i++) {
      const seen = await watches[i - 1]!.until((events) => events.length > 0)
      watches.push(follow(client, configmaps, { namespace, resourceVersion: seen[0]!.object.metadata.resourceVersion }))
    }
    await writes
    const { metadata: { resourceVersion: last } } = await client.create(configmaps, map(namespace, 'last'))
    for (const watch of watches) await watch.saw('ADDED', 'last', ({ metadata }) => metadata.resourceVersion === last)
    const versions = watches.map(({ events }) => events.map(({ object }) => object.metadata.resourceVersion))
    for (const seen of versions) expect(seen).toEqual(versions[0]!.slice(versions[0]!.indexOf(seen[0]!)))
    expect(new Set(versions[0]).size).toBe(versions[0]!.length)
  } finally {
    await writes
    for (const watch of watches) await watch[Symbol.asyncDispose]()
  }
})
