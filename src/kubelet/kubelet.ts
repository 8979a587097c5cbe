import { setMaxListeners } from 'node:events'
import { isNotFound } from '#apimachinery/api-error'
import { configmaps } from '#api/core/v1/config-map'
import { nodes } from '#api/core/v1/node'
import { secrets } from '#api/core/v1/secret'
import { services } from '#api/core/v1/service'
import type { ConfigMap, Node, Pod, Secret } from '#api/core/v1/types'
import { runtimeclasses } from '#api/node/v1/runtime-class'
import { orAborted } from '#base/abort'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import { createEventRecorder } from '#client/events'
import type { EventRecorder } from '#client/events'
import type { Informers } from '#client/informer'
import { isMirrorPod } from '#component-helpers/static-pods'
import type { Component, ComponentContext, RunningComponent } from '#component-base/component'
import { createEvictionManager } from './eviction/eviction-manager'
import type { PodUsages } from './eviction/pod-usage'
import { thresholdsOf } from './eviction/thresholds'
import { createImageManager } from './images/image-manager'
import type { KubeletOptions } from './kubelet-options'
import { kubeletOptions } from './kubelet-options'
import type { Machine } from './node/machine'
import { createNodeManager } from './node/node-manager'
import { createPleg } from './pleg'
import { refuse } from './pod/admission'
import { amount, milli, whole } from './pod/amount'
import { createBackOff } from './pod/back-off'
import { isTerminalPhase } from './pod/phase'
import type { PodWorkers } from './pod/pod-workers'
import { createPodWorkers } from './pod/pod-workers'
import { noRuntimePod } from './pod/runtime-pod'
import { serviceEnvironment } from './pod/service-env'
import type { PodHost } from './pod-host'
import type { PodSource } from './pod-source'
import { nodePodSource } from './pod-source'
import { createPodSyncer } from './pod-syncer'
import { createProbeManager } from './prober/probe-manager'
import type { ProbeRunner } from './prober/probe-runner'
import type { ImageService, RuntimeService } from './runtime-service'
import { createMirrorPods } from './static-pods/mirror-pods'
import { createStatusManager } from './status/status-manager'

export interface KubeletDeps {
  client: Client
  runtime: RuntimeService
  images: ImageService
  host: PodHost
  machine: Machine
  probes: ProbeRunner
  /** Pods, the own node and services are watched through these. Without them `podSource` must be given, and pods get no service variables. */
  informers?: Informers
  /** By default a watch on `spec.nodeName`; simulations share one for all nodes (`sharedPodSource`). */
  podSource?: PodSource
  /** Pods that the machine runs by itself, from files. */
  staticPods?: PodSource
  /** What pods use, and how disk space is freed: a machine that can run short has both. */
  usages?: PodUsages
  freeDisk?: () => Promise<void>
  /** By default Events are written to the API; simulations may leave them out (`silentRecorder`). */
  recorder?: EventRecorder
}

/** A recorder that forgets: for simulations where a pod's five events would be most of the load. */
export const silentRecorder: EventRecorder = { event() {}, flush: async () => {} }

/** Started kubelets, for what sits beside them in one process: the server, statistics. */
export interface RunningKubelet extends RunningComponent {
  readonly nodeName: string
  readonly workers: PodWorkers
  pods(): Pod[]
  /** The own Node as others changed it (labels, taints), where no informers were given to see it by. */
  observeNode(node: Node): void
}

/**
 * The agent of one node: registers it, runs the pods that are bound to it, and tells how they are. Stopping it leaves the
 * containers alone; the next one adopts them.
 */
export function createKubelet(given: Partial<KubeletOptions>, deps: KubeletDeps): Omit<Component, 'start'> & { start(context: ComponentContext): Promise<RunningKubelet> } {
  const options = kubeletOptions(given)
  return { name: 'kubelet', start: (context) => startKubelet(options, deps, context) }
}

async function startKubelet(options: KubeletOptions, deps: KubeletDeps, context: ComponentContext): Promise<RunningKubelet> {
  const { client, informers, runtime, images: imageService, host, machine } = deps
  const { clock } = context
  const log = context.log.with({ node: options.nodeName })
  const abort = new AbortController()
  const signal = AbortSignal.any([context.signal, abort.signal])
  // Every pod waits on it: that many listeners are no leak.
  setMaxListeners(0, signal)
  const disposables = createDisposables()
  const recorder = deps.recorder ?? createEventRecorder({ component: 'kubelet', host: options.nodeName }, { client, clock, log, signal })
  const source = deps.podSource ?? (informers && nodePodSource(informers, options.nodeName))
  if (!source) throw new Error('kubelet: neither informers nor podSource was given, so there is no way to learn of pods')

  const node = createNodeManager(options, {
    client, runtime, images: imageService, machine, recorder, clock, log, signal,
    pressure: () => eviction.synchronize(),
    networkReady() {
      for (const uid of workers.uids()) workers.wake(uid)
    },
  })
  const eviction = createEvictionManager(
    { thresholds: thresholdsOf(options.evictionHard), transitionMs: options.evictionPressureTransitionMs },
    {
      machine, recorder, clock, log, self: { kind: 'Node', apiVersion: 'v1', name: options.nodeName, uid: options.nodeName },
      pods: () => activePods().filter(({ metadata }) => workers.phase(metadata.uid ?? '') === 'sync'),
      ...(deps.usages ? { usages: deps.usages } : {}),
      ...(deps.freeDisk ? { freeDisk: deps.freeDisk } : {}),
      evict: (uid, verdict, grace) => workers.evict(uid, verdict, grace),
    },
  )
  const statuses = createStatusManager({ client, clock, log, signal, mirrorOf: (pod) => mirrors.of(pod) })
  const mirrors = createMirrorPods(options.nodeName, { client, clock, log, signal, nodeUid: () => node.node()?.metadata.uid, changed: (pod) => statuses.mirrored(pod) })
  // Workers, probes and syncer know each other; the first calls come after all three exist.
  let workers: PodWorkers
  const probes = createProbeManager({ run: deps.probes, clock, log, recorder, signal, status: (uid) => statuses.get(uid), changed: (uid) => workers.wake(uid) })
  const allServices = informers?.get(services)
  const allocatable = { cpuMilli: milli(machine.capacity['cpu']), memoryBytes: whole(machine.capacity['memory']), ephemeralStorageBytes: amount(machine.capacity['ephemeral-storage']) }
  const orAbsent = async <T>(promise: Promise<T>): Promise<T | undefined> => {
    try {
      return await promise
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
  const activePods = (): Pod[] => {
    const found: Pod[] = []
    for (const uid of workers.uids()) {
      const pod = workers.pod(uid)
      const phase = workers.phase(uid)
      if (pod && (phase === 'sync' || phase === 'terminating') && !isTerminalPhase(statuses.get(uid)?.phase ?? pod.status.phase)) found.push(pod)
    }
    return found
  }
  const syncer = createPodSyncer({
    runtime, imageService, host, recorder, clock, log, statuses, probes,
    images: createImageManager({ images: imageService, recorder, clock, log }),
    backOff: createBackOff({ initialMs: Math.min(10_000, options.maxRestartBackOffMs), maxMs: options.maxRestartBackOffMs }, clock),
    clusterDomain: options.clusterDomain,
    nodeMemoryBytes: () => allocatable.memoryBytes,
    runtimeName: () => node.runtimeName(),
    hostIps: () => options.nodeIps,
    networkProblem: () => node.networkProblem(),
    refuse(pod) {
      const self = node.node()
      return eviction.refuse(pod) ?? (self && refuse(pod, self, activePods().filter(({ metadata }) => metadata.uid !== pod.metadata.uid)))
    },
    async environment(pod, podIps) {
      const namespace = pod.metadata.namespace ?? ''
      if (allServices) await allServices.synced
      return {
        configMap: (name) => orAbsent<ConfigMap>(client.get(configmaps, { namespace, name }, { signal })),
        secret: (name) => orAbsent<Secret>(client.get(secrets, { namespace, name }, { signal })),
        services: allServices ? serviceEnvironment(allServices.list(), namespace, pod.spec.enableServiceLinks !== false) : {},
        podIps, hostIps: options.nodeIps, node: allocatable,
      }
    },
    async pullSecrets(pod) {
      const namespace = pod.metadata.namespace ?? ''
      const found = await Promise.all((pod.spec.imagePullSecrets ?? []).map(async ({ name }) => (name ? orAbsent<Secret>(client.get(secrets, { namespace, name }, { signal })) : undefined)))
      return found.filter((secret): secret is Secret => secret !== undefined)
    },
    async runtimeHandler(pod) {
      const name = pod.spec.runtimeClassName
      return name ? (await client.get(runtimeclasses, { name }, { signal })).handler : ''
    },
  })
  workers = createPodWorkers(syncer, { clock, log })

  let sourceReady = false
  const pleg = createPleg({
    runtime, clock, log, signal,
    anyPods: () => !workers.uids()[Symbol.iterator]().next().done,
    changed: (uid) => workers.wake(uid),
    found(census) {
      if (sourceReady && census.running && workers.phase(census.uid) === undefined) workers.terminateOrphan(noRuntimePod(census.uid, census.name, census.namespace))
    },
  })

  if (informers) {
    disposables.use(informers.get(nodes, { fieldSelector: `metadata.name=${options.nodeName}` }).on((self) => self && node.observe(self)))
  }
  const running = Promise.all([node.run(), pleg.run()])
  const ready = (async () => {
    // Before that nobody knows what the runtime is called, nor what the node has to give.
    await orAborted(node.registered, signal)
    if (deps.staticPods) {
      await orAborted(deps.staticPods.synced, signal)
      disposables.use(
        deps.staticPods.subscribe((pod, old) => {
          mirrors.setStatic(pod, old)
          if (pod) workers.update(pod)
          else if (old) workers.remove(old.metadata.uid ?? '')
          pleg.podsChanged()
        }),
      )
    }
    disposables.use(
      source.subscribe((pod, old) => {
        if (isMirrorPod((pod ?? old)!)) return mirrors.observe(pod, old)
        if (pod) {
          // Deleted and made again between two looks of the watch: the old one is gone without a word.
          if (old && old.metadata.uid !== pod.metadata.uid) workers.remove(old.metadata.uid ?? '')
          statuses.observe(pod)
          workers.update(pod)
        } else if (old) workers.remove(old.metadata.uid ?? '')
        pleg.podsChanged()
      }),
    )
    await orAborted(source.synced, signal)
    mirrors.sourceReady()
    sourceReady = true
    // What the runtime kept while nobody watched: pods that are still wanted were adopted, the rest is nobody's.
    await pleg.relist()
  })()
  ready.catch((error: unknown) => signal.aborted || log.error('kubelet did not get ready', { error }))

  return {
    nodeName: options.nodeName,
    ready,
    workers,
    observeNode: (self) => node.observe(self),
    pods: () => [...workers.uids()].flatMap((uid) => workers.pod(uid) ?? []),
    async [Symbol.asyncDispose]() {
      await workers.stop()
      await disposables[Symbol.asyncDispose]()
      await statuses.flush()
      abort.abort(new Error('the kubelet stops'))
      await running
    },
  }
}
