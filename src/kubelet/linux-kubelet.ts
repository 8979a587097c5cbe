import { setMaxListeners } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import { createEventRecorder } from '#client/events'
import type { Informers } from '#client/informer'
import type { Component, ComponentContext } from '#component-base/component'
import { createCgroups } from './cgroups/cgroups'
import { detectCgroups } from './cgroups/detect'
import { connectCri } from './cri/connection'
import { createCriImageService } from './cri/image-service'
import { createCriRuntimeService } from './cri/runtime-service'
import { podUsages } from './eviction/pod-usage'
import { createImageGc, defaultImageGc } from './images/image-gc'
import type { RunningKubelet } from './kubelet'
import { createKubelet } from './kubelet'
import type { KubeletOptions } from './kubelet-options'
import { createLinuxHost, podDirectoryIn } from './linux-host'
import { keepLogsSmall } from './logs/rotate'
import { linuxMachine } from './node/linux-machine'
import { amount, milli, whole } from './pod/amount'
import { createLinuxProbes } from './prober/linux-probes'
import type { ImageService, RuntimeService } from './runtime-service'
import { delegatedAccess } from './server/access'
import { startKubeletServer } from './server/kubelet-server'
import { staticPodSource } from './static-pods/static-pod-source'
import { linuxMounts } from './volumes/mounts'
import { createTokens } from './volumes/tokens'
import { createVolumeManager } from './volumes/volume-manager'
import { createVolumeObjects } from './volumes/volume-objects'

export interface LinuxKubeletOptions extends Partial<KubeletOptions> {
  /** `/run/containerd/containerd.sock`. */
  criSocket: string
  /** Pods' directories; by default `/var/lib/kubelet`. */
  rootDirectory?: string
  podLogsDirectory?: string
  /** Below which `kubepods` is made; `/` by default. */
  cgroupRoot?: string
  /** A directory of manifests whose pods this machine runs by itself; none without it. */
  staticPodPath?: string
  /** Addresses of the cluster's DNS. */
  clusterDns?: readonly string[]
  /** With what the kubelet's own server proves itself, PEM; without it there is no server, and no logs or exec. */
  serving?: { certificate: string; key: string; clientCa?: string; address?: string }
}

export interface RunningLinuxKubelet extends RunningKubelet {
  readonly runtime: RuntimeService
  readonly images: ImageService
  readonly podLogsDirectory: string
  /** Where the server listens, where there is one. */
  readonly port?: number
  /** A new certificate for the server, where there is one. PEM. */
  useCertificate(certificate: string, key: string): void
}

/** A kubelet on this machine, over a CRI socket. Needs root; stopping it leaves the containers running. */
export function createLinuxKubelet(options: LinuxKubeletOptions, deps: { client: Client; informers: Informers }): Omit<Component, 'start'> & { start(context: ComponentContext): Promise<RunningLinuxKubelet> } {
  return { name: 'kubelet', start: (context) => start(options, deps, context) }
}

async function start(options: LinuxKubeletOptions, { client, informers }: { client: Client; informers: Informers }, context: ComponentContext): Promise<RunningLinuxKubelet> {
  const { rootDirectory = '/var/lib/kubelet', podLogsDirectory = '/var/log/pods', cgroupRoot = '/', clusterDns = [], criSocket, serving, staticPodPath, nodeName = hostname().toLowerCase(), ...rest } = options
  const { clock, log } = context
  await mkdir(rootDirectory, { recursive: true, mode: 0o750 })
  const disposables = createDisposables()
  const abort = new AbortController()
  disposables.defer(() => abort.abort(new Error('the kubelet stops')))
  const signal = AbortSignal.any([context.signal, abort.signal])
  // Every pod waits on it: that many listeners are no leak.
  setMaxListeners(0, signal)
  try {
    const connection = disposables.use(await connectCri(criSocket))
    const runtime = createCriRuntimeService(connection)
    const images = createCriImageService(connection)
    const machine = await linuxMachine({ rootDirectory, imageDirectory: async () => (await images.imageFsInfo())[0]?.mountpoint })
    const cgroups = createCgroups(await detectCgroups(), cgroupRoot)
    // The volumes' objects wake pods, the kubelet that knows the pods is made from the volumes.
    let kubelet: RunningKubelet | undefined
    const volumes = createVolumeManager({
      mounts: linuxMounts,
      objects: createVolumeObjects({ client, clock, log, signal, changed: (uid) => kubelet?.workers.wake(uid) }),
      tokens: createTokens({ client, clock, signal }),
      node: { cpuMilli: milli(machine.capacity['cpu']), memoryBytes: whole(machine.capacity['memory']), ephemeralStorageBytes: amount(machine.capacity['ephemeral-storage']) },
      hostIps: rest.nodeIps ?? ['127.0.0.1'],
      podDirectory: podDirectoryIn(rootDirectory),
    })
    const host = createLinuxHost({ rootDirectory, podLogsDirectory, clusterDns, clusterDomain: rest.clusterDomain ?? 'cluster.local' }, { cgroups, volumes, mounts: linuxMounts })
    const recorder = createEventRecorder({ component: 'kubelet', host: nodeName }, { client, clock, log, signal })
    const self = { kind: 'Node', apiVersion: 'v1', name: nodeName, uid: nodeName }
    const imageGc = createImageGc(defaultImageGc, { images, runtime, self, recorder, clock, log, signal, anyPods: () => (kubelet?.pods().length ?? 0) > 0 })
    const usages = podUsages({ runtime, podDirectory: podDirectoryIn(rootDirectory), logDirectory: (pod) => host.logDirectory(pod) })
    const staticPods = staticPodPath ? disposables.use(await staticPodSource(staticPodPath, nodeName, { clock, log })) : undefined
    kubelet = disposables.use(
      await createKubelet({ ...rest, nodeName }, { client, informers, runtime, images, host, machine, recorder, probes: createLinuxProbes(runtime), usages, freeDisk: () => imageGc.removeUnused(), ...(staticPods ? { staticPods } : {}) }).start(context),
    )
    const { workers, pods, ready, observeNode } = kubelet
    const rotating = keepLogsSmall({ runtime, podLogsDirectory, anyPods: () => pods().length > 0, clock, log, signal })
    const collecting = imageGc.run()
    disposables.defer(async () => {
      abort.abort(new Error('the kubelet stops'))
      await Promise.all([rotating, collecting])
    })
    const server = serving && disposables.use(await startKubeletServer(
      { port: rest.port ?? 10250, address: serving.address ?? '::', nodeName, rootDirectory, ...serving },
      { runtime, images, access: delegatedAccess({ client, nodeName, clock }), pods, clock, log },
    ))
    return { nodeName, ...(server ? { port: server.port } : {}), ready, workers, pods, observeNode, runtime, images, podLogsDirectory, useCertificate: (certificate, key) => server?.useCertificate(certificate, key), [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
}
