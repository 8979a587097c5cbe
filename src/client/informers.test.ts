import { expect, test } from 'vitest'
import { isConflict, isNotFound, tooManyRequests } from '#apimachinery/api-error'
import { configmaps } from '#api/core/v1/config-map'
import { pods } from '#api/core/v1/pod'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { createClient } from './create-client'
import { createFakeApi } from './fake-api'
import { createInformers } from './informers'

function setUp(options: { streamedLists?: boolean } = {}) {
  const clock = createFakeClock()
  const api = createFakeApi({ clock, ...options })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  return { clock, api, client, informers }
}
const pod = (name: string, extra: object = {}) => ({ metadata: { namespace: 'default', name, ...extra }, spec: {} }) as never
const names = (list: readonly { metadata: { name: string } }[]) => list.map((o) => o.metadata.name).sort()

test('the client creates, reads, patches, replaces and deletes', async () => {
  const { client } = setUp()
  const made = await client.create(configmaps, { metadata: { namespace: 'default', name: 'a' }, data: { x: '1' } })
  expect(made.metadata.uid).toBeTruthy()
  const patched = await client.patch(configmaps, made.metadata, { data: { y: '2' } }, { type: 'merge' })
  expect(patched.data).toEqual({ x: '1', y: '2' })
  await expect(client.update(configmaps, { ...made, data: {} }).catch(isConflict)).resolves.toBe(true)
  await client.delete(configmaps, made.metadata)
  await expect(client.get(configmaps, made.metadata).catch(isNotFound)).resolves.toBe(true)
  await expect(async () => client.create(configmaps, { metadata: { name: 'b' } })).rejects.toThrow('metadata.namespace is needed')
})

test.each([true, false])('an informer follows the server (streamed lists: %s)', async (streamedLists) => {
  const { api, client, informers, clock } = setUp({ streamedLists })
  api.seed(pods, pod('a'))
  const informer = informers.get(pods)
  const seen: string[] = []
  informer.on((object, old) => seen.push(`${old ? (object ? '~' : '-') : '+'}${(object ?? old)!.metadata.name}`))
  await informer.synced
  expect(informer.hasSynced).toBe(true)
  await client.create(pods, pod('b'))
  await client.patch(pods, { namespace: 'default', name: 'a' }, { metadata: { labels: { x: 'y' } } }, { type: 'merge' })
  await client.delete(pods, { namespace: 'default', name: 'b' })
  await clock.settle()
  expect(seen).toEqual(['+a', '+b', '~a', '-b'])
  expect(informer.get('default/a')!.metadata.labels).toEqual({ x: 'y' })
  expect(informers.get(pods)).toBe(informer)
  await informers[Symbol.asyncDispose]()
  expect(clock.pending).toBe(0)
})

test('a cut watch resumes without listing, a forgotten revision lists again and tells what changed meanwhile', async () => {
  const { api, clock, informers } = setUp()
  api.seed(pods, pod('a'), pod('b'))
  const informer = informers.get(pods)
  await informer.synced
  const seen: string[] = []
  informer.on((object, old) => seen.push(`${object?.metadata.name ?? '-'} was ${old?.metadata.name ?? '-'}`))
  seen.length = 0

  api.cutWatches()
  api.seed(pods, pod('c'))
  await clock.advance(2000)
  expect(seen).toEqual(['c was -'])

  api.cutWatches()
  api.vanish(pods, 'default/a')
  api.vanish(pods, 'default/b')
  api.seed(pods, pod('b'))
  api.compact()
  seen.length = 0
  await clock.advance(60_000)
  expect(seen).toEqual(['- was b', 'b was -', '- was a'])
  expect(names(informer.list())).toEqual(['b', 'c'])
})

test('an informer tries again, ever later, and says nothing of what it has not seen', async () => {
  const { api, clock, informers } = setUp({ streamedLists: false })
  const refusing = api.intercept(() => {
    throw tooManyRequests('later', 1)
  })
  const informer = informers.get(pods)
  await clock.advance(60_000)
  const tries = api.calls.length
  expect(tries).toBeGreaterThan(2)
  expect(tries).toBeLessThan(10)
  expect(informer.hasSynced).toBe(false)
  refusing[Symbol.dispose]()
  await clock.advance(60_000)
  expect(informer.hasSynced).toBe(true)
})

test('lists by namespace, index and selector share frozen objects', async () => {
  const { api, client, informers } = setUp()
  api.seed(pods, pod('a', { labels: { app: 'web' } }), { metadata: { namespace: 'other', name: 'b' }, spec: { nodeName: 'n1' } })
  const informer = informers.get(pods)
  informer.index('node', (p) => (p.spec.nodeName ? [p.spec.nodeName] : []))
  const labelled = informers.get(pods, { labelSelector: 'app=web' })
  await Promise.all([informer.synced, labelled.synced])
  expect(names(informer.list('default'))).toEqual(['a'])
  expect(names(informer.by('node', 'n1'))).toEqual(['b'])
  expect(labelled.list()[0]).toBe(informer.get('default/a'))
  expect(informer.list()).toBe(informer.list())
  await client.patch(pods, { namespace: 'other', name: 'b' }, { spec: { nodeName: 'n2' } }, { type: 'merge' })
  await client.patch(pods, { namespace: 'default', name: 'a' }, { metadata: { labels: { app: null } } }, { type: 'merge' })
  expect(informer.by('node', 'n1')).toEqual([])
  expect(labelled.list()).toEqual([])
  expect(() => informer.by('nope', '')).toThrow('no index nope')
})

test('informers that are disposed of before their first list fail those who wait', async () => {
  const { api, informers } = setUp({ streamedLists: false })
  api.intercept(() => {
    throw tooManyRequests('later', 1)
  })
  const { synced } = informers.get(pods)
  await informers[Symbol.asyncDispose]()
  await expect(synced).rejects.toThrow('disposed of before its first list')
})
