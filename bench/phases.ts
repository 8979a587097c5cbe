import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './client'
import { fanOut } from './fan-out'
import { newPod, podsPath } from './objects'
import { cpuSeconds } from './usage'

/** What one phase measured on one server. */
export interface Figures {
  count: number
  seconds: number
  /** CPU of the server per request (per event in fan-out), in microseconds. */
  cpu: number
  /** Fan-out: the slowest of a hundred events, in milliseconds. */
  p99?: number
}

/** A server under load. */
export interface Target {
  url: string
  token: string
  pids: readonly number[]
  connection: Connection
}

export interface Sizes {
  pods: number
  watchers: number
  /** Pods created while they watch. */
  watched: number
  /** How much of the repetitions of lists is done: 1 is all. */
  share: number
}

export interface Phase {
  /** How `--only` names it. */
  key: string
  name: string
  run(target: Target, sizes: Sizes): Promise<Figures>
}

export const fullSizes: Sizes = { pods: 10_000, watchers: 100, watched: 1000, share: 1 }
export const quickSizes: Sizes = { pods: 500, watchers: 10, watched: 100, share: 0.1 }

/** The load, in order. Every phase finds the pods of the warm-up; deletions come last. */
export const phases: readonly Phase[] = [
  {
    key: 'create',
    name: 'create, 32 at a time',
    // A server is measured warm, as it is for the rest of its life.
    run: (target, { pods }) => {
      const warm = warmed(pods)
      const bodies = bodiesOf('p', warm, pods)
      return measure(target, pods - warm, 32, (i) => target.connection.call('POST', podsPath, bodies[i]))
    },
  },
  {
    key: 'create-serial',
    name: 'create, one at a time',
    run: (target, { pods }) => {
      const bodies = bodiesOf('s', 0, Math.min(500, pods))
      return measure(target, bodies.length, 1, (i) => target.connection.call('POST', podsPath, bodies[i]))
    },
  },
  {
    key: 'get',
    name: 'get by name, 32 at a time',
    run: (target, { pods }) => measure(target, pods, 32, (i) => target.connection.call('GET', `${podsPath}/p-${i}`)),
  },
  {
    key: 'list',
    name: 'list everything, 4 at a time',
    run: (target, { share }) => lists(target, 20 * share, 4, () => `${podsPath}?resourceVersion=0`),
  },
  {
    key: 'list-consistent',
    name: 'consistent list, 2 at a time',
    run: (target, { share }) => lists(target, 20 * share, 2, () => podsPath),
  },
  { key: 'list-page', name: 'page of 500', run: (target, { share }) => lists(target, 100 * share, 1, () => `${podsPath}?limit=500`) },
  {
    key: 'list-label',
    name: 'list by label, 1 in 100',
    run: (target, { share }) => lists(target, 500 * share, 8, (i) => `${podsPath}?resourceVersion=0&labelSelector=app%3Dapp-${i % 100}`),
  },
  {
    key: 'patch',
    name: 'merge patch, 32 at a time',
    run: (target, { pods }) =>
      measure(target, Math.trunc(pods / 2), 32, (i) =>
        target.connection.call('PATCH', `${podsPath}/p-${i}`, `{"metadata":{"annotations":{"touched":"${i}"}}}`, {
          contentType: 'application/merge-patch+json',
        }),
      ),
  },
  { key: 'fan-out', name: 'watch fan-out, per event', run: fanOut },
  {
    key: 'delete',
    name: 'delete, 32 at a time',
    run: (target, { pods }) => measure(target, Math.trunc(pods / 2), 32, (i) => target.connection.call('DELETE', `${podsPath}/p-${i}?gracePeriodSeconds=0`)),
  },
]

/** Makes the namespace and most of the pods, so that the first phase meets a warm server. */
export async function warmUp(target: Target, { pods }: Sizes): Promise<void> {
  await target.connection.call('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'load' } }))
  const bodies = bodiesOf('p', 0, warmed(pods))
  await measure(target, bodies.length, 32, (i) => target.connection.call('POST', podsPath, bodies[i]))
}

const warmed = (pods: number): number => Math.trunc(pods * 0.8)

const bodiesOf = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => JSON.stringify(newPod(`${prefix}-${from + i}`, from + i)))

const lists = (target: Target, count: number, width: number, path: (i: number) => string): Promise<Figures> =>
  measure(target, Math.max(1, Math.trunc(count)), width, (i) => target.connection.call('GET', path(i)))

/** `width` workers share `count` requests. */
export async function measure(target: Target, count: number, width: number, one: (i: number) => Promise<unknown>): Promise<Figures> {
  // What the phase before left to do (a flush, a collection of garbage) is not this one's.
  await sleep(100)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await one(i)
  }
  const [cpu, start] = [cpuSeconds(target.pids), performance.now()]
  await Promise.race([Promise.all(Array.from({ length: width }, worker)), target.connection.failed])
  const seconds = (performance.now() - start) / 1000
  return { count, seconds, cpu: ((cpuSeconds(target.pids) - cpu) / count) * 1e6 }
}
