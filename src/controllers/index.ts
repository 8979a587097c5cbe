import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Controller } from '#controller-runtime/controller'
import { electedComponent } from '#controller-runtime/elected-component'
import { startController } from '#controller-runtime/manager'
import { createWorkQueueMetrics } from '#controller-runtime/work-queue-metrics'
import { whenAborted } from '#base/abort'
import type { Component } from '#component-base/component'
import type { Metrics } from '#component-base/metrics'
import { bootstrapSigner } from './bootstrap/bootstrap-signer'
import { tokenCleaner } from './bootstrap/token-cleaner'
import { certificateSigningRequestApproving } from './certificates/certificatesigningrequest-approving'
import { certificateSigningRequestCleaner } from './certificates/certificatesigningrequest-cleaner'
import { certificateSigningRequestSigning } from './certificates/certificatesigningrequest-signing'
import type { SigningOptions } from './certificates/certificatesigningrequest-signing'
import { clusterTrustBundlePublisher, trustBundlePublisherName } from './certificates/kube-apiserver-serving-clustertrustbundle-publisher'
import { clusterRoleAggregation } from './clusterrole-aggregation'
import { cronjob } from './cronjob/cronjob'
import { daemonset } from './daemonset/daemonset'
import { deployment } from './deployment/deployment'
import { disruption } from './disruption/disruption'
import { endpoints } from './endpoints/endpoints'
import { endpointslice } from './endpoints/endpointslice'
import { endpointsliceMirroring } from './endpoints/endpointslice-mirroring'
import { ephemeralVolume } from './ephemeral-volume'
import { garbageCollector } from './garbage-collector/garbage-collector'
import { horizontalPodAutoscaler, type HorizontalPodAutoscalerOptions } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler'
import { job } from './job/job'
import { namespace } from './namespace'
import { nodeIpam } from './node-ipam/node-ipam'
import type { NodeIpamOptions } from './node-ipam/node-ipam'
import { nodeLifecycle } from './node-lifecycle/node-lifecycle'
import type { NodeLifecycleOptions } from './node-lifecycle/node-lifecycle'
import { podGroupProtection } from './podgroup-protection'
import { podGarbageCollector } from './pod-garbage-collector'
import type { PodGarbageCollectorOptions } from './pod-garbage-collector'
import { replicaset } from './replicaset'
import { replicationcontroller } from './replicationcontroller'
import { resourcequota } from './resource-quota/resourcequota'
import { rootCaCertificatePublisher } from './root-ca-certificate-publisher'
import { ipAddressRepair } from './service-cidr/ip-address-repair'
import { serviceCidr } from './service-cidr/service-cidr'
import { legacyServiceAccountTokenCleaner } from './service-account-tokens/legacy-serviceaccount-token-cleaner'
import type { LegacyTokenCleanerOptions } from './service-account-tokens/legacy-serviceaccount-token-cleaner'
import { serviceAccountToken, theManager } from './service-account-tokens/serviceaccount-token'
import type { ServiceAccountTokenOptions } from './service-account-tokens/serviceaccount-token'
import { serviceaccount } from './serviceaccount'
import { statefulset } from './statefulset/statefulset'
import { storageVersionGarbageCollector } from './storage-version-garbage-collector/storage-version-garbage-collector'
import { storageVersionMigrator } from './storage-version-migrator/storage-version-migrator'
import { taintEviction } from './taint-eviction'
import { ttl } from './ttl'
import { ttlAfterFinished } from './ttl-after-finished'
import { validatingAdmissionPolicyStatus } from './validatingadmissionpolicy-status/validatingadmissionpolicy-status'
import { persistentVolumeBinder } from './volume-binder/persistentvolume-binder'
import type { ReclaimOptions } from './volume-binder/reclaim'
import { persistentVolumeClaimProtection, persistentVolumeProtection, volumeAttributesClassProtection } from './volume-protection'

/** What single controllers need to be told. One that cannot work without is left out where it is not given. */
export interface ControllerSettings {
  /** Networks for the pods of nodes; without it nodes get none from here (`--allocate-node-cidrs=false`). */
  nodeIpam?: NodeIpamOptions
  /** How often metrics are looked at, and how fast sizes follow them. */
  horizontalPodAutoscaler?: HorizontalPodAutoscalerOptions
  /** How long nodes may be silent, and how many are given up at a time. */
  nodeLifecycle?: NodeLifecycleOptions
  /** How many pods that are over are kept. */
  podGarbageCollector?: PodGarbageCollectorOptions
  /** How volumes are taken away that nobody claims any more. */
  volumeReclaim?: ReclaimOptions
  /** PEM of the cluster's authority, for the ConfigMap kube-root-ca.crt of every namespace. */
  rootCa?: string
  /** What CertificateSigningRequests are signed with; without it nobody signs. */
  signing?: SigningOptions
  /** How tokens in secrets are signed; without it such secrets stay empty. */
  serviceAccountToken?: ServiceAccountTokenOptions
  /** How long tokens in secrets are kept that nobody uses. */
  legacyTokenCleaner?: LegacyTokenCleanerOptions
  /** Whether a feature gate is on; by default as v1.36 has them. */
  enabled?(gate: string): boolean
}

export interface ControllerManagerOptions extends ControllerSettings {
  /**
   * As `--controllers`: `*` for all that are on by default, `name` to add one, `-name` to leave one out. By default `['*']`.
   */
  controllers?: readonly string[]
  /** Runs only while it holds the Lease `kube-controller-manager`; false for the only instance there can be. By default true. */
  leaderElect?: boolean
  /** Who this instance is among several. */
  identity?: string
}

export interface ControllerManagerDeps {
  /** Acts as `system:kube-controller-manager`: reads for all controllers, holds the Lease. */
  client: Client
  informers: Informers
  /** Acts as `system:serviceaccount:kube-system:<name>`. */
  clientFor(serviceAccount: string): Client
  metrics?: Metrics
}

/** Every controller that needs no settings; each is on unless `--controllers` says otherwise. */
export const controllers: readonly Controller[] = [
  serviceaccount, namespace, garbageCollector, endpoints, endpointslice, endpointsliceMirroring, resourcequota,
  replicaset, replicationcontroller, deployment, statefulset, job,
  certificateSigningRequestApproving, certificateSigningRequestCleaner, cronjob, daemonset,
  taintEviction, ttlAfterFinished, clusterRoleAggregation, disruption, serviceCidr, ttl, persistentVolumeClaimProtection, persistentVolumeProtection, volumeAttributesClassProtection, ephemeralVolume,
  validatingAdmissionPolicyStatus,
]

/** On only where `--controllers` names them: clusters whose nodes do not join with tokens need neither. */
const offByDefault: readonly Controller[] = [bootstrapSigner, tokenCleaner]

interface Gated {
  readonly name: string
  readonly gates: readonly string[]
  make(settings: ControllerSettings): Controller | undefined
}
const withGates = (controller: Controller, ...gates: string[]): Gated => ({ name: controller.name, gates, make: () => controller })

/** Started only where all their feature gates are on, which they are not by default. */
const gated: readonly Gated[] = [
  withGates(podGroupProtection, 'GenericWorkload'),
  withGates(storageVersionGarbageCollector, 'APIServerIdentity', 'StorageVersionAPI'),
  withGates(storageVersionMigrator, 'StorageVersionMigrator'),
  { name: trustBundlePublisherName, gates: ['ClusterTrustBundle'], make: ({ rootCa }) => (rootCa ? clusterTrustBundlePublisher(rootCa) : undefined) },
]

/** What kubeadm and others have called controllers since before they were renamed. */
const aliases: Readonly<Record<string, string>> = { bootstrapsigner: bootstrapSigner.name, tokencleaner: tokenCleaner.name, 'storage-version-gc': storageVersionGarbageCollector.name, svm: storageVersionMigrator.name }

/** Every controller there is, as the settings make them. */
export const controllersOf = (settings: ControllerSettings): readonly Controller[] => [
  ...controllers,
  horizontalPodAutoscaler(settings.horizontalPodAutoscaler), nodeLifecycle(settings.nodeLifecycle), podGarbageCollector(settings.podGarbageCollector), persistentVolumeBinder(settings.volumeReclaim),
  ...(settings.nodeIpam ? [nodeIpam(settings.nodeIpam)] : []),
  ...(settings.rootCa ? [rootCaCertificatePublisher(settings.rootCa)] : []),
  ...(settings.signing ? [certificateSigningRequestSigning(settings.signing)] : []),
  ...(settings.serviceAccountToken ? [serviceAccountToken(settings.serviceAccountToken)] : []),
  legacyServiceAccountTokenCleaner(settings.legacyTokenCleaner), ...offByDefault,
  ...gated.flatMap(({ gates, make }) => (gates.every((gate) => settings.enabled?.(gate) ?? false) ? (make(settings) ?? []) : [])),
]

/** Run by the API server itself, with its own rights: one instance among all of them, beside the manager. */
export const apiServerControllers: readonly Controller[] = [ipAddressRepair]

/** Those that `--controllers` asks for. Throws where it names one that there is not. */
export function chosenControllers(given: readonly string[], all: readonly Controller[] = controllers): readonly Controller[] {
  const asked = given.map((entry) => entry.replace(/^(-?)(.*)$/, (_, minus: string, name: string) => minus + (aliases[name] ?? name)))
  // One whose gate is off may be named all the same, as in the original.
  const known = new Set([...all, ...gated].map(({ name }) => name))
  for (const entry of asked) {
    const name = entry.replace(/^-/, '')
    if (name !== '*' && !known.has(name)) throw new Error(`controllers: "${name}" is not the name of a controller; known are ${[...known].sort().join(', ')}`)
  }
  // What is named beats the star, and of two mentions the first counts.
  return all.filter(({ name }) => {
    const first = asked.find((entry) => entry === name || entry === `-${name}`)
    return first ? !first.startsWith('-') : asked.includes('*') && !offByDefault.some((controller) => controller.name === name)
  })
}

/** The controllers, of one leader at a time. */
export function createControllerManager(options: ControllerManagerOptions, deps: ControllerManagerDeps): Component {
  const { controllers: asked = ['*'], leaderElect = true, identity } = options
  const chosen = chosenControllers(asked, controllersOf(options))
  const { client, informers } = deps
  const clientFor = (serviceAccount: string): Client => (serviceAccount === theManager ? client : deps.clientFor(serviceAccount))
  const metrics = deps.metrics ? createWorkQueueMetrics(deps.metrics) : undefined
  return electedComponent({ name: 'kube-controller-manager', leaderElect, ...(identity === undefined ? {} : { identity }) }, { client, informers }, async ({ clock, log, signal }, isReady) => {
    const starting = chosen.map((controller) => startController(controller, { clientFor, informers, clock, log, metrics, signal }))
    try {
      await Promise.all(starting)
      isReady()
      await whenAborted(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      const settled = await Promise.allSettled(starting)
      await Promise.all(settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value[Symbol.asyncDispose]()] : [])))
    }
  })
}
