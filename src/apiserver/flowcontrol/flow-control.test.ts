import { describe, expect, test } from 'vitest'
import { flowschemas } from '#api/flowcontrol/v1/flow-schema'
import { prioritylevelconfigurations } from '#api/flowcontrol/v1/priority-level-configuration'
import type { FlowSchema, PriorityLevelConfiguration } from '#api/flowcontrol/v1/types'
import { createClient } from '#client/create-client'
import { createInformers } from '#client/informers'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { flowSchemaObjects, priorityLevelObjects } from '../bootstrap/flow-control'
import type { Exchange, Result } from '../exchange'
import { requestInfoOf } from '../request-path'
import { startTestServer } from '../testing/test-server'
import { allocate } from './allocation'
import { matches } from './classify'
import { createFlowControl } from './flow-control'
import { followConfiguration } from './follow'
import { maxInFlight } from './max-in-flight'
import { QueueSet, type Ticket } from './queue-set'
import { RetryAfter } from './retry-after'
import { deal, hashOfFlow } from './shuffle-sharding'
import { estimateWork } from './work-estimate'

const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
const user = (name: string, ...groups: string[]) => ({ name, groups: [...groups, 'system:authenticated'] })

function request(who: Exchange['user'], method: string, target: string, aborted = new AbortController()): Exchange & { done(code?: number): void } {
  const mark = target.indexOf('?')
  const info = requestInfoOf(method, mark < 0 ? target : target.slice(0, mark), new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)))
  const finished: ((code: number) => void)[] = []
  return {
    inProcess: false, method, info, target, auditId: '', headers: {}, user: who, warnings: [], finished, credentials: { headers: {} }, signal: aborted.signal, remoteAddress: '',
    body: async () => ({ sort: 'object', object: {} }), negotiate() {},
    done: (code = 200) => finished.splice(0).toReversed().forEach((one) => one(code)),
  } as Exchange & { done(code?: number): void }
}

const withDefaults = (objects: readonly object[]) => objects.map((object, i) => ({ ...structuredClone(object), metadata: { ...(object as { metadata: object }).metadata, uid: `u${i}` } }))

function control(concurrency = 600, schemas: object[] = withDefaults(flowSchemaObjects), levels: object[] = withDefaults(priorityLevelObjects)) {
  const clock = createFakeClock()
  const flowControl = createFlowControl({ concurrency, requestTimeout: 60_000 }, { clock, stats: () => undefined })
  flowControl.configure(schemas as unknown as FlowSchema[], levels as unknown as PriorityLevelConfiguration[])
  return { clock, flowControl, level: (name: string) => flowControl.configuration.levels.get(name)! }
}

describe('classification', () => {
  const schemaOf = (who: Exchange['user'], method: string, target: string): string => {
    const { info } = request(who, method, target)
    const order = [...(flowSchemaObjects as unknown as FlowSchema[])].sort((a, b) => a.spec.matchingPrecedence - b.spec.matchingPrecedence || (a.metadata.name < b.metadata.name ? -1 : 1))
    return order.find(({ spec }) => matches(spec, who, info))!.metadata.name
  }
  test.each<[Exchange['user'], string, string, string]>([
    [admin, 'GET', '/api/v1/pods', 'exempt'],
    [user('ann'), 'GET', '/healthz', 'probes'],
    [user('ann'), 'GET', '/livez/ping', 'probes'],
    [user('ann'), 'GET', '/metrics', 'global-default'],
    [user('system:kube-scheduler'), 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x', 'system-leader-election'],
    [user('system:kube-scheduler'), 'GET', '/api/v1/pods', 'kube-scheduler'],
    [user('system:node:a', 'system:nodes'), 'PATCH', '/api/v1/nodes/a/status', 'system-node-high'],
    [user('system:node:a', 'system:nodes'), 'PATCH', '/api/v1/namespaces/a/pods/b/status', 'system-nodes'],
    [user('system:serviceaccount:kube-system:job-controller', 'system:serviceaccounts'), 'GET', '/api/v1/pods', 'kube-system-service-accounts'],
    [user('system:serviceaccount:kube-systems:x', 'system:serviceaccounts'), 'GET', '/api/v1/pods', 'service-accounts'],
    [user('ann'), 'GET', '/api/v1/pods', 'global-default'],
  ])('%j %s %s is of %s', (who, method, target, expected) => expect(schemaOf(who, method, target)).toBe(expected))
})

test('lists that are null cover nothing', () => {
  const { info } = request(user('ann'), 'GET', '/api/v1/namespaces/a/pods')
  const rule = { subjects: [{ kind: 'User', user: { name: 'ann' } }], resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: null }], nonResourceRules: null }
  const spec = { priorityLevelConfiguration: { name: 'x' }, matchingPrecedence: 1, rules: [rule] } as never
  expect(matches(spec, user('ann'), info)).toBe(false)
  expect(matches(spec, user('ann'), request(user('ann'), 'GET', '/api/v1/nodes').info)).toBe(true)
  expect(matches(spec, user('ann'), request(user('ann'), 'GET', '/healthz').info)).toBe(false)
})

test('seats are shared out as in the original', () => {
  const { level } = control()
  // What kube-apiserver v1.36 reports as nominal limits of its levels with 600 seats in all.
  expect(Object.fromEntries(['exempt', 'leader-election', 'node-high', 'system', 'workload-high', 'workload-low', 'global-default', 'catch-all'].map((name) => [name, level(name).nominal]))).toEqual({
    exempt: 0, 'leader-election': 25, 'node-high': 98, system: 74, 'workload-high': 98, 'workload-low': 245, 'global-default': 49, 'catch-all': 13,
  })
  expect(level('workload-low').lowest).toBe(245 - 221)
})

test('an administrator is never held up; others wait for a seat, in turn of their flows', async () => {
  const { flowControl, level } = control(600)
  const begun: string[] = []
  const enter = (name: string): { exchange: ReturnType<typeof request>; promise: Promise<void> } => {
    const exchange = request(user(name), 'GET', '/api/v1/pods/x')
    const promise = Promise.resolve(flowControl.stop(exchange)).then(() => void begun.push(name))
    return { exchange, promise }
  }
  const limit = level('global-default').current
  const greedy = Array.from({ length: limit + 20 }, () => enter('greedy'))
  await Promise.all(greedy.slice(0, limit).map(({ promise }) => promise))
  expect(begun).toHaveLength(limit)
  const modest = enter('modest')
  for (let i = 0; i < 1000; i++) expect(flowControl.stop(request(admin, 'GET', '/api/v1/pods'))).toBeUndefined()
  greedy[0]!.exchange.done()
  greedy[1]!.exchange.done()
  await modest.promise
  // The newcomer does not stand behind twenty of the other.
  expect(begun.indexOf('modest')).toBeLessThan(limit + 2)
  expect(modest.exchange.flow).toEqual({ schemaUid: expect.stringMatching(/^u/), levelUid: expect.stringMatching(/^u/) })
  for (const { exchange } of greedy) exchange.done()
  expect(level('global-default').queues.counts.waiting).toBe(0)
})

const small = (queuing?: object, more: object = {}) => ({
  metadata: { name: 'small', uid: 'pl' }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: queuing ? { type: 'Queue', queuing } : { type: 'Reject' }, ...more } },
})
const toSmall = {
  metadata: { name: 'to-small', uid: 'fs' },
  spec: { priorityLevelConfiguration: { name: 'small' }, matchingPrecedence: 500, rules: [{ subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }], resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }] }] },
}
/** One seat for `small`. */
const oneSeat = (queuing?: object) => control(6, [toSmall], [small(queuing)])

test('without queues, and with a full one, a request is told to come back later', async () => {
  const { flowControl, level } = oneSeat()
  expect(level('small').nominal).toBe(1)
  const first = request(user('ann'), 'GET', '/api/v1/pods/x')
  void flowControl.stop(first)
  expect(() => flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/y'))).toThrow('Too many requests, please try again later.')
  expect([...level('small').rejected]).toEqual([['to-small concurrency-limit', 1]])
  first.done()
  expect(flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/y'))).toBeUndefined()

  const queued = oneSeat({ queues: 1, handSize: 1, queueLengthLimit: 1 })
  void queued.flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/x'))
  void queued.flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/y'))
  expect(() => queued.flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/z'))).toThrow(expect.objectContaining({ code: 429, status: expect.objectContaining({ details: { retryAfterSeconds: 1 } }) }))
})

test('who waits too long, or goes, gives up its place', async () => {
  const { clock, flowControl, level } = oneSeat({ queues: 1, handSize: 1, queueLengthLimit: 10 })
  const first = request(user('ann'), 'GET', '/api/v1/pods/x')
  void flowControl.stop(first)
  const late = flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/y')) as Promise<void>
  const aborted = new AbortController()
  const gone = flowControl.stop(request(user('ann'), 'GET', '/api/v1/pods/z', aborted)) as Promise<void>
  const outcomes = Promise.allSettled([late, gone])
  aborted.abort()
  await clock.advance(14_999)
  expect(level('small').queues.counts.waiting).toBe(1)
  await clock.advance(1)
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  first.done()
  expect(level('small').queues.counts).toMatchObject({ waiting: 0, executing: 0, seatsInUse: 0, seatsWaiting: 0, rejected: 2 })
})

test('a watch holds its seat only until it is under way, and is counted for writers from then on', async () => {
  const { clock, flowControl, level } = oneSeat({ queues: 1, handSize: 1, queueLengthLimit: 10 })
  const serve = flowControl.around(() => ({ sort: 'watch' }) as Result)
  const watches = Array.from({ length: 20 }, () => request(user('ann'), 'GET', '/api/v1/namespaces/a/pods?watch=true&resourceVersion=5'))
  for (const watch of watches) {
    expect(flowControl.stop(watch)).toBeUndefined()
    await serve(watch)
  }
  expect(level('small').queues.counts.seatsInUse).toBe(0)
  const write = request(user('ann'), 'DELETE', '/api/v1/namespaces/a/pods/x')
  void flowControl.stop(write)
  write.done()
  // Twenty watchers hear of it: the seat is held for a while.
  expect(level('small').queues.counts.seatsInUse).toBe(1)
  await clock.advance(10)
  expect(level('small').queues.counts.seatsInUse).toBe(0)
  for (const watch of watches) watch.done()
  const another = request(user('ann'), 'DELETE', '/api/v1/namespaces/a/pods/x')
  void flowControl.stop(another)
  another.done()
  expect(level('small').queues.counts.seatsInUse).toBe(0)
})

test('a level borrows what others do not use, and gives it back', async () => {
  const { clock, flowControl, level } = control(600)
  const before = level('workload-low').current
  const busy = Array.from({ length: 300 }, () => request(user('system:serviceaccount:a:b', 'system:serviceaccounts'), 'GET', '/api/v1/pods/x'))
  for (const exchange of busy) void flowControl.stop(exchange)
  await clock.advance(10_000)
  const borrowed = level('workload-low').current
  expect(borrowed).toBeGreaterThan(before)
  expect(borrowed).toBeGreaterThan(level('workload-low').nominal)
  expect(level('node-high').current).toBeGreaterThanOrEqual(level('node-high').lowest)
  for (const exchange of busy) exchange.done()
  await clock.advance(60_000)
  expect(clock.pending).toBe(0)
})

test('a level that is gone is used up, then goes; a schema that leads nowhere is left out', () => {
  const { flowControl, level } = oneSeat()
  const first = request(user('ann'), 'GET', '/api/v1/pods/x')
  void flowControl.stop(first)
  flowControl.configure([toSmall] as unknown as FlowSchema[], [])
  expect(level('small').quiescing).toBe(true)
  const next = request(user('ann'), 'GET', '/api/v1/pods/y')
  void flowControl.stop(next)
  expect(level('catch-all').queues.counts.executing).toBe(1)
  first.done()
  expect(level('small')).toBeUndefined()
})

test('fairness: a flow of large requests does not starve one of small ones', () => {
  const clock = createFakeClock()
  const set = new QueueSet(clock, { queues: 2, handSize: 1, lengthLimit: 100 }, 1, () => {})
  const order: string[] = []
  const exchange = request(user('x'), 'GET', '/')
  const enter = (name: string, seats: number, queue: number): Ticket => {
    const ticket = set.enter(exchange, name, name, { initialSeats: seats, finalSeats: 0, additionalLatency: 0 }, [queue]) as Ticket
    void set.turn(ticket)?.then(() => order.push(name))
    return ticket
  }
  const first = enter('first', 1, 0)
  const tickets = [...Array.from({ length: 4 }, () => enter('large', 4, 0)), ...Array.from({ length: 4 }, () => enter('small', 1, 1))]
  set.finish(first)
  const begun: string[] = []
  while (set.counts.executing > 0) {
    const now = tickets.find((ticket) => ticket.started > 0 && set.executing.has(ticket))!
    begun.push(now.schema)
    set.finish(now)
  }
  expect(begun.slice(0, 3)).toEqual(['small', 'small', 'small'])
  expect(begun).toHaveLength(8)
})

test('hands are dealt from the flow’s hash: distinct queues, the same for the same flow', () => {
  const hand = deal(hashOfFlow('service-accounts', 'system:serviceaccount:a:b'), 128, 6)
  expect(new Set(hand).size).toBe(6)
  expect(hand.every((queue) => queue >= 0 && queue < 128)).toBe(true)
  expect(deal(hashOfFlow('service-accounts', 'system:serviceaccount:a:b'), 128, 6)).toEqual(hand)
  expect(deal(0n, 4, 4)).toEqual([0, 1, 2, 3])
  expect(deal(23n, 4, 4)).toEqual([3, 2, 1, 0])
})

test('shares: in proportion to what is asked for, within bounds', () => {
  const wish = (lowerBound: number, target: number, upperBound: number) => ({ lowerBound, target, upperBound })
  expect(allocate(100, [wish(0, 10, 1000), wish(0, 30, 1000)]).shares).toEqual([25, 75])
  expect(allocate(100, [wish(40, 40, 1000), wish(0, 40, 1000), wish(0, 20, 10)]).shares.map(Math.round)).toEqual([45, 45, 10])
  expect(allocate(10, [wish(10, 10, 20), wish(0, 5, 5)]).shares).toEqual([10, 0])
  expect(() => allocate(5, [wish(10, 10, 20)])).toThrow('higher than the required sum')
})

test('who is refused again and again is told to stay away longer', () => {
  const retry = new RetryAfter()
  for (let second = 100; second < 104; second++) for (let i = 0; i < 10; i++) retry.refused(second * 1000)
  expect(retry.current).toBeGreaterThan(1)
  for (let second = 200; second < 260; second += 10) retry.refused(second * 1000)
  expect(retry.current).toBe(1)
})

test.each<[string, string, number, number, object]>([
  ['GET', '/api/v1/pods', 10, 0, { initialSeats: 1 }],
  ['GET', '/api/v1/pods', 1000, 0, { initialSeats: 10 }],
  ['GET', '/api/v1/pods?limit=50', 1000, 0, { initialSeats: 2 }],
  ['GET', '/api/v1/pods?watch=1&resourceVersion=7', 1000, 0, { initialSeats: 1 }],
  ['GET', '/api/v1/pods?watch=1', 1000, 0, { initialSeats: 10 }],
  ['POST', '/api/v1/namespaces/a/pods', 1000, 9, { finalSeats: 0 }],
  ['POST', '/api/v1/namespaces/a/pods', 1000, 45, { initialSeats: 1, finalSeats: 5, additionalLatency: 5 }],
  ['POST', '/api/v1/namespaces/a/pods', 1000, 400, { finalSeats: 10, additionalLatency: 20 }],
  ['POST', '/api/v1/namespaces/a/serviceaccounts/x/token', 1000, 400, { finalSeats: 0 }],
])('%s %s of %d objects, seen by %d', (method, target, count, watches, expected) => {
  expect(estimateWork(request(admin, method, target).info, 0, () => ({ count, averageSize: 3000 }), () => watches)).toMatchObject(expected)
})

test('without priority and fairness so many are served at a time; administrators always', () => {
  const stop = maxInFlight({ readOnly: 1, mutating: 1 })
  const first = request(user('ann'), 'GET', '/api/v1/pods')
  expect(stop(first)).toBeUndefined()
  expect(() => stop(request(user('ann'), 'GET', '/api/v1/pods'))).toThrow('Too many requests')
  expect(stop(request(user('ann'), 'POST', '/api/v1/namespaces/a/pods'))).toBeUndefined()
  expect(stop(request(user('ann'), 'GET', '/api/v1/pods?watch=1'))).toBeUndefined()
  expect(stop(request(admin, 'GET', '/api/v1/pods'))).toBeUndefined()
  first.done()
  expect(stop(request(user('ann'), 'GET', '/api/v1/pods'))).toBeUndefined()
})

test('the objects of the cluster are in force; they are told what is missing, and put back', async () => {
  const clock = createFakeClock()
  const flowControl = createFlowControl({ concurrency: 600, requestTimeout: 60_000 }, { clock, stats: () => undefined })
  await using server = await startTestServer({ flowControl })
  const client = createClient(server.transport)
  await using informers = createInformers(client, { clock, log: silent })
  using _following = await followConfiguration(flowControl, { informers, client, clock, log: silent })
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await clock.settle()
  }
  await settle()
  expect(flowControl.configuration.levels.size).toBe(8)
  const found = await client.get(flowschemas, { name: 'global-default' })
  expect(found.status.conditions).toEqual([expect.objectContaining({ type: 'Dangling', status: 'False', reason: 'Found', message: 'This FlowSchema references the PriorityLevelConfiguration object named "global-default" and it exists' })])

  await client.create(flowschemas, { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name: 'lost' }, spec: { priorityLevelConfiguration: { name: 'nowhere' } } } as never)
  await client.delete(prioritylevelconfigurations, { name: 'exempt' })
  await client.patch(prioritylevelconfigurations, { name: 'workload-low' }, { spec: { limited: { nominalConcurrencyShares: 1 } } }, { type: 'merge' })
  await client.patch(prioritylevelconfigurations, { name: 'workload-high' }, { metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } }, spec: { limited: { nominalConcurrencyShares: 1 } } }, { type: 'merge' })
  await settle()
  expect((await client.get(flowschemas, { name: 'lost' })).status.conditions).toEqual([expect.objectContaining({ status: 'True', reason: 'NotFound' })])
  expect((await client.get(prioritylevelconfigurations, { name: 'exempt' })).spec.type).toBe('Exempt')
  expect((await client.get(prioritylevelconfigurations, { name: 'workload-low' })).spec.limited!.nominalConcurrencyShares).toBe(100)
  expect((await client.get(prioritylevelconfigurations, { name: 'workload-high' })).spec.limited!.nominalConcurrencyShares).toBe(1)
  expect(flowControl.configuration.levels.get('workload-high')!.spec.limited!.nominalConcurrencyShares).toBe(1)

  const dump = async (name: string): Promise<string> => (await server.transport.request({ method: 'GET', path: `/debug/api_priority_and_fairness/${name}` })).body as string
  expect(await dump('dump_priority_levels')).toMatch(/^PriorityLevelName, +ActiveQueues, +IsIdle.*\ncatch-all, +0, +true, +false,/)
  expect((await dump('dump_queues')).split('\n').filter((line) => line.startsWith('workload-low,'))).toHaveLength(128)
  expect(await dump('dump_requests')).toMatch(/^PriorityLevelName, FlowSchemaName,/)
})
