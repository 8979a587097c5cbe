import { expect, test } from 'vitest'
import type { Pod } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { createDeferred } from '#base/deferred'
import { silent } from '#component-base/log'
import type { PodSyncer, SyncOutcome } from './pod-workers'
import { createPodWorkers } from './pod-workers'
import { noRuntimePod } from './runtime-pod'

const pod = (uid: string, more: Partial<Pod['metadata']> = {}, phase = 'Pending', spec: object = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: uid, namespace: 'default', uid, ...more }, spec: { containers: [], terminationGracePeriodSeconds: 30, ...spec }, status: { phase } }) as unknown as Pod

function setUp(over: Partial<PodSyncer> = {}, outcome: () => SyncOutcome | Promise<SyncOutcome> = () => ({ terminal: false })) {
  const clock = createFakeClock()
  const calls: string[] = []
  const syncer: PodSyncer = {
    sync: async (one) => {
      calls.push(`sync ${one.metadata.uid}`)
      return outcome()
    },
    terminate: async (one, { gracePeriodSeconds }) => void calls.push(`terminate ${one.metadata.uid} ${gracePeriodSeconds}`),
    terminateOrphan: async (one) => void calls.push(`orphan ${one.uid}`),
    cleanUp: async (one) => void calls.push(`cleanUp ${one.metadata.uid}`),
    forget: (uid) => void calls.push(`forget ${uid}`),
    ...over,
  }
  return { clock, calls, workers: createPodWorkers(syncer, { clock, log: silent }) }
}
const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 20 }

test('a pod goes forward only, and is forgotten once no source knows it', async () => {
  const { workers, calls, clock } = setUp()
  workers.update(pod('a'))
  await clock.settle()
  workers.update(pod('a', deleted))
  await clock.settle()
  expect(workers.phase('a')).toBe('finished')
  workers.update(pod('a'))
  workers.wake('a')
  await clock.settle()
  expect(calls).toEqual(['sync a', 'terminate a 20', 'cleanUp a'])
  workers.remove('a')
  expect(calls.at(-1)).toBe('forget a')
  expect(workers.phase('a')).toBeUndefined()
})

test('one pod does one thing at a time; updates meanwhile become one more sync', async () => {
  const gate = createDeferred<SyncOutcome>()
  let first = true
  const { workers, calls, clock } = setUp({}, () => (first ? ((first = false), gate.promise) : { terminal: false }))
  workers.update(pod('a'))
  await clock.settle()
  for (let i = 0; i < 5; i++) workers.update(pod('a', { labels: { n: String(i) } }))
  await clock.settle()
  expect(calls).toEqual(['sync a'])
  gate.resolve({ terminal: false })
  await clock.settle()
  expect(calls).toEqual(['sync a', 'sync a'])
})

test('deletion interrupts a sync, a shorter grace period interrupts a longer one', async () => {
  const aborted: string[] = []
  const hang = (what: string, signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => { aborted.push(what); reject(signal.reason as Error) }))
  const graces: number[] = []
  const { workers, clock } = setUp({
    sync: (_, signal) => hang('sync', signal),
    terminate: async (_, { gracePeriodSeconds }, signal) => {
      graces.push(gracePeriodSeconds)
      if (gracePeriodSeconds > 5) await hang('terminate', signal)
    },
  })
  workers.update(pod('a'))
  await clock.settle()
  workers.update(pod('a', deleted))
  await clock.settle()
  workers.update(pod('a', { ...deleted, deletionGracePeriodSeconds: 60 }))
  await clock.settle()
  expect(graces).toEqual([20])
  workers.update(pod('a', { ...deleted, deletionGracePeriodSeconds: 1 }))
  await clock.settle()
  expect(aborted).toEqual(['sync', 'terminate'])
  expect(graces).toEqual([20, 1])
  expect(workers.phase('a')).toBe('finished')
})

test('our own status coming back is no reason to look again, others\' conditions are', async () => {
  const { workers, calls, clock } = setUp()
  workers.update(pod('a'))
  await clock.settle()
  workers.update(pod('a', { resourceVersion: '2' }, 'Running'))
  await clock.settle()
  expect(calls).toEqual(['sync a'])
  const gated = pod('a', { resourceVersion: '3' }, 'Running')
  gated.status.conditions = [{ type: 'example.com/gate', status: 'True' }]
  workers.update(gated)
  await clock.settle()
  expect(calls).toEqual(['sync a', 'sync a'])
})

test('a failure is tried again, later each time, and no timer is left when all is well', async () => {
  let failures = 3
  const { workers, calls, clock } = setUp({}, () => {
    if (failures-- > 0) throw new Error('not yet')
    return { terminal: false }
  })
  workers.update(pod('a'))
  await clock.advance(100)
  expect(calls).toHaveLength(1)
  await clock.advance(10_000)
  expect(calls).toHaveLength(4)
  expect(clock.pending).toBe(0)
})

test('a pod that is gone without a word, and one that was never known, are ended', async () => {
  const { workers, calls, clock } = setUp()
  workers.update(pod('a'))
  await clock.settle()
  workers.remove('a')
  workers.terminateOrphan(noRuntimePod('b', 'b', 'default'))
  workers.terminateOrphan(noRuntimePod('b', 'b', 'default'))
  await clock.settle()
  expect(calls).toEqual(['sync a', 'terminate a 30', 'orphan b', 'cleanUp a', 'forget b', 'forget a'])
})

test('a pod that had ended before is cleaned up, never started', async () => {
  const { workers, calls, clock } = setUp()
  workers.update(pod('a', {}, 'Succeeded'))
  await clock.settle()
  expect(calls).toEqual(['terminate a 30', 'cleanUp a'])
})

test('stopping leaves containers alone', async () => {
  const { workers, calls, clock } = setUp({}, () => ({ terminal: false, againInMs: 1000 }))
  workers.update(pod('a'))
  await clock.settle()
  await workers.stop()
  workers.update(pod('b'))
  await clock.advance(5000)
  expect(calls).toEqual(['sync a'])
})
