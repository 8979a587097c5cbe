import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { UserInfo } from '#apiserver/authentication/authenticator'
import { orAborted } from '#base/abort'
import { messageOf } from '#base/error-message'
import { type Clock, systemClock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import { createClient } from '#client/create-client'
import type { Informers } from '#client/informer'
import { createInformers } from '#client/informers'
import type { Kubeconfig } from '#client/kubeconfig'
import { certificateToPem } from '#component-base/certs/certificate'
import type { Component } from '#component-base/component'
import { featureGates } from '#component-base/feature-gates'
import type { Log } from '#component-base/log'
import { wholeOptions } from '#component-base/options/whole'
import { startController } from '#controller-runtime/manager'
import { autoscalerSettings } from '#controllers/horizontal-pod-autoscaler/options'
import { apiServerControllers, createControllerManager } from '#controllers/index'
import type { FakeRules } from '#kubelet/fake/rules'
import { createScheduler } from '#scheduler/component'
import { readConfiguration, type SchedulerConfiguration } from '#scheduler/configuration/configuration'
import { createSimulatedNodes } from '#sim/simulated-nodes'
import type { Store } from '#storage/store'
import { ownComponents } from './component-checks'
import { type ControlPlane, startControlPlane } from './control-plane'
import { controllerManagerUser, nodeUser, schedulerUser, serviceAccountUser } from './identities'
import { kubeconfigFor } from './kubeconfig'
import { localVolumes } from './local-volumes'
import { type ClusterOptions, clusterOptions } from './options'
import { simulatedDial } from './simulated-dial'
import type { SpawnWorker } from './workers/worker-pool'

export interface ClusterDeps {
  log: Log
  clock?: Clock
  store: Store
  pkiDirectory?: string
  /** For `--api-workers`. Without it there can be none. */
  spawnWorker?: SpawnWorker
  /** An address that pods reach this machine by, where there are real ones. */
  nodeAddress?: string
  /** Ends a start that is under way. */
  signal?: AbortSignal
  /** How simulated containers behave. */
  rules?: FakeRules
  /** Said before each part starts. */
  progress?: (text: string) => void
  /** What else belongs to this cluster: the parts of a real node. Started last, in order. */
  nodeComponents?: (parts: ClusterParts) => readonly Component[]
}

/** What components are made with. */
export interface ClusterParts {
  readonly options: ClusterOptions
  readonly controlPlane: ControlPlane
  clientFor(user: UserInfo): Client
  /** Shared by everything in this process, as its user sees the cluster. */
  informersFor(user: UserInfo): Informers
}

export interface Cluster extends AsyncDisposable {
  readonly url: string
  /** Acts as the administrator, in-process. */
  readonly client: Client
  readonly informers: Informers
  /** A kubeconfig for a user, by default the administrator, with a client certificate. */
  kubeconfig(user?: UserInfo): Kubeconfig
  /** Acts as somebody else, in-process. */
  clientFor(user: UserInfo): Client
  readonly controlPlane: ControlPlane
}

/** A whole cluster in this process: the control plane, then controllers and scheduler, then nodes. */
export async function startCluster(given: Partial<ClusterOptions>, deps: ClusterDeps): Promise<Cluster> {
  const options = wholeOptions('navarch', clusterOptions, given)
  const { log, clock = systemClock, store, pkiDirectory, progress = () => undefined, signal = new AbortController().signal } = deps
  const stopping = new AbortController()
  const context = { log, clock, signal: stopping.signal }
  const disposables = createDisposables()
  disposables.defer(() => stopping.abort(new Error('the cluster is going down')))

  try {
    const own = ownComponents()
    progress('starting the API server')
    const controlPlane = await startControlPlane(withNodeRestriction(options), { ...context, store, ...(pkiDirectory ? { pkiDirectory } : {}), ...(deps.nodeAddress ? { nodeAddress: deps.nodeAddress } : {}), ...(deps.spawnWorker ? { spawnWorker: deps.spawnWorker } : {}), ...(options.sim ? { dial: simulatedDial } : {}), components: own.checks })
    disposables.use(controlPlane)
    const clientFor = (user: UserInfo): Client => createClient(controlPlane.apiServer.connect(user))
    const known = new Map<string, Informers>()
    const informersFor = (user: UserInfo): Informers => {
      let informers = known.get(user.name)
      if (!informers) known.set(user.name, (informers = disposables.use(createInformers(clientFor(user), { clock, log }))))
      return informers
    }
    const parts: ClusterParts = { options, controlPlane, clientFor, informersFor }
    for (const component of [...serverControllers(parts), ...controlComponents(parts), ...simulatedNodes(parts, deps.rules), ...(deps.nodeComponents?.(parts) ?? [])]) {
      progress(`starting ${component.name}`)
      const running = disposables.use(await component.start(context))
      await orAborted(running.ready, signal)
      own.started(component.name)
      controlPlane.workers?.componentStarted(component.name)
    }
    return {
      url: controlPlane.apiServer.url,
      client: controlPlane.client,
      informers: controlPlane.informers,
      kubeconfig: (user) => kubeconfigFor(controlPlane, user),
      clientFor,
      controlPlane,
      [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
    }
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
}

/** Nodes may change only what is theirs: the other half of the Node authorizer, on as kubeadm has it. */
function withNodeRestriction(options: ClusterOptions): ClusterOptions {
  const { enableAdmissionPlugins, disableAdmissionPlugins } = options
  if (disableAdmissionPlugins.includes('NodeRestriction') || enableAdmissionPlugins.includes('NodeRestriction')) return options
  return { ...options, enableAdmissionPlugins: [...enableAdmissionPlugins, 'NodeRestriction'] }
}

function controlComponents({ options, controlPlane: { pki, signToken }, clientFor, informersFor }: ClusterParts): Component[] {
  const client = clientFor(controllerManagerUser)
  return [
    createControllerManager(
      {
        controllers: options.controllers,
        // Several API servers on one etcd have several managers, of which one leads.
        leaderElect: options.etcdServers.length > 0,
        rootCa: certificateToPem(pki.ca.certificate),
        horizontalPodAutoscaler: autoscalerSettings(options),
        enabled: featureGates('navarch', options.featureGates).enabled,
        signing: { authority: pki.ca },
        serviceAccountToken: { sign: signToken, rootCa: certificateToPem(pki.ca.certificate) },
        // Volumes on the disk of the one node that there is, which is this machine.
        ...(options.sim === undefined ? { volumeReclaim: { removeDirectory: (path: string) => rm(path, { recursive: true, force: true }) } } : {}),
        // Simulated nodes may be more than the range has room for, and their pods need no addresses of it.
        ...(options.sim === undefined ? { nodeIpam: { clusterCIDRs: options.clusterCIDR.split(','), serviceClusterIPRanges: options.serviceClusterIPRange.split(',') } } : {}),
      },
      { client, informers: informersFor(controllerManagerUser), clientFor: (name) => clientFor(serviceAccountUser('kube-system', name)) },
    ),
    createScheduler({ leaderElect: options.etcdServers.length > 0, ...(options.schedulerConfig ? { configuration: schedulerConfiguration(options.schedulerConfig) } : {}) }, { client: clientFor(schedulerUser), informers: informersFor(schedulerUser) }),
  ]
}

function schedulerConfiguration(file: string): SchedulerConfiguration {
  try {
    return readConfiguration(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`--scheduler-config ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** What the API server does beside serving: no service account has the rights for it. */
function serverControllers({ controlPlane: { selfClient, informers } }: ClusterParts): Component[] {
  return apiServerControllers.map((controller) => ({
    name: controller.name,
    async start({ clock, log }) {
      const running = await startController(controller, { clientFor: () => selfClient, informers, clock, log })
      return { ready: Promise.resolve(), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
    },
  }))
}

function simulatedNodes({ options, clientFor, controlPlane }: ClusterParts, rules: FakeRules | undefined): Component[] {
  if (!options.sim) return []
  return [
    createSimulatedNodes({ count: options.sim, ...(rules ? { rules } : {}) }, { clientFor: (name) => clientFor(nodeUser(name)), informers: controlPlane.informers }),
    localVolumes('simulated', { client: controlPlane.client, informers: controlPlane.informers }),
  ]
}
