import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { OptionsError } from '#component-base/options/whole'
import type { ObjectReader } from '../authentication/objects'
import type { Authorizer } from '../authorization/authorizer'
import type { Webhooks } from '../webhook/webhook'
import { credentialsOfKubeconfig } from '../webhook/kubeconfig-place'
import { isOwnPlace } from '../webhook/own-place'
import { createWebhooks } from '../webhook/webhooks'
import { alwaysAdmit, alwaysDeny } from './always'
import { alwaysPullImages } from './always-pull-images'
import { certificateApproval, certificateSigning, certificateSubjectRestriction, clusterTrustBundleAttest } from './certificates'
import type { AdmissionConfiguration } from './configuration'
import { defaultTolerationSeconds } from './default-toleration-seconds'
import { eventRateLimit } from './event-rate-limit'
import { imagePolicyOf, imagePolicyWebhook } from './image-policy-webhook'
import { limitRanger } from './limit-ranger'
import { resourceOfKind } from './matching/resource-of-kind'
import { namespaceLifecycle } from './namespace-lifecycle'
import { podNodeSelector } from './namespace-node-selectors'
import { podTolerationRestriction } from './namespace-tolerations'
import { namespaceAutoProvision, namespaceExists } from './namespaces'
import { nodeRestriction } from './node-restriction'
import { ownerReferencesPermissionEnforcement } from './owner-references'
import type { AdmissionPlugin } from './plugin'
import { mutatingAdmissionPolicy } from './policies/mutating/plugin'
import { createParams } from './policies/params'
import { validatingAdmissionPolicy } from './policies/validating'
import { jobValidation, podGroupProtection, podGroupWorkloadExists } from './pod-groups'
import { nodeDeclaredFeatureValidator, podResizeValidator } from './pod-resize'
import { podSecurity } from './pod-security/pod-security'
import { priority } from './priority'
import { resourceQuota } from './resource-quota'
import { runtimeClass } from './runtime-class'
import { serviceAccount } from './service-account'
import { defaultIngressClass, denyServiceExternalIPs, extendedResourceToleration, limitPodHardAntiAffinityTopology, podTopologyLabels, taintNodesByCondition } from './small-plugins'
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from './storage-plugins'
import { mutatingAdmissionWebhook } from './webhooks/mutating'
import { webhookMetrics } from './webhooks/webhook-metrics'
import { validatingAdmissionWebhook } from './webhooks/validating'

/** Every plugin of v1.36 in the order in which they are asked. */
export const orderedPlugins = [
  'AlwaysAdmit', 'NamespaceAutoProvision', 'NamespaceLifecycle', 'NamespaceExists', 'LimitPodHardAntiAffinityTopology', 'LimitRanger', 'ServiceAccount',
  'NodeRestriction', 'TaintNodesByCondition', 'AlwaysPullImages', 'ImagePolicyWebhook', 'PodSecurity', 'PodNodeSelector', 'Priority',
  'DefaultTolerationSeconds', 'PodTolerationRestriction', 'EventRateLimit', 'ExtendedResourceToleration', 'DefaultStorageClass',
  'StorageObjectInUseProtection', 'PodGroupProtection', 'OwnerReferencesPermissionEnforcement', 'PersistentVolumeClaimResize', 'RuntimeClass',
  'CertificateApproval', 'CertificateSigning', 'ClusterTrustBundleAttest', 'CertificateSubjectRestriction', 'DefaultIngressClass', 'DenyServiceExternalIPs',
  'PodTopologyLabels', 'PodGroupWorkloadExists', 'NodeDeclaredFeatureValidator', 'JobValidation', 'PodResizeValidator', 'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionWebhook', 'ResourceQuota', 'AlwaysDeny',
] as const

/** On unless disabled. */
const onByDefault = new Set<string>([
  'NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'DefaultStorageClass', 'PersistentVolumeClaimResize', 'DefaultTolerationSeconds', 'MutatingAdmissionWebhook',
  'ValidatingAdmissionWebhook', 'ResourceQuota', 'StorageObjectInUseProtection', 'PodGroupProtection', 'Priority', 'TaintNodesByCondition', 'RuntimeClass',
  'CertificateApproval', 'CertificateSigning', 'ClusterTrustBundleAttest', 'CertificateSubjectRestriction', 'DefaultIngressClass', 'PodSecurity', 'PodTopologyLabels',
  'MutatingAdmissionPolicy', 'ValidatingAdmissionPolicy', 'PodGroupWorkloadExists', 'NodeDeclaredFeatureValidator', 'JobValidation', 'PodResizeValidator',
])

export interface AdmissionOptions {
  /** `--enable-admission-plugins` */
  readonly enable?: readonly string[]
  /** `--disable-admission-plugins` */
  readonly disable?: readonly string[]
  readonly notReadySeconds?: number
  readonly unreachableSeconds?: number
  /** `--admission-control-config-file` */
  readonly configuration?: AdmissionConfiguration
}

export interface AdmissionDeps {
  readonly objects: ObjectReader
  readonly authorizer: Authorizer
  readonly informers: Informers
  readonly webhooks: Webhooks
  /** A superuser's: charges quotas. */
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  /** Plugins that are built elsewhere: they take the place that their name has in the order. */
  readonly others?: readonly AdmissionPlugin[]
}

/**
 * The plugins to ask, in order.
 * @throws OptionsError for names that nobody knows or that are enabled and disabled, and for a plugin without the configuration that it needs.
 */
export function admissionPlugins(options: AdmissionOptions, deps: AdmissionDeps): AdmissionPlugin[] {
  const { enable = [], disable = [] } = options
  const built = new Map(builtIn(options, deps).map((plugin) => [plugin.name, plugin]))
  for (const plugin of deps.others ?? []) built.set(plugin.name, plugin)
  const known = new Set<string>(orderedPlugins)
  const problems = [
    ...enable.filter((name) => !known.has(name)).map((name) => `enable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...disable.filter((name) => !known.has(name)).map((name) => `disable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...enable.filter((name) => disable.includes(name)).map((name) => `[${name}] in enable-admission-plugins and disable-admission-plugins overlapped`),
    ...(enable.includes('ImagePolicyWebhook') && !built.has('ImagePolicyWebhook') ? ['admission plugin ImagePolicyWebhook needs its configuration in --admission-control-config-file'] : []),
  ]
  if (problems.length > 0) throw new OptionsError('kube-apiserver', problems)
  const isOn = (name: string): boolean => enable.includes(name) || (onByDefault.has(name) && !disable.includes(name))
  return orderedPlugins.flatMap((name) => (isOn(name) ? (built.get(name) ?? []) : []))
}

function builtIn({ notReadySeconds, unreachableSeconds, configuration = {} }: AdmissionOptions, deps: AdmissionDeps): AdmissionPlugin[] {
  const { podSecurity: pods = {}, limitedResources = [], eventLimits = [], nodeSelectors = {}, tolerations = {}, imagePolicy } = configuration
  const { objects, webhooks } = deps
  const params = createParams(deps)
  const calls = deps.metrics && webhookMetrics(deps.metrics, deps.clock)
  return [
    alwaysAdmit(), alwaysDeny(), namespaceAutoProvision(deps), namespaceLifecycle(deps), namespaceExists(deps), limitPodHardAntiAffinityTopology(), limitRanger(deps),
    serviceAccount(deps), nodeRestriction(deps), taintNodesByCondition(), alwaysPullImages(), podSecurity({ objects, ...pods, metrics: deps.metrics }), podNodeSelector({ objects, selectors: nodeSelectors }), priority(deps),
    defaultTolerationSeconds({ ...(notReadySeconds === undefined ? {} : { notReadySeconds }), ...(unreachableSeconds === undefined ? {} : { unreachableSeconds }) }),
    podTolerationRestriction({ objects, cluster: tolerations }), eventRateLimit({ clock: deps.clock, limits: eventLimits }), extendedResourceToleration(),
    defaultStorageClass(deps), storageObjectInUseProtection(), podGroupProtection(),
    ownerReferencesPermissionEnforcement({ authorizer: deps.authorizer, resourceOf: (apiVersion, kind) => resourceOfKind(objects, apiVersion, kind) }),
    persistentVolumeClaimResize(deps), runtimeClass(deps), certificateApproval(deps), certificateSigning(deps), clusterTrustBundleAttest(deps), certificateSubjectRestriction(),
    defaultIngressClass(deps), denyServiceExternalIPs(), podTopologyLabels(deps), podGroupWorkloadExists(deps), nodeDeclaredFeatureValidator(deps), jobValidation(deps), podResizeValidator(deps),
    mutatingAdmissionPolicy({ ...deps, params }), validatingAdmissionPolicy({ ...deps, params }), mutatingAdmissionWebhook({ ...deps, calls, webhooks: webhooksAs(configuration.mutatingKubeConfigFile, deps) }),
    validatingAdmissionWebhook({ ...deps, calls, webhooks: webhooksAs(configuration.validatingKubeConfigFile, deps) }), resourceQuota({ ...deps, limitedResources }),
    ...(imagePolicy ? [imagePolicyWebhook({ policy: imagePolicyOf(imagePolicy, webhooks), clock: deps.clock, log: deps.log })] : []),
  ]
}

/** The administrator may say who the API server is to webhooks. */
function webhooksAs(file: string | undefined, { webhooks, informers, clock }: AdmissionDeps): Webhooks {
  if (file === undefined) return webhooks
  const named = createWebhooks({ informers, clock, credentials: credentialsOfKubeconfig(file) })
  // To itself the server is nobody else.
  return { ...named, of: (config) => (isOwnPlace(config) ? webhooks : named).of(config) }
}
