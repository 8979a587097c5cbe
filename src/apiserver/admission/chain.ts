import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import { OptionsError } from '#component-base/options/whole'
import type { ObjectReader } from '../authentication/objects'
import type { Authorizer } from '../authorization/authorizer'
import type { Webhooks } from '../webhook/webhook'
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates'
import { defaultTolerationSeconds } from './default-toleration-seconds'
import { limitRanger } from './limit-ranger'
import { namespaceLifecycle } from './namespace-lifecycle'
import { nodeRestriction } from './node-restriction'
import type { AdmissionPlugin } from './plugin'
import { podSecurity } from './pod-security/pod-security'
import { priority } from './priority'
import { resourceQuota } from './resource-quota'
import { runtimeClass } from './runtime-class'
import { serviceAccount } from './service-account'
import { defaultIngressClass, podTopologyLabels, taintNodesByCondition } from './small-plugins'
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from './storage-plugins'
import { mutatingAdmissionWebhook } from './webhooks/mutating'
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
  /** Plugins that are built elsewhere: they take the place that their name has in the order. */
  readonly others?: readonly AdmissionPlugin[]
}

/**
 * The plugins to ask, in order.
 * @throws OptionsError for names that nobody knows, and for plugins that were enabled by name but are not built.
 */
export function admissionPlugins(options: AdmissionOptions, deps: AdmissionDeps): AdmissionPlugin[] {
  const { enable = [], disable = [] } = options
  const built = new Map(builtIn(options, deps).map((plugin) => [plugin.name, plugin]))
  for (const plugin of deps.others ?? []) built.set(plugin.name, plugin)
  const known = new Set<string>(orderedPlugins)
  const missing = orderedPlugins.filter((name) => !built.has(name))
  const problems = [
    ...enable.filter((name) => !known.has(name)).map((name) => `enable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...disable.filter((name) => !known.has(name)).map((name) => `disable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...enable.filter((name) => disable.includes(name)).map((name) => `[${name}] in enable-admission-plugins and disable-admission-plugins overlapped`),
    ...enable.filter((name) => known.has(name) && !built.has(name)).map((name) => `admission plugin ${name} is not built; neither are ${missing.filter((other) => other !== name).join(', ')}`),
  ]
  if (problems.length > 0) throw new OptionsError('kube-apiserver', problems)
  const isOn = (name: string): boolean => enable.includes(name) || (onByDefault.has(name) && !disable.includes(name))
  const left = missing.filter(isOn)
  // Nobody asked for these by name, but a cluster of the original would have them.
  if (left.length > 0) deps.log.info('admission plugins that are on by default are not built', { plugins: left })
  return orderedPlugins.flatMap((name) => (isOn(name) ? (built.get(name) ?? []) : []))
}

function builtIn({ notReadySeconds, unreachableSeconds }: AdmissionOptions, deps: AdmissionDeps): AdmissionPlugin[] {
  return [
    namespaceLifecycle(deps), limitRanger(deps), serviceAccount(deps), nodeRestriction(deps), taintNodesByCondition(), priority(deps),
    defaultTolerationSeconds({ ...(notReadySeconds === undefined ? {} : { notReadySeconds }), ...(unreachableSeconds === undefined ? {} : { unreachableSeconds }) }),
    defaultStorageClass(deps), storageObjectInUseProtection(), persistentVolumeClaimResize(deps), runtimeClass(deps), certificateApproval(deps),
    certificateSigning(deps), certificateSubjectRestriction(), defaultIngressClass(deps), podTopologyLabels(deps), resourceQuota(deps), podSecurity(deps),
    mutatingAdmissionWebhook(deps), validatingAdmissionWebhook(deps),
  ]
}
