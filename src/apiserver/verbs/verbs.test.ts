import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import { isConflict } from '#apimachinery/api-error'
import { createFakeClock } from '#base/fake-clock'
import type { WatchEvent } from '#client/transport'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { startTestServer, type TestServer } from '../testing/test-server'

const path = '/api/v1/namespaces/default/configmaps'
const map = (name: string, labels?: Record<string, string>) => ({ metadata: { name, namespace: 'default', ...(labels ? { labels } : {}) }, data: { k: 'v' } })

interface List { metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }; items: { metadata: { name: string } }[] }

async function list({ transport }: TestServer, query: Record<string, string | number> = {}): Promise<List> {
  return (await transport.request({ method: 'GET', path, query })).body as List
}
const names = ({ items }: List) => items.map(({ metadata }) => metadata.name)

async function withMaps(...all: [string, Record<string, string>?][]): Promise<TestServer> {
  const server = await startTestServer()
  for (const [name, labels] of all) await server.client.create(configmaps, map(name, labels))
  return server
}

test.for([
  ['everything', {}, ['a', 'b', 'c']],
  ['a label', { labelSelector: 'app=x' }, ['a', 'b']],
  ['a label that differs', { labelSelector: 'app!=x' }, ['c']],
  ['two labels', { labelSelector: 'app=x,n=2' }, ['b']],
  ['a name', { fieldSelector: 'metadata.name=c' }, ['c']],
  ['every name but one', { fieldSelector: 'metadata.name!=c' }, ['a', 'b']],
  ['another namespace', { fieldSelector: 'metadata.namespace=other' }, []],
] as const)('a list selects by %s', async ([, query, expected]) => {
  await using server = await withMaps(['a', { app: 'x', n: '1' }], ['b', { app: 'x', n: '2' }], ['c', { app: 'y' }])
  expect(names(await list(server, query))).toEqual(expected)
})

test('pages stay at the revision of the first', async () => {
  await using server = await withMaps(['a'], ['b'], ['c'])
  const first = await list(server, { limit: 2 })
  expect(names(first)).toEqual(['a', 'b'])
  expect(first.metadata.remainingItemCount).toBe(1)
  await server.client.create(configmaps, map('d'))
  await server.client.delete(configmaps, { namespace: 'default', name: 'c' })
  const second = await list(server, { limit: 2, continue: first.metadata.continue! })
  expect(names(second)).toEqual(['c'])
  expect(second.metadata.continue).toBeUndefined()
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
})

test('a token whose revision is forgotten gets 410 with one that goes on', async () => {
  await using store = openMemoryStore()
  await using server = await startTestServer({ store })
  for (const name of ['a', 'b', 'c']) await server.client.create(configmaps, map(name))
  const first = await list(server, { limit: 1 })
  await server.client.delete(configmaps, { namespace: 'default', name: 'a' })
  await store.compact(await store.current())
  const refused = await list(server, { limit: 1, continue: first.metadata.continue! }).catch((error: { status: { code: number; metadata: { continue: string } } }) => error.status) as never as { code: number; metadata: { continue: string } }
  expect(refused.code).toBe(410)
  expect(names(await list(server, { continue: refused.metadata.continue }))).toEqual(['b', 'c'])
})

test('a token ends with its revision, though nothing of its kind has changed since', async () => {
  await using store = openMemoryStore()
  await using server = await startTestServer({ store })
  for (const name of ['a', 'b']) await server.client.create(configmaps, map(name))
  const first = await list(server, { limit: 1 })
  await server.client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
  await store.compact(await store.current())
  await expect(list(server, { limit: 1, continue: first.metadata.continue! })).rejects.toMatchObject({ status: { code: 410, reason: 'Expired' } })
})

test.for([
  ['resourceVersionMatch without a revision', { resourceVersionMatch: 'Exact' }, 422],
  ['an exact zero', { resourceVersionMatch: 'Exact', resourceVersion: '0' }, 422],
  ['a revision that is no number', { resourceVersion: 'x' }, 400],
  ['a field that cannot be selected by', { fieldSelector: 'data.k=v' }, 400],
  ['a bad label selector', { labelSelector: 'a b' }, 400],
  ['a limit that is no number', { limit: 'x' }, 400],
  ['a broken token', { continue: 'x' }, 400],
] as const)('a list refuses %s', async ([, query, code]) => {
  await using server = await startTestServer()
  await expect(list(server, query)).rejects.toMatchObject({ status: { code } })
})

async function watching(server: TestServer, query: Record<string, string | boolean>): Promise<{ events: WatchEvent[]; seen: () => string[]; [Symbol.asyncDispose](): Promise<void> }> {
  const events: WatchEvent[] = []
  const stop = new AbortController()
  const done = server.transport.watch({ method: 'GET', path, query: { watch: true, ...query }, signal: stop.signal }, (batch) => void events.push(...batch))
  await server.flushed()
  return {
    events,
    seen: () => events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim()),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}

test('a selector turns changes into appearances and disappearances', async () => {
  await using server = await withMaps(['a', { app: 'x' }], ['b', { app: 'y' }])
  await using watch = await watching(server, { labelSelector: 'app=x' })
  const set = (name: string, app: string) => server.client.patch(configmaps, { namespace: 'default', name }, { metadata: { labels: { app } } }, { type: 'merge' })
  await set('b', 'x')
  await set('a', 'y')
  await set('b', 'z')
  await server.flushed()
  expect(watch.seen()).toEqual(['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b'])
})

test('a streamed list ends with its bookmark', async () => {
  await using server = await withMaps(['a'], ['b'])
  await using watch = await watching(server, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true })
  expect(watch.seen()).toEqual(['ADDED a', 'ADDED b', 'BOOKMARK'])
  expect(watch.events[2]!.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
})

test('bookmarks come each minute to those who asked', async () => {
  const clock = createFakeClock()
  await using server = await startTestServer({ clock })
  await using watch = await watching(server, { allowWatchBookmarks: true, resourceVersion: '1' })
  await clock.advance(60_000)
  await server.flushed()
  expect(watch.seen()).toContain('BOOKMARK')
})

test('a bookmark comes before the time of a watch is up, and the watch ends', async () => {
  const clock = createFakeClock()
  await using server = await startTestServer({ clock })
  await using watch = await watching(server, { allowWatchBookmarks: true, resourceVersion: '1', timeoutSeconds: '10' })
  const bookmarks = (): number => watch.seen().filter((seen) => seen === 'BOOKMARK').length
  await clock.advance(7_999)
  expect(bookmarks()).toBe(0)
  await clock.advance(1)
  expect(bookmarks()).toBe(1)
  await clock.advance(60_000)
  await server.flushed()
  expect(bookmarks()).toBe(1)
})

test('a watch goes on from a revision, and gets 410 for one that is forgotten', async () => {
  await using store = openMemoryStore()
  {
    await using first = await startTestServer({ store })
    for (const name of ['a', 'b', 'c']) await first.client.create(configmaps, map(name))
  }
  await using server = await startTestServer({ store })
  const { items } = await server.client.list(configmaps, { namespace: 'default' })
  const resourceVersion = items[0]!.metadata.resourceVersion
  {
    await using watch = await watching(server, { resourceVersion })
    expect(watch.seen()).toEqual(['ADDED b', 'ADDED c'])
  }
  await server.client.delete(configmaps, { namespace: 'default', name: 'c' })
  await store.compact(await store.current())
  await using third = await startTestServer({ store })
  await expect(third.transport.watch({ method: 'GET', path, query: { watch: true, resourceVersion } }, () => {})).rejects.toMatchObject({ status: { code: 410 } })
})

test('an update of an old revision is refused', async () => {
  await using server = await withMaps(['a'])
  const { client } = server
  const old = structuredClone(await client.get(configmaps, { namespace: 'default', name: 'a' }))
  await client.patch(configmaps, { namespace: 'default', name: 'a' }, { data: { k: 'w' } }, { type: 'merge' })
  await expect(client.update(configmaps, old)).rejects.toSatisfy(isConflict)
})

test('writers that patch the same object at once all succeed', async () => {
  await using server = await withMaps(['a'])
  await Promise.all(Array.from({ length: 8 }, (_, i) => server.client.patch(configmaps, { namespace: 'default', name: 'a' }, { data: { [`k${i}`]: 'v' } }, { type: 'merge' })))
  expect(Object.keys((await server.client.get(configmaps, { namespace: 'default', name: 'a' })).data!)).toHaveLength(9)
})

test('finalizers hold a deletion until the last is gone', async () => {
  await using server = await startTestServer()
  const { client } = server
  await client.create(configmaps, { ...map('a'), metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/x'] } })
  await client.delete(configmaps, { namespace: 'default', name: 'a' }, { propagationPolicy: 'Foreground' })
  const held = await client.get(configmaps, { namespace: 'default', name: 'a' })
  expect(held.metadata).toMatchObject({ deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 0, finalizers: ['example.com/x', 'foregroundDeletion'] })
  await client.patch(configmaps, { namespace: 'default', name: 'a' }, { metadata: { finalizers: null } }, { type: 'merge' })
  expect(names(await list(server))).toEqual([])
})

test('a pod with a node gets its grace period first', async () => {
  await using server = await startTestServer()
  const { client } = server
  const pod = { metadata: { name: 'p', namespace: 'default' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } }
  await client.create(pods, pod)
  await client.delete(pods, { namespace: 'default', name: 'p' })
  expect((await client.get(pods, { namespace: 'default', name: 'p' })).metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) })
  await client.delete(pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
  expect((await client.list(pods)).items).toEqual([])
})

test('a dry run changes nothing', async () => {
  await using server = await withMaps(['a'])
  const { client } = server
  const made = await client.create(configmaps, map('b'), { dryRun: true })
  expect(made.metadata.uid).toBeDefined()
  await client.delete(configmaps, { namespace: 'default', name: 'a' }, { dryRun: true })
  expect(names(await list(server))).toEqual(['a'])
})

test('deletecollection deletes what it selects', async () => {
  await using server = await withMaps(['a', { app: 'x' }], ['b', { app: 'y' }])
  await server.client.deleteCollection(configmaps, { namespace: 'default', labelSelector: 'app=x' })
  expect(names(await list(server))).toEqual(['b'])
})

test('a table has the columns of the kind', async () => {
  await using server = await withMaps(['a'])
  const { body } = await server.transport.request({ method: 'GET', path, accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  const table = body as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age'])
  expect(table.rows[0]!.cells.slice(0, 2)).toEqual(['a', 1])
})

test('a table of a version that is not the stored one has the same cells', async () => {
  await using server = await startTestServer()
  const event = { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'Because', source: {}, type: 'Normal' }
  await server.client.create(events, { ...event, metadata: { name: 'e', namespace: 'default' } })
  const cells = async (prefix: string): Promise<unknown> => {
    const { body } = await server.transport.request({ method: 'GET', path: `${prefix}/namespaces/default/events`, accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    return (body as { rows: { cells: unknown[] }[] }).rows[0]!.cells.slice(1, 4)
  }
  expect(await cells('/apis/events.k8s.io/v1')).toEqual(['Normal', 'Because', 'pod/p'])
  expect(await cells('/api/v1')).toEqual(['Normal', 'Because', 'pod/p'])
})
