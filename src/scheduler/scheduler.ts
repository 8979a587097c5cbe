import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import type { ResourceRef } from '#apimachinery/resource'
import type { Client } from '#client/client'
import { about } from '#client/events'
import type { Informers } from '#client/informer'
import type { SeriesRecorder } from '#client/series-recorder'
import { bindPod } from './binding-cycle'
import type { AnyPlugin } from './framework/plugin'
import { type PodInfo, podInfoOf } from './framework/pod-info'
import { type NoNode, Profile } from './framework/profile'
import { Snapshot } from './framework/snapshot'
import { reportUnschedulable } from './pod-condition'
import { preempt } from './preempt'
import { type QueuedPod, SchedulingQueue } from './queue/scheduling-queue'

/** Pods that ask for a scheduler by this name are judged by these plugins. */
export interface SchedulerProfile {
  schedulerName: string
  plugins: readonly AnyPlugin[]
  recorder: Pick<SeriesRecorder, 'event'>
  /** As `ProfileOptions` says. */
  percentageOfNodesToScore?: number
}

export interface SchedulerDeps {
  client: Client
  informers: Informers
  clock: Clock
  log: Log
  /** Pods, by key, for which others are being told to leave right now; plugins look at it, the scheduler writes it. */
  preempting: Set<string>
  random?: () => number
  /** Milliseconds that a pod waits after a failed attempt, at first and at most. */
  backoff?: { initialBackoff: number; maxBackoff: number }
}

/** What reports and writes need, of the profile that a pod asked for. */
export type ProfileContext = Pick<SchedulerDeps, 'client' | 'clock'> & Pick<SchedulerProfile, 'recorder'>

type Known = SchedulerProfile & { readonly profile: Profile; readonly context: ProfileContext }

/** A scheduling slice: after this many milliseconds everybody else in the process gets a turn. */
const slice = 8

/**
 * Finds a node for every pod that has none: changes of the cluster go into the snapshot and wake waiting pods; while
 * there are pods to try, one after another goes through the profile's plugins, is counted onto its node at once
 * (assumed), and is bound in the background.
 */
export class Scheduler implements AsyncDisposable {
  readonly snapshot = new Snapshot()
  readonly queue: SchedulingQueue
  private readonly profiles: ReadonlyMap<string, Known>
  private readonly deps: SchedulerDeps
  private readonly subscriptions: Disposable[] = []
  private readonly binding = new Set<Promise<void>>()
  private readonly stopped = new AbortController()
  private running = false

  constructor(profiles: readonly SchedulerProfile[], deps: SchedulerDeps) {
    const { client, clock, random = Math.random } = deps
    this.deps = deps
    this.profiles = new Map(
      profiles.map((one) => {
        const { schedulerName, plugins, recorder, percentageOfNodesToScore } = one
        const profile = new Profile({ plugins, random, ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }) })
        return [schedulerName, { ...one, profile, context: { client, clock, recorder } }]
      }),
    )
    this.queue = new SchedulingQueue({ profiles: new Map(profiles.map(({ schedulerName, plugins }) => [schedulerName, plugins])), clock, ...deps.backoff }, () => this.wake())
  }

  /** Resolves when the caches are filled; scheduling begins then. */
  async start(): Promise<void> {
    const { informers } = this.deps
    const nodeInformer = informers.get(nodes)
    const podInformer = informers.get(pods)
    // Nodes first: a pod that is there already must find its node.
    await Promise.all([nodeInformer.synced, podInformer.synced, ...this.otherResources().map((resource) => informers.get(resource).synced)])
    this.running = true
    this.subscriptions.push(
      nodeInformer.on((node, old) => {
        if (node) this.snapshot.setNode(node)
        else this.snapshot.removeNode(old!.metadata.name)
        this.queue.changed(nodes, { object: node, old })
      }),
      podInformer.on((pod, old) => this.onPod(pod, old)),
    )
    for (const resource of this.otherResources())
      this.subscriptions.push(informers.get(resource).on((object, old) => this.queue.changed(resource, { object, old })))
    this.running = false
    this.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped.abort(new Error('the scheduler is stopping'))
    for (const subscription of this.subscriptions) subscription[Symbol.dispose]()
    this.queue[Symbol.dispose]()
    await Promise.all(this.binding)
  }

  /** What plugins look at beside nodes and pods: what their hints name. */
  private otherResources(): ResourceRef[] {
    const plugins = [...this.profiles.values()].flatMap((profile) => profile.plugins)
    const all = new Map(plugins.flatMap((plugin) => plugin.hints ?? []).map(({ resource }) => [`${resource.group}/${resource.resource}`, resource]))
    all.delete('/nodes')
    all.delete('/pods')
    return [...all.values()]
  }

  private onPod(pod: Pod | undefined, old: Pod | undefined): void {
    const key = `${(pod ?? old)!.metadata.namespace}/${(pod ?? old)!.metadata.name}`
    if (!pod || isOver(pod)) {
      this.forget(key)
      this.snapshot.unplace(key)
    } else if (pod.spec.nodeName) {
      this.forget(key)
      this.snapshot.place(podInfoOf(pod), pod.spec.nodeName)
    } else if (!this.isOurs(pod)) this.forget(key)
    else if (this.snapshot.placeOf(key) === undefined) {
      const info = this.queue.set(pod)
      const { nominatedNodeName } = pod.status
      if (nominatedNodeName) this.snapshot.nominations.set(info, nominatedNodeName)
      else if (old?.status.nominatedNodeName) this.snapshot.nominations.delete(key)
    }
    this.queue.changed(pods, { object: pod, old })
  }

  private forget(key: string): void {
    this.queue.delete(key)
    this.snapshot.nominations.delete(key)
  }

  private isOurs(pod: Pod): boolean {
    return this.profiles.has(schedulerNameOf(pod)) && pod.metadata.deletionTimestamp === undefined
  }

  private wake(): void {
    if (this.running || this.stopped.signal.aborted) return
    this.running = true
    setImmediate(() => this.work())
  }

  /** Tries pods until none is left or the slice is over. */
  private work(): void {
    const until = this.deps.clock.monotonic() + slice
    while (!this.stopped.signal.aborted) {
      const next = this.queue.pop()
      if (!next) break
      this.scheduleOne(next)
      if (this.deps.clock.monotonic() > until) {
        setImmediate(() => this.work())
        return
      }
    }
    this.running = false
  }

  private scheduleOne(queued: QueuedPod): void {
    const { info } = queued
    const known = this.profileOf(info)
    const verdict = known.profile.schedule(info, this.snapshot)
    if (!verdict.node) return this.noNode(queued, verdict, known)
    const node = verdict.node.name
    this.snapshot.nominations.delete(info.key)
    this.snapshot.place(info, node)
    this.inBackground(
      bindPod(info, node, known.plugins, this.snapshot, { client: this.deps.client, signal: this.stopped.signal }).then(
        () => this.bound(info, node, known),
        (error: unknown) => this.bindingFailed(queued, node, error, known),
      ),
    )
  }

  private profileOf({ pod }: PodInfo): Known {
    return this.profiles.get(schedulerNameOf(pod))!
  }

  private noNode(queued: QueuedPod, { message, plugins, nominate, victims }: NoNode, known: Known): void {
    const { info } = queued
    if (nominate) this.snapshot.nominations.set(info, nominate)
    else if (nominate !== undefined) this.snapshot.nominations.delete(info.key)
    this.queue.reject(queued, plugins)
    this.inBackground(reportUnschedulable(info.pod, { message, nominate }, known.context))
    if (nominate && victims) this.makeRoom(info, nominate, victims, known)
  }

  /** The pod is not tried again before everybody was told: it would ask others to leave. */
  private makeRoom(preemptor: PodInfo, node: string, victims: readonly PodInfo[], { schedulerName, context }: Known): void {
    const { preempting, log } = this.deps
    const { nominations } = this.snapshot
    const displaced = [...nominations.on(node)!.values()].filter(({ priority }) => priority < preemptor.priority)
    for (const { key } of displaced) nominations.delete(key)
    preempting.add(preemptor.key)
    const told = preempt({ preemptor, victims, node, displaced, schedulerName }, context)
      .then(
        () => false,
        (error: unknown) => {
          log.warn('preemption failed', { pod: preemptor.key, node, error })
          return true
        },
      )
      .then((failed) => {
        preempting.delete(preemptor.key)
        this.queue.ungate(preemptor.key, failed)
      })
    this.inBackground(told)
  }

  private bound({ pod, key }: PodInfo, node: string, { recorder }: Known): void {
    this.queue.delete(key)
    recorder.event({ regarding: about(pods, pod), type: 'Normal', reason: 'Scheduled', action: 'Binding', note: `Successfully assigned ${key} to ${node}` })
  }

  private async bindingFailed(queued: QueuedPod, node: string, error: unknown, { context }: Known): Promise<void> {
    const { pod, key } = queued.info
    const current = this.deps.informers.get(pods).get(key)
    // The informer may have seen it bound (by us, with the answer lost, or by another scheduler).
    if (current?.spec.nodeName) return
    if (this.snapshot.placeOf(key) === node) this.snapshot.unplace(key)
    if (isNotFound(error) || this.stopped.signal.aborted) return
    this.deps.log.warn('binding failed', { pod: key, node, error })
    this.queue.retry(queued)
    const reason = isConflict(error) ? 'another writer was faster' : messageOf(error)
    await reportUnschedulable(pod, { message: `binding rejected: ${reason}`, reason: 'SchedulerError', nominate: '' }, context)
  }

  private inBackground(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => this.deps.log.error('scheduling went on after an error', { error }))
      .finally(() => this.binding.delete(tracked))
    this.binding.add(tracked)
  }
}

const isOver = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

const schedulerNameOf = ({ spec }: Pod): string => spec.schedulerName || 'default-scheduler'
