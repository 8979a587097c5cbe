import { expect, test } from 'vitest'
import { conflict, forbidden } from '#apimachinery/api-error'
import { replicasets } from '#api/apps/v1/replica-set'
import { leases } from '#api/coordination/v1/lease'
import { configmaps } from '#api/core/v1/config-map'
import { pods } from '#api/core/v1/pod'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import { claim } from './claim'
import { defineController, on } from './controller'
import { createExpectations } from './expectations'
import { runAsLeader } from './leader-election'
import { discoverInformers } from './discovered-informers'
import { controllerOf } from '#component-helpers/owner-references'
import { byOwner, candidatesFor, ownersOf } from './owners'
import { startController } from './manager'
import { slowStart } from './slow-start'
import { createTestBed } from './test-bed'
import { createWorkQueue } from './work-queue'

test('a key waits once, is worked on by one worker, and again if it was added meanwhile', async () => {
  const clock = createFakeClock()
  const seen: string[] = []
  let open = 0
  let most = 0
  await using queue = createWorkQueue({
    name: 't', workers: 2,
    async work(key) {
      seen.push(key)
      most = Math.max(most, ++open)
      if (seen.length === 1) queue.add('a')
      await clock.settle()
      open--
    },
  }, { clock, log: silent })
  for (const key of ['a', 'a', 'b', 'c']) queue.add(key)
  for (let i = 0; i < 8; i++) await clock.settle()
  expect(seen).toEqual(['a', 'b', 'c', 'a'])
  expect(most).toBe(2)
  expect(queue.busy).toBe(0)
})

test('a key whose turn was long rests before its next, and holds nobody else up', async () => {
  const clock = createFakeClock(0)
  const seen: string[] = []
  await using queue = createWorkQueue({
    name: 't', workers: 1,
    async work(key) {
      seen.push(`${key} at ${clock.now()}`)
      if (key === 'long') await clock.sleep(20)
    },
  }, { clock, log: silent })
  queue.add('long')
  await clock.settle()
  queue.add('long')
  queue.add('b')
  await clock.advance(20)
  queue.add('long')
  await clock.advance(59)
  expect(seen).toEqual(['long at 0', 'b at 20'])
  await clock.advance(1)
  expect(seen.at(-1)).toBe('long at 80')
  await clock.advance(1000)
  expect(seen).toHaveLength(3)
})

test('what fails is tried again ever later; what works is forgotten; the sooner of two timers counts', async () => {
  const clock = createFakeClock(0)
  const at: number[] = []
  await using queue = createWorkQueue({
    name: 't', workers: 1,
    async work() {
      at.push(clock.now())
      if (at.length <= 3) throw conflict({ resource: 'pods' }, 'a', 'changed')
      if (at.length === 4) return { requeueAfter: 100 }
    },
  }, { clock, log: silent })
  queue.add('a')
  await clock.advance(1000)
  expect(at).toEqual([0, 5, 15, 35, 135])
  queue.addAfter('a', 50)
  queue.addAfter('a', 10)
  queue.addAfter('a', 70)
  await clock.advance(1000)
  expect(at.slice(5)).toEqual([1010])
  expect(clock.pending).toBe(0)
})

test('expectations are met once the cache shows what was done', () => {
  const expectations = createExpectations()
  const pod = (uid: string, resourceVersion = '7', deletionTimestamp?: string) => ({ metadata: { namespace: 'd', name: uid, uid, resourceVersion, deletionTimestamp } }) as never
  const cache = { revision: 6, there: [pod('x')] as { metadata: { name: string } }[], get: (key: string) => cache.there.find((p) => `d/${p.metadata.name}` === key) }
  expectations.created('k', cache as never, pod('new'))
  expectations.deleted('k', cache as never, pod('x'))
  expect(expectations.met('other')).toBe(true)
  expect(expectations.met('k')).toBe(false)
  cache.revision = 7
  expect(expectations.met('k')).toBe(false)
  cache.there = [pod('x', '8', 'now')]
  expect(expectations.met('k')).toBe(true)
})

test('slow start stops at the batch that fails', async () => {
  let asked = 0
  expect(await slowStart(100, async (index) => {
    asked++
    if (index === 4) throw new Error('quota')
  })).toMatchObject({ done: 6, error: new Error('quota') })
  expect(asked).toBe(7)
  expect(await slowStart(0, async () => {})).toEqual({ done: 0 })
})

test('claim adopts what is free and picked, releases what is no longer, leaves the rest', async () => {
  const api = createFakeApi()
  const client = createClient(api)
  api.seed(replicasets, { metadata: { namespace: 'd', name: 'rs', uid: 'o' }, spec: {} })
  const owner = api.read(replicasets, 'd/rs')!
  const mine = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'o', controller: true }]
  const pod = (name: string, app: string, ownerReferences?: object[]) => api.seed(pods, { metadata: { namespace: 'd', name, labels: { app }, ...(ownerReferences ? { ownerReferences } : {}) } })
  pod('free', 'web')
  pod('other', 'db')
  pod('kept', 'web', mine)
  pod('let-go', 'db', mine)
  pod('theirs', 'web', [{ ...mine[0], uid: 'x' }])
  const how = { ownerResource: replicasets, owner, childResource: pods, picks: (p: { metadata: { labels?: Record<string, string> } }) => p.metadata.labels?.['app'] === 'web' }
  const claimed = await claim(how, api.all(pods), client)
  expect(claimed.map((p) => p.metadata.name)).toEqual(['free', 'kept'])
  expect(controllerOf(api.read(pods, 'd/free')!)).toMatchObject({ uid: 'o', blockOwnerDeletion: true })
  expect(controllerOf(api.read(pods, 'd/let-go')!)).toBeUndefined()
  // The cached owner is still there, the real one is not.
  api.seed(replicasets, { metadata: { namespace: 'd', name: 'rs', uid: 'another' }, spec: {} })
  pod('free2', 'web')
  await expect(claim(how, api.all(pods), client)).rejects.toThrow('original ReplicaSet d/rs is gone')
})

test('a controller sees what is there, what changes, and what concerns it through its owner', async () => {
  await using bed = createTestBed()
  bed.api.seed(replicasets, { metadata: { namespace: 'd', name: 'rs', uid: 'o' }, spec: {} })
  const seen: string[] = []
  await bed.start(defineController({
    name: 'test-controller', watches: [on(replicasets), on(pods, ownersOf(replicasets, () => true), byOwner)], writes: [configmaps],
    async reconcile(key, { cached, client, tell, expectations }) {
      const set = cached(replicasets).get(key)
      seen.push(`${key} ${set ? candidatesFor(cached(pods), set).length : 'gone'} ${expectations.met(key)}`)
      if (!set) return
      tell(replicasets, set, 'Normal', 'Seen', 'seen')
      await client.create(configmaps, { metadata: { namespace: 'd', generateName: 'c-' } })
    },
  }))
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'orphan' } })
  await bed.idle()
  bed.api.vanish(replicasets, 'd/rs')
  await bed.idle()
  expect(seen).toEqual(['d/rs 0 true', 'd/rs 1 true', 'd/rs gone true'])
  expect(bed.writes()).toHaveLength(2)
  expect(bed.clock.pending).toBe(0)
})

test('a test fails for a controller that writes what it does not say', async () => {
  await using bed = createTestBed()
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'p' } })
  await expect(bed.start(defineController({
    name: 'sly-controller', watches: [on(pods)], writes: [],
    reconcile: async (_key, { client }) => void (await client.create(configmaps, { metadata: { namespace: 'd', name: 'c' } })),
  }))).rejects.toThrow('sly-controller does not say that it writes configmaps')
})

test('one of two candidates leads; the other takes over when it is released, or runs out', async () => {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  const seen: string[] = []
  const candidate = (identity: string) => {
    const stop = new AbortController()
    const done = runAsLeader({ name: 'kcm', identity }, { client, informers, clock, log: silent, signal: stop.signal }, async (signal) => {
      seen.push(`${identity} leads`)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      seen.push(`${identity} stops`)
    })
    return { stop, done }
  }
  const a = candidate('a')
  await clock.advance(3000)
  const b = candidate('b')
  await clock.advance(30_000)
  expect(seen).toEqual(['a leads'])
  a.stop.abort()
  await a.done
  await clock.advance(0)
  expect(seen).toEqual(['a leads', 'a stops', 'b leads'])
  expect(api.read(leases, 'kube-system/kcm')!.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1, leaseDurationSeconds: 15 })
  // b loses sight of the server: it steps down by itself before c may start.
  const c = candidate('c')
  await clock.advance(1000)
  {
    using _cut = api.intercept((call) => {
      if (call.method === 'PUT') throw new Error('no route')
    })
    await clock.advance(13_000)
    expect(seen.at(-1)).toBe('b stops')
    await b.done
  }
  await clock.advance(20_000)
  expect(seen.at(-1)).toBe('c leads')
  c.stop.abort()
  await c.done
  await informers[Symbol.asyncDispose]()
})

test('discovery that is refused at a start is asked again until it is allowed', async () => {
  const clock = createFakeClock()
  const api = createFakeApi({ clock, kinds: [pods] })
  const { signal } = new AbortController()
  let refusals = 3
  const client = createClient({ ...api, request: async (call) => {
    if (call.path === '/apis' && refusals-- > 0) throw forbidden({ resource: 'paths' }, '', 'not yet')
    return api.request(call)
  } })
  const informers = createInformers(client, { clock, log: silent })
  let found = 0
  const started = discoverInformers({ client, informers, clock, log: silent, signal }, () => {}).then((discovered) => (found = discovered.resources.length))
  await clock.advance(10)
  expect(found).toBe(0)
  await clock.advance(10_000)
  await started
  expect(found).toBe(1)
  await informers[Symbol.asyncDispose]()
})

test('a controller whose start still waits can be stopped', async () => {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  await using informers = createInformers(client, { clock, log: silent })
  const stop = new AbortController()
  const waiting = defineController({
    name: 'waiting', watches: [on(pods)], writes: [],
    setUp: ({ signal }) => clock.sleep(1e9, signal),
    async reconcile() {},
  })
  const starting = startController(waiting, { clientFor: () => client, informers, clock, log: silent, signal: stop.signal })
  await clock.settle()
  stop.abort(new Error('stopped'))
  await expect(starting).rejects.toThrow('stopped')
})
