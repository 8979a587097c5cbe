import type { Clock } from '#base/clock'
import type { Pod } from '#api/core/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { AnyPlugin } from '../framework/plugin'
import { type PodInfo, podInfoOf } from '../framework/pod-info'
import { Heap } from './heap'

/** A pod that waits for a node. */
export interface QueuedPod {
  info: PodInfo
  readonly priority: number
  /** Its place among all that ever came. */
  readonly added: number
  attempts: number
  /** Plugins that rejected it at its last attempt; only their hints wake it. */
  rejectedBy: ReadonlySet<string>
  /** When its back-off ends, in milliseconds of the monotonic clock. */
  backoffUntil: number
  where: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'out'
}

export interface QueueOptions {
  /** By the scheduler's name that pods ask for. All have the same order. */
  profiles: ReadonlyMap<string, readonly AnyPlugin[]>
  clock: Clock
  /** 1,000 ms, as `podInitialBackoffSeconds`. */
  initialBackoff?: number
  /** 10,000 ms, as `podMaxBackoffSeconds`. */
  maxBackoff?: number
  /** 300,000 ms: an unschedulable pod is tried again after this even if no hint woke it. */
  longestWait?: number
}

/**
 * Pods that wait: `active` ones are next; those in `backoff` wait out their last failure; `unschedulable` ones wait until a
 * hint of the plugin that rejected them says that the cluster changed in their favour; `gated` ones may not be tried.
 */
export class SchedulingQueue implements Disposable {
  private readonly active: Heap<QueuedPod>
  private readonly backoff: Heap<QueuedPod>
  private readonly unschedulable = new Set<QueuedPod>()
  private readonly gated = new Set<QueuedPod>()
  private readonly pods = new Map<string, QueuedPod>()
  private readonly hints = new Map<string, { plugin: string; hint: (change: { object?: KubeObject; old?: KubeObject }, pod: PodInfo) => 'queue' | 'skip' }[]>()
  private readonly options: Required<QueueOptions>
  private readonly onActive: () => void
  private came = 0
  private backoffTimer: Disposable | undefined
  private longTimer: Disposable | undefined

  /** `onActive`: there is something to pop. */
  constructor(options: QueueOptions, onActive: () => void) {
    this.options = { initialBackoff: 1000, maxBackoff: 10_000, longestWait: 300_000, ...options }
    this.onActive = onActive
    const plugins = [...this.options.profiles.values()].flat()
    const order = plugins.find((plugin) => plugin.queueSort)
    if (!order) throw new Error('a scheduler profile needs one plugin with queueSort, such as PrioritySort')
    this.active = new Heap((a, b) => order.queueSort!(a, b) < 0)
    this.backoff = new Heap((a, b) => a.backoffUntil < b.backoffUntil)
    // Profiles share their plugins: each gives its hints once.
    for (const plugin of new Map(plugins.map((one) => [one.name, one])).values())
      for (const { resource, hint } of plugin.hints ?? []) {
        const key = resourceKey(resource)
        this.hints.set(key, [...(this.hints.get(key) ?? []), { plugin: plugin.name, hint }])
      }
  }

  get counts(): { active: number; backoff: number; unschedulable: number; gated: number } {
    return { active: this.active.size, backoff: this.backoff.size, unschedulable: this.unschedulable.size, gated: this.gated.size }
  }

  /** A pod that wants a node is there, or changed. */
  set(pod: Pod): PodInfo {
    const info = podInfoOf(pod)
    const known = this.pods.get(info.key)
    if (known && known.info.pod.metadata.uid === pod.metadata.uid) {
      const changed = needsAnotherTry(known.info.pod, pod)
      known.info = info
      // A change of the pod itself (labels, tolerations, gates, requests) may be what it waited for.
      if (known.where === 'gated' || (known.where === 'unschedulable' && changed)) this.enqueue(known)
      return info
    }
    if (known) this.delete(info.key)
    const queued: QueuedPod = { info, priority: info.priority, added: this.came++, attempts: 0, rejectedBy: new Set(), backoffUntil: 0, where: 'out' }
    this.pods.set(info.key, queued)
    this.enqueue(queued)
    return info
  }

  delete(key: string): void {
    const queued = this.pods.get(key)
    if (!queued) return
    this.pods.delete(key)
    this.leave(queued)
  }

  /** The next pod to try. It stays known: report back with `reject`, `retry` or `delete`. */
  pop(): QueuedPod | undefined {
    const next = this.active.pop()
    if (next) {
      next.where = 'out'
      next.attempts++
    }
    return next
  }

  /** No node could take it: waits for a hint of these plugins. */
  reject(queued: QueuedPod, plugins: ReadonlySet<string>): void {
    if (this.pods.get(queued.info.key) !== queued) return
    queued.rejectedBy = plugins
    queued.backoffUntil = this.options.clock.monotonic() + this.backoffOf(queued)
    queued.where = 'unschedulable'
    this.unschedulable.add(queued)
    this.armLongTimer()
  }

  /** It failed for a reason that time may mend (a refused binding): waits out its back-off. */
  retry(queued: QueuedPod): void {
    if (this.pods.get(queued.info.key) !== queued) return
    queued.backoffUntil = this.options.clock.monotonic() + this.backoffOf(queued)
    this.enqueue(queued)
  }

  /** Something in the cluster changed: pods whose rejecting plugins see hope in it come back. */
  changed(resource: ResourceRef, change: { object?: KubeObject; old?: KubeObject }): void {
    const hints = this.hints.get(resourceKey(resource))
    if (!hints) return
    for (const queued of [...this.unschedulable, ...this.gated]) {
      // Rejected by no plugin: there was no node at all.
      const hopeful = queued.rejectedBy.size === 0 || hints.some(({ plugin, hint }) => queued.rejectedBy.has(plugin) && hint(change, queued.info) === 'queue')
      if (hopeful) this.enqueue(queued)
    }
  }

  /** A plugin that kept a pod out has changed its mind. `anyway`: the pod is tried even if nothing happened that may help it. */
  ungate(key: string, anyway = false): void {
    const queued = this.pods.get(key)
    if (queued?.where === 'gated' || (anyway && queued?.where === 'unschedulable')) this.enqueue(queued)
  }

  [Symbol.dispose](): void {
    this.backoffTimer?.[Symbol.dispose]()
    this.longTimer?.[Symbol.dispose]()
  }

  private enqueue(queued: QueuedPod): void {
    this.leave(queued)
    for (const plugin of this.options.profiles.get(queued.info.pod.spec.schedulerName || 'default-scheduler') ?? []) {
      const gate = plugin.preEnqueue?.(queued.info)
      if (!gate) continue
      queued.rejectedBy = new Set([...queued.rejectedBy, plugin.name])
      queued.where = 'gated'
      this.gated.add(queued)
      return
    }
    if (queued.backoffUntil > this.options.clock.monotonic()) {
      queued.where = 'backoff'
      this.backoff.push(queued)
      this.armBackoffTimer()
      return
    }
    queued.where = 'active'
    this.active.push(queued)
    this.onActive()
  }

  private leave(queued: QueuedPod): void {
    if (queued.where === 'active') this.active.delete(queued)
    else if (queued.where === 'backoff') this.backoff.delete(queued)
    else if (queued.where === 'unschedulable') this.unschedulable.delete(queued)
    else if (queued.where === 'gated') this.gated.delete(queued)
    queued.where = 'out'
  }

  private backoffOf({ attempts }: QueuedPod): number {
    return Math.min(this.options.maxBackoff, this.options.initialBackoff * 2 ** Math.max(0, attempts - 1))
  }

  private armBackoffTimer(): void {
    this.backoffTimer?.[Symbol.dispose]()
    const first = this.backoff.peek()
    if (!first) return
    this.backoffTimer = this.options.clock.after(first.backoffUntil - this.options.clock.monotonic(), () => {
      const now = this.options.clock.monotonic()
      for (let due = this.backoff.peek(); due && due.backoffUntil <= now; due = this.backoff.peek()) this.enqueue(due)
      this.armBackoffTimer()
    })
  }

  /** Runs only while something is unschedulable. */
  private armLongTimer(): void {
    this.longTimer ??= this.options.clock.after(this.options.longestWait / 10, () => {
      this.longTimer = undefined
      const long = this.options.clock.monotonic() - this.options.longestWait
      for (const queued of Array.from(this.unschedulable)) if (queued.backoffUntil <= long) this.enqueue(queued)
      if (this.unschedulable.size > 0) this.armLongTimer()
    })
  }
}

const resourceKey = ({ group, resource }: ResourceRef): string => `${group}/${resource}`

/** Status alone does not help a pod: the scheduler's own condition would wake it forever. */
function needsAnotherTry(old: Pod, pod: Pod): boolean {
  return old.metadata.generation !== pod.metadata.generation || JSON.stringify(old.metadata.labels) !== JSON.stringify(pod.metadata.labels)
}
