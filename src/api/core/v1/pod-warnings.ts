// Warnings for what a pod says and nothing heeds, or what works by accident.
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'
import { quantityMilliValue } from '#apimachinery/quantity'
import { isDns1123Label, isLabelValue } from '#apimachinery/names'
import { ipWarnings } from '../../ip-checks'
import { deprecatedNodeLabel } from '../../node-label-warnings'
import { isCopiedProfile } from './app-armor'
import { overlapWarnings } from './path-overlaps'
import { claimSpecWarnings } from './persistent-volume-claim-validation'
import { eachContainer } from './pod-containers'
import type { Container, EphemeralContainer, Pod, PodAffinity, PodSpec, PodTemplateSpec, Volume } from './types'

const q = (text: string): string => JSON.stringify(text)

const annotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}
const volumeSources: readonly [source: keyof Volume, shown: string, text: string][] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** Only when a pod is made: an update could not mend what is warned about. */
export function podWarnings(pod: Pod, old: Pod | undefined): string[] {
  if (old) return []
  const found: string[] = []
  const messages = isDns1123Label(pod.metadata.name)
  if (messages.length > 0) {
    found.push(`metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`)
  }
  collect(pod.spec, pod.metadata, '', found)
  return found
}

/** `path`: where the template stands. Unchanged templates are not warned about again. */
export function podTemplateWarnings(template: PodTemplateSpec, old: PodTemplateSpec | undefined, path: string): string[] {
  if (template === old) return []
  const found: string[] = []
  collect(template.spec, template.metadata, `${path}.`, found)
  return found
}

function collect(spec: PodSpec, metadata: ObjectMeta | undefined, before: string, found: string[]): void {
  const at = `${before}spec`
  for (const key in spec.nodeSelector) if (deprecatedNodeLabel(key)) found.push(`${at}.nodeSelector[${key}]: ${deprecatedNodeLabel(key)}`)
  if (spec.affinity?.nodeAffinity) nodeAffinityWarnings(spec, at, found)
  for (const [i, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const label = deprecatedNodeLabel(constraint.topologyKey)
    if (label) found.push(`${at}.topologySpreadConstraints[${i}].topologyKey: ${constraint.topologyKey} is ${label}`)
    nullSelector(constraint.labelSelector, `${at}.topologySpreadConstraints[${i}]`, found)
  }
  for (const key in metadata?.annotations) if (annotations[key]) found.push(`${before}metadata.annotations[${key}]: ${annotations[key]}`)
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    for (const [source, shown, text] of volumeSources) if (volume[source]) found.push(`${at}.volumes[${i}].${shown}: ${text}`)
    const claim = volume.ephemeral?.volumeClaimTemplate
    if (claim) found.push(...claimSpecWarnings(claim.spec, `${at}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`))
  }
  found.push(...overlapWarnings(spec.volumes))
  repeated(spec.hostAliases, (alias) => alias.ip, (i, ip) => found.push(`${at}.hostAliases[${i}].ip: duplicate ip ${q(ip)}`))
  repeated(spec.imagePullSecrets, (secret) => secret.name ?? '', (i, name) => found.push(`${at}.imagePullSecrets[${i}].name: duplicate name ${q(name)}`))
  for (const [i, { name }] of (spec.imagePullSecrets ?? []).entries()) if (!name) found.push(`${at}.imagePullSecrets[${i}].name: invalid empty name ""`)
  fractional(spec.overhead, `${at}.overhead`, found)
  annotatedProfiles(spec, metadata, before, found)
  const ports = new Map<string, { path: string; hostIP: string; hostPort: number }[]>()
  const names = new Map<string, string>()
  const later: string[] = []
  eachContainer(spec, (container, list, i) => {
    const path = `${at}.${list}[${i}]`
    fractional(container.resources.limits, `${path}.resources.limits`, found)
    fractional(container.resources.requests, `${path}.resources.requests`, found)
    hiddenVariables(container, path, found)
    portWarnings(container, path, ports, later)
    for (const [j, { name }] of (container.ports ?? []).entries()) {
      const other = name && names.get(name)
      if (other) later.push(`${path}.ports[${j}]: duplicate port name ${q(name)} with ${other}, services and probes that select ports by name will use ${other}`)
      else if (name) names.set(name, `${path}.ports[${j}]`)
    }
  })
  found.push(...later)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    found.push(`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  podAffinityWarnings(spec.affinity?.podAffinity, `${at}.affinity.podAffinity`, found)
  podAffinityWarnings(spec.affinity?.podAntiAffinity, `${at}.affinity.podAntiAffinity`, found)
  for (const [i, server] of (spec.dnsConfig?.nameservers ?? []).entries()) found.push(...ipWarnings(`${at}.dnsConfig.nameservers[${i}]`, server))
  for (const [i, { ip }] of (spec.hostAliases ?? []).entries()) found.push(...ipWarnings(`${at}.hostAliases[${i}].ip`, ip))
}

function repeated<T>(list: readonly T[] | undefined, keyOf: (item: T) => string, tell: (index: number, key: string) => void): void {
  if (!list || list.length < 2) return
  const seen = new Set<string>()
  for (const [i, item] of list.entries()) {
    const key = keyOf(item)
    if (seen.has(key)) tell(i, key)
    seen.add(key)
  }
}

function nodeAffinityWarnings(spec: PodSpec, at: string, found: string[]): void {
  const affinity = spec.affinity!.nodeAffinity!
  const path = `${at}.affinity.nodeAffinity`
  const terms = affinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const all = [
    ...terms.map((term, i) => [term, `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, false] as const),
    ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      .map(({ preference }, i) => [preference, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, true] as const),
  ]
  for (const [term, where, checkValues] of all) {
    for (const [i, { key, values }] of (term.matchExpressions ?? []).entries()) {
      if (deprecatedNodeLabel(key)) found.push(`${where}.matchExpressions[${i}].key: ${key} is ${deprecatedNodeLabel(key)}`)
      if (checkValues) for (const [j, value] of (values ?? []).entries()) {
        for (const message of isLabelValue(value)) found.push(`${where}.matchExpressions[${i}].values[${j}]: ${value} is invalid, ${message}`)
      }
    }
  }
}

function nullSelector(selector: LabelSelector | undefined, path: string, found: string[]): void {
  if (!selector) found.push(`${path}.labelSelector: a null labelSelector results in matching no pod`)
}

function podAffinityWarnings(affinity: PodAffinity | undefined, path: string, found: string[]): void {
  for (const [i, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    nullSelector(term.labelSelector, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, found)
  }
  for (const [i, { podAffinityTerm }] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    nullSelector(podAffinityTerm.labelSelector, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`, found)
  }
}

function fractional(amounts: Readonly<Record<string, string>> | undefined, path: string, found: string[]): void {
  if (!amounts) return
  for (const name of ['memory', 'ephemeral-storage']) {
    const amount = amounts[name]
    // Only a fraction or thousandths can be less than a byte.
    if (amount && /[.m]/.test(amount) && quantityMilliValue(amount) % 1000 !== 0) {
      found.push(`${path}[${name}]: fractional byte value ${q(amount)} is invalid, must be an integer`)
    }
  }
}

function annotatedProfiles(spec: PodSpec, metadata: ObjectMeta | undefined, before: string, found: string[]): void {
  const given = metadata?.annotations
  if (!given) return
  const seccomp = 'seccomp.security.alpha.kubernetes.io/pod'
  if (!spec.securityContext?.seccompProfile && given[seccomp] !== undefined) {
    found.push(`${before}metadata.annotations[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
  }
  eachContainer(spec, ({ name, securityContext }) => {
    const ofContainer = `container.seccomp.security.alpha.kubernetes.io/${name}`
    if (!securityContext?.seccompProfile && given[ofContainer] !== undefined) {
      found.push(`${before}metadata.annotations[${ofContainer}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
    }
    const appArmor = `container.apparmor.security.beta.kubernetes.io/${name}`
    const profile = securityContext?.appArmorProfile
    if (given[appArmor] !== undefined && (profile ? isCopiedProfile(profile) : !spec.securityContext?.appArmorProfile)) {
      found.push(`${before}metadata.annotations[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`)
    }
  })
}

function hiddenVariables({ env }: Container | EphemeralContainer, path: string, found: string[]): void {
  if (!env || env.length < 2) return
  const seen = new Set<string>()
  for (const [i, { name, value = '', valueFrom }] of env.entries()) {
    // `$(NAME)` inside its own redefinition appends on purpose.
    const refers = value.includes(`$(${name})`) && value !== `$(${name})`
    if (seen.has(name) && (valueFrom || !refers)) found.push(`${path}.env[${i}]: hides previous definition of ${q(name)}, which may be dropped when using apply`)
    seen.add(name)
  }
}

function portWarnings({ ports }: Container | EphemeralContainer, path: string, seen: Map<string, { path: string; hostIP: string; hostPort: number }[]>, found: string[]): void {
  for (const [i, { name = '', containerPort, protocol, hostIP = '', hostPort = 0 }] of (ports ?? []).entries()) {
    const here = `${path}.ports[${i}]`
    if (hostIP && !hostPort) found.push(`${here}: hostIP set without hostPort: {Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`)
    const key = `${containerPort}/${protocol}`
    const others = seen.get(key) ?? []
    for (const other of others) {
      if (hostIP === other.hostIP && hostPort === other.hostPort) found.push(`${here}: duplicate port definition with ${other.path}`)
      else if (hostPort === 0 || other.hostPort === 0) found.push(`${here}: overlapping port definition with ${other.path}`)
      else if (hostPort === other.hostPort && (hostIP === '') !== (other.hostIP === '')) found.push(`${here}: dangerously ambiguous port definition with ${other.path}`)
    }
    others.push({ path: here, hostIP, hostPort })
    seen.set(key, others)
  }
}
