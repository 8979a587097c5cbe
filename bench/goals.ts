import type { Runtime } from './runtimes'

/** At most so many times the CPU of the floor, and this part of the CPU of kube-apiserver and etcd, for one request. */
export interface LoadGoal {
  floor?: number | Readonly<Record<Runtime['key'], number>>
  kube: number
}

/** By the keys of the phases. What the ratios stand for was measured: docs/adr/0017-scale.md. */
export const loadGoals: Readonly<Record<string, LoadGoal>> = {
  create: { floor: 3, kube: 1 / 8 },
  // Two flushes to the disk bind it, which the floor does not make.
  'create-serial': { kube: 1 / 4 },
  get: { floor: 1.25, kube: 1 / 6 },
  list: { floor: 1, kube: 1 / 8 },
  'list-consistent': { floor: 1.1, kube: 1 / 8 },
  'list-page': { floor: 1.2, kube: 1 / 8 },
  'list-label': { floor: 1.4, kube: 1 / 12 },
  patch: { floor: 3.2, kube: 1 / 8 },
  'fan-out': { floor: { node: 1, bun: 1.15 }, kube: 1 / 5 },
  delete: { floor: 2.5, kube: 1 / 8 },
}

/** Milliseconds until the slowest of a hundred watch events is with its watcher. */
export const fanOutDelay = 100
export const mega = 2 ** 20

export const clusterGoals = {
  memoryAfterLoad: 350 * mega,
  secondsToReady: 0.7,
  idleMemory: { node: 150 * mega, bun: 120 * mega },
  /** Parts of one core. */
  idleCpu: 0.005,
  /** 5,000 pods on 1,000 nodes. */
  secondsToBound: 5,
  podsRunningPerSecond: 500,
} as const
