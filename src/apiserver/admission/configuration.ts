import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { decodeYaml } from '#apimachinery/codec/yaml'
import { messageOf } from '#base/error-message'
import { OptionsError } from '#component-base/options/whole'
import type { Toleration } from '#api/core/v1/types'
import type { EventLimit } from './event-rate-limit'
import type { NodeSelectors } from './namespace-node-selectors'
import type { PodSecurityDefaults } from './pod-security/level'
import type { Exemptions } from './pod-security/pod-security'
import type { LimitedResource } from './resource-quota'
import type { TolerationDefaults } from './namespace-tolerations'

/** What `--admission-control-config-file` says, by plugin. */
export interface AdmissionConfiguration {
  readonly podSecurity?: { readonly defaults?: PodSecurityDefaults; readonly exemptions?: Exemptions }
  readonly limitedResources?: readonly LimitedResource[]
  readonly eventLimits?: readonly EventLimit[]
  readonly nodeSelectors?: NodeSelectors
  readonly tolerations?: TolerationDefaults
  readonly imagePolicy?: ImagePolicyFile
  /** Kubeconfigs that say who the API server is to webhooks. */
  readonly mutatingKubeConfigFile?: string
  readonly validatingKubeConfigFile?: string
}

/** Times as the file gives them: seconds, for the backoff milliseconds; 0 is the default, -1 never. */
export interface ImagePolicyFile {
  readonly kubeConfigFile: string
  readonly allowTTL?: number
  readonly denyTTL?: number
  readonly retryBackoff?: number
  readonly defaultAllow?: boolean
}

type Plain = Record<string, unknown>
const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)

interface PluginFormat {
  readonly kinds?: readonly string[]
  /** The fields of the file, with their problems. */
  read(object: Plain, wrong: (text: string) => Error, directory: string): AdmissionConfiguration
}

const kubeConfig = (field: 'mutatingKubeConfigFile' | 'validatingKubeConfigFile'): PluginFormat => ({
  kinds: ['apiserver.config.k8s.io/v1 WebhookAdmissionConfiguration', 'apiserver.config.k8s.io/v1alpha1 WebhookAdmission'],
  read({ kubeConfigFile, staticManifestsDir }, wrong, directory) {
    if (staticManifestsDir) throw wrong('staticManifestsDir needs the feature gate ManifestBasedAdmissionControlConfig, which is not built')
    if (typeof kubeConfigFile !== 'string' || kubeConfigFile === '') throw wrong('kubeConfigFile must be given')
    return { [field]: placed(kubeConfigFile, directory) }
  },
})

const formats: Readonly<Record<string, PluginFormat>> = {
  PodSecurity: {
    kinds: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `pod-security.admission.config.k8s.io/${version} PodSecurityConfiguration`),
    read({ defaults = {}, exemptions = {} }, wrong) {
      for (const [field, value] of Object.entries(defaults as Plain)) {
        const [mode, versions] = field.endsWith('-version') ? [field.slice(0, -8), true] : [field, false]
        if (!['enforce', 'audit', 'warn'].includes(mode)) throw wrong(`unknown field "defaults.${field}"`)
        const fits = versions ? value === 'latest' || /^v1\.\d+$/.test(String(value)) : ['privileged', 'baseline', 'restricted'].includes(value as string)
        if (!fits) throw wrong(`defaults.${field}: Invalid value: ${JSON.stringify(value)}: must be ${versions ? '"latest" or "v1.x"' : 'one of privileged, baseline, restricted'}`)
      }
      const lists = exemptions as Plain
      for (const [field, value] of Object.entries(lists)) {
        if (!['usernames', 'runtimeClasses', 'namespaces'].includes(field)) throw wrong(`unknown field "exemptions.${field}"`)
        if (!Array.isArray(value) || value.some((one) => typeof one !== 'string' || one === '')) throw wrong(`exemptions.${field} must be a list of names`)
        if (new Set(value).size < value.length) throw wrong(`exemptions.${field}: Duplicate value`)
      }
      return { podSecurity: { defaults: defaults as PodSecurityDefaults, exemptions: lists as Exemptions } }
    },
  },
  ResourceQuota: {
    kinds: ['apiserver.config.k8s.io/v1 ResourceQuotaConfiguration', 'resourcequota.admission.k8s.io/v1beta1 Configuration', 'resourcequota.admission.k8s.io/v1alpha1 Configuration'],
    read({ limitedResources = [] }, wrong) {
      for (const [i, one] of (limitedResources as Plain[]).entries()) if (!one['resource']) throw wrong(`limitedResources[${i}].resource: Required value`)
      return { limitedResources: limitedResources as LimitedResource[] }
    },
  },
  EventRateLimit: {
    kinds: ['eventratelimit.admission.k8s.io/v1alpha1 Configuration'],
    read({ limits = [] }, wrong) {
      const all = limits as EventLimit[]
      if (all.length === 0) throw wrong('limits: Invalid value: []: must not be empty')
      for (const [i, { type, qps, burst, cacheSize }] of all.entries()) {
        if (!['Server', 'Namespace', 'User', 'SourceAndObject'].includes(type)) throw wrong(`limits[${i}].type: Unsupported value: ${JSON.stringify(type)}: supported values: "Namespace", "Server", "SourceAndObject", "User"`)
        if (!(burst > 0)) throw wrong(`limits[${i}].burst: Invalid value: ${burst}: must be positive`)
        if (!(qps > 0)) throw wrong(`limits[${i}].qps: Invalid value: ${qps}: must be positive`)
        if (type !== 'Server' && (cacheSize ?? 0) < 0) throw wrong(`limits[${i}].cacheSize: Invalid value: ${cacheSize}: must not be negative`)
      }
      return { eventLimits: all }
    },
  },
  PodNodeSelector: { read: ({ podNodeSelectorPluginConfig = {} }) => ({ nodeSelectors: podNodeSelectorPluginConfig as NodeSelectors }) },
  PodTolerationRestriction: {
    kinds: ['podtolerationrestriction.admission.k8s.io/v1alpha1 Configuration'],
    read: (object) => ({ tolerations: { default: (object['default'] ?? []) as Toleration[], whitelist: (object['whitelist'] ?? []) as Toleration[] } }),
  },
  ImagePolicyWebhook: {
    read({ imagePolicy }, wrong, directory) {
      if (!isPlain(imagePolicy) || typeof imagePolicy['kubeConfigFile'] !== 'string') throw wrong('imagePolicy.kubeConfigFile must be given')
      return { imagePolicy: { ...imagePolicy, kubeConfigFile: placed(imagePolicy['kubeConfigFile'], directory) } }
    },
  },
  MutatingAdmissionWebhook: kubeConfig('mutatingKubeConfigFile'),
  ValidatingAdmissionWebhook: kubeConfig('validatingKubeConfigFile'),
}

const placed = (file: string, directory: string): string => (isAbsolute(file) ? file : join(directory, file))

/** Reads the file and those that it names. Throws `OptionsError` that says which file is wrong, and how. */
export async function readAdmissionConfiguration(file: string): Promise<AdmissionConfiguration> {
  const problem = (text: string): OptionsError => new OptionsError('kube-apiserver', [`--admission-control-config-file ${file}: ${text}`])
  const directory = dirname(file)
  const object = await read(file, problem)
  // The plugins of old had the file for themselves.
  if (object['imagePolicy'] !== undefined) return formats['ImagePolicyWebhook']!.read(object, problem, directory)
  if (object['podNodeSelectorPluginConfig'] !== undefined) return formats['PodNodeSelector']!.read(object, problem, directory)
  if (object['kind'] !== 'AdmissionConfiguration' || !['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'].includes(object['apiVersion'] as string)) {
    throw problem(`it holds ${String(object['apiVersion'])} ${String(object['kind'])}; known is apiserver.config.k8s.io/v1 AdmissionConfiguration`)
  }
  let whole: AdmissionConfiguration = {}
  for (const { name, path, configuration } of (object['plugins'] ?? []) as { name: string; path?: string; configuration?: unknown }[]) {
    const wrong = (text: string): OptionsError => problem(`plugin ${name}: ${text}`)
    if (configuration && path) throw wrong('configuration and path may not both be given')
    const own = configuration ?? (path ? await read(placed(path, directory), wrong) : undefined)
    if (own === undefined) continue
    const format = formats[name]
    if (!format) throw wrong(`it takes no configuration; those that do are ${Object.keys(formats).join(', ')}`)
    if (!isPlain(own)) throw wrong('its configuration is no object')
    const said = `${String(own['apiVersion'])} ${String(own['kind'])}`
    if (format.kinds && !format.kinds.includes(said)) throw wrong(`its configuration is ${said}; known is ${format.kinds.join(', ')}`)
    whole = { ...whole, ...format.read(own, wrong, directory) }
  }
  return whole
}

async function read(file: string, problem: (text: string) => Error): Promise<Plain> {
  let object: unknown
  try {
    object = await decodeYaml(await readFile(file, 'utf8'))
  } catch (error) {
    throw problem(`${file} cannot be read: ${messageOf(error)}`)
  }
  if (!isPlain(object)) throw problem(`${file} holds no object`)
  return object
}
