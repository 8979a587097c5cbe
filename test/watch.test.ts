import { expect, test } from 'vitest'
import { configmaps } from '#api/index'
import { connectionOf, createClient, createHttpTransport, createInformers, isGone, type Kubeconfig, silent, systemClock } from '#client/index'
import { startCluster } from '#testing/index'
import { parse } from 'yaml'

const map = (name: string, labels: Record<string, string> = {}) => ({ metadata: { namespace: 'default', name, labels } })

test('a watch over TLS tells every change once, in order, from any revision that is kept', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  await using transport = createHttpTransport(await connectionOf(parse(cluster.kubeconfig) as Kubeconfig))
  const remote = createClient(transport)
  const { metadata: { resourceVersion } } = await remote.list(configmaps, { namespace: 'default' })
  for (let i = 0; i < 50; i++) await client.create(configmaps, map(`m${i}`))
  await client.delete(configmaps, map('m0').metadata)

  const seen: string[] = []
  const stop = new AbortController()
  const watch = remote.watch(configmaps, { namespace: 'default', resourceVersion, signal: stop.signal }, (events) => {
    for (const { type, object } of events) seen.push(`${type} ${object.metadata.name}`)
    if (seen.length === 52) stop.abort()
  })
  await client.create(configmaps, map('last'))
  await watch
  expect(seen).toEqual([...Array.from({ length: 50 }, (_, i) => `ADDED m${i}`), 'DELETED m0', 'ADDED last'])
})

test('what leaves a selector is deleted to its watchers', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  const seen: string[] = []
  const stop = new AbortController()
  const { metadata: { resourceVersion } } = await client.list(configmaps, { namespace: 'default' })
  const watch = client.watch(configmaps, { namespace: 'default', labelSelector: 'tier=web', resourceVersion, signal: stop.signal }, (events) => {
    for (const { type, object } of events) seen.push(`${type} ${object.metadata.name}`)
    if (seen.length === 4) stop.abort()
  })
  await client.create(configmaps, map('a', { tier: 'web' }))
  await client.create(configmaps, map('b', { tier: 'db' }))
  await client.patch(configmaps, map('a').metadata, { metadata: { labels: { tier: 'db' } } }, { type: 'merge' })
  await client.patch(configmaps, map('b').metadata, { metadata: { labels: { tier: 'web' } } }, { type: 'merge' })
  await client.delete(configmaps, map('b').metadata)
  await watch
  expect(seen).toEqual(['ADDED a', 'DELETED a', 'ADDED b', 'DELETED b'])
})

test('a revision of the future is refused by name', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  await expect(cluster.client.list(configmaps, { namespace: 'default', resourceVersion: '999999', resourceVersionMatch: 'Exact' })).rejects.toThrow(/[Tt]oo large resource version/)
  expect(isGone(await cluster.client.list(configmaps, { namespace: 'default', continue: 'nonsense' }).catch((error: unknown) => error))).toBe(false)
})

test('pages hold one snapshot', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  for (let i = 0; i < 5; i++) await client.create(configmaps, map(`m${i}`))
  const first = await client.list(configmaps, { namespace: 'default', limit: 2, labelSelector: '' })
  await client.delete(configmaps, map('m4').metadata)
  const names = first.items.map(({ metadata }) => metadata.name)
  for (let token = first.metadata.continue; token; ) {
    const page = await client.list(configmaps, { namespace: 'default', limit: 2, continue: token })
    names.push(...page.items.map(({ metadata }) => metadata.name))
    token = page.metadata.continue
  }
  expect(names.filter((name) => /^m\d$/.test(name))).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
})

test('informers of two clients agree with the server after a storm', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  await using transport = createHttpTransport(await connectionOf(parse(cluster.kubeconfig) as Kubeconfig))
  await using far = createInformers(createClient(transport), { clock: systemClock, log: silent })
  const near = cluster.informers
  await Promise.all([near.get(configmaps).synced, far.get(configmaps).synced])
  await Promise.all(Array.from({ length: 100 }, async (_, i) => {
    const made = await client.create(configmaps, { ...map(`m${i}`), data: { v: '0' } })
    if (i % 3 > 0) await client.patch(configmaps, made.metadata, { data: { v: '1' } }, { type: 'merge' })
    if (i % 3 > 1) await client.delete(configmaps, made.metadata)
  }))
  const { metadata: { resourceVersion } } = await client.create(configmaps, map('end'))
  const truth = (await client.list(configmaps)).items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort()
  for (const informers of [near, far]) {
    const informer = informers.get(configmaps)
    await new Promise<void>((resolve) => void informer.on((object) => object?.metadata.resourceVersion === resourceVersion && resolve()))
    expect(informer.list().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort()).toEqual(truth)
  }
})
