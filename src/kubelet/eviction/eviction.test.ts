import { expect, test } from 'vitest'
import type { Pod, PodSpec } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { createEvictionManager } from './eviction-manager'
import type { PodUsage } from './pod-usage'
import { defaultEvictionHard, type Observations, thresholdsOf } from './thresholds'

const Mi = 1024 * 1024
const pod = (name: string, { memory, priority, ...spec }: { memory?: string; priority?: number } & Partial<PodSpec> = {}): Pod =>
  ({ metadata: { name, namespace: 'default', uid: name }, spec: { containers: [{ name: 'c', resources: memory ? { requests: { memory } } : {} }], priority, ...spec }, status: { phase: 'Running' } }) as unknown as Pod
const usage = (memoryBytes: number, diskBytes = 0, emptyDirs: [string, number][] = []): PodUsage =>
  ({ memoryBytes, diskBytes, inodes: 0, containers: new Map([['c', { memoryBytes, diskBytes, inodes: 0 }]]), emptyDirs: new Map(emptyDirs) })

function setUp(pods: readonly Pod[], usages: Record<string, PodUsage> = {}) {
  const clock = createFakeClock()
  const seen = { now: {} as Observations, evicted: [] as string[], told: [] as string[], freed: 0, broken: false, afterFreeing: undefined as Observations | undefined }
  const manager = createEvictionManager({ thresholds: thresholdsOf(defaultEvictionHard), transitionMs: 300_000 }, {
    clock, log: silent, self: { kind: 'Node', name: 'n1' },
    machine: { observe: async () => (seen.broken ? Promise.reject(new Error('the runtime is down')) : seen.now) },
    pods: () => pods.filter(({ metadata }) => !seen.evicted.some((line) => line.startsWith(`${metadata.name}: `))),
    usages: { of: async (asked) => new Map(asked.map(({ metadata }) => [metadata.uid!, usages[metadata.name] ?? usage(0)])) },
    freeDisk: async () => {
      seen.freed++
      if (seen.afterFreeing) seen.now = seen.afterFreeing
    },
    evict: (uid, { message }) => void seen.evicted.push(`${uid}: ${message}`),
    recorder: { event: (about, _type, reason, message) => void seen.told.push(`${about.name} ${reason}: ${message}`), flush: async () => undefined },
  })
  return { clock, manager, seen }
}
const memory = (available: number): Observations => ({ 'memory.available': { available, capacity: 1000 * Mi } })
const disk = (available: number): Observations => ({ 'nodefs.available': { available, capacity: 1000 * Mi } })

test('memory runs short: who takes more than it asked for goes first, the least important and greediest of them; one at a time', async () => {
  const pods = [pod('modest', { memory: '300Mi' }), pod('important', { priority: 5 }), pod('greedy'), pod('small'), pod('system', { priority: 2_000_001_000 })]
  const { manager, seen, clock } = setUp(pods, { modest: usage(200 * Mi), important: usage(400 * Mi), greedy: usage(90 * Mi), small: usage(10 * Mi), system: usage(900 * Mi) })
  seen.now = memory(200 * Mi)
  expect(await manager.synchronize()).toEqual({ memory: false, disk: false, pid: false })
  seen.now = memory(80 * Mi)
  expect(await manager.synchronize()).toEqual({ memory: true, disk: false, pid: false })
  const low = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. '
  expect(seen.evicted).toEqual([`greedy: ${low}Container c was using 90Mi, request is 0, has larger consumption of memory. `])
  expect(seen.told).toEqual(['n1 EvictionThresholdMet: Attempting to reclaim memory', `greedy Evicted: ${low}Container c was using 90Mi, request is 0, has larger consumption of memory. `])
  for (let i = 0; i < 4; i++) await manager.synchronize()
  expect(seen.evicted.map((line) => line.split(':')[0])).toEqual(['greedy', 'small', 'important', 'modest'])

  seen.broken = true
  expect(await manager.synchronize(), 'what cannot be seen is as it was').toMatchObject({ memory: true })
  seen.broken = false
  seen.now = memory(500 * Mi)
  await clock.advance(299_000)
  expect((await manager.synchronize()).memory, 'a shortage is told for five minutes').toBe(true)
  await clock.advance(2000)
  expect((await manager.synchronize()).memory).toBe(false)
})

test('while memory is short only pods with requests start, or those that tolerate it; while the disk is, none but critical ones', async () => {
  const { manager, seen } = setUp([])
  seen.now = memory(1)
  await manager.synchronize()
  expect(manager.refuse(pod('x'))).toEqual({ reason: 'Evicted', message: 'The node had condition: [MemoryPressure]. ' })
  expect(manager.refuse(pod('x', { memory: '1Mi' }))).toBeUndefined()
  expect(manager.refuse(pod('x', { tolerations: [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' }] }))).toBeUndefined()
  seen.now = { ...memory(1), ...disk(1) }
  await manager.synchronize()
  expect(manager.refuse(pod('x', { memory: '1Mi' }))).toEqual({ reason: 'Evicted', message: 'The node had condition: [MemoryPressure DiskPressure]. ' })
  expect(manager.refuse(pod('x', { priority: 2_000_000_000 }))).toBeUndefined()
})

test('a full disk: what nobody uses goes first, and where that helps no pod does', async () => {
  const { manager, seen } = setUp([pod('writer')], { writer: usage(0, 70 * Mi) })
  seen.now = disk(50 * Mi)
  seen.afterFreeing = disk(500 * Mi)
  await manager.synchronize()
  expect([seen.freed, seen.evicted]).toEqual([1, []])
  seen.now = disk(50 * Mi)
  seen.afterFreeing = disk(60 * Mi)
  await manager.synchronize()
  expect(seen.evicted).toEqual(['writer: The node was low on resource: ephemeral-storage. Threshold quantity: 100Mi, available: 50Mi. Container c was using 70Mi, request is 0, has larger consumption of ephemeral-storage. '])
})

test('pods that break their own limits of disk go in any case', async () => {
  const limited = pod('limited', { containers: [{ name: 'c', resources: { limits: { 'ephemeral-storage': '1Mi' } } }] as never })
  const scratch = pod('scratch', { volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '2Mi' } }] })
  const { manager, seen } = setUp([limited, scratch, pod('free')], { limited: usage(0, 2 * Mi), scratch: usage(0, 3 * Mi, [['tmp', 3 * Mi]]), free: usage(0, 900 * Mi) })
  await manager.synchronize()
  expect(seen.evicted).toEqual(['limited: Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ', 'scratch: Usage of EmptyDir volume "tmp" exceeds the limit "2Mi". '])
})

test('thresholds that make no sense are refused by name', () => {
  expect(() => thresholdsOf({ 'memory.free': '1' })).toThrow('eviction signal memory.free is not known')
  expect(() => thresholdsOf({ 'memory.available': 'much' })).toThrow('eviction threshold memory.available: "much" must be a quantity such as 100Mi')
  expect(() => thresholdsOf({ 'nodefs.available': '110%' })).toThrow('between 0% and 100%')
})
