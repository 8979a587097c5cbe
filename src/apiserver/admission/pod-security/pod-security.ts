import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject } from '#apimachinery/object'
import { getOrLive } from '../../authentication/objects'
import type { ObjectReader } from '../../authentication/objects'
import { allContainers } from '#component-helpers/pod-containers'
import type { Metrics } from '#component-base/metrics'
import type { AdmissionPlugin, AdmissionRequest } from '../plugin'
import { refuse } from '../refuse'
import { baseline } from './baseline'
import type { Checked, Finding } from './checks'
import { compareLevels, minorOf, readPolicy, showLevel } from './level'
import type { LevelVersion, PodSecurityDefaults, Policy } from './level'
import { podSecurityMetrics } from './pod-security-metrics'
import { restricted } from './restricted'

/** Resources that hold a pod's template, and where. */
const templates: Readonly<Record<string, (object: any) => Checked | undefined>> = {
  'podtemplates': (object) => object.template, 'replicationcontrollers': (object) => object.spec?.template, 'replicasets.apps': (object) => object.spec?.template,
  'deployments.apps': (object) => object.spec?.template, 'statefulsets.apps': (object) => object.spec?.template, 'daemonsets.apps': (object) => object.spec?.template,
  'jobs.batch': (object) => object.spec?.template, 'cronjobs.batch': (object) => object.spec?.jobTemplate?.spec?.template,
}
/** Those that do not carry a pod to check; one that is not known is checked. */
const otherSubresources = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status'])
/** So many pods of a namespace are looked at when its level changes. */
const mostPods = 3000

/** Who is let off: `--admission-control-config-file`. */
export interface Exemptions {
  readonly usernames?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly runtimeClasses?: readonly string[]
}

export interface PodSecurityOptions {
  readonly objects: ObjectReader
  readonly defaults?: PodSecurityDefaults
  readonly exemptions?: Exemptions
  readonly metrics?: Metrics | undefined
}

const audited = 'pod-security.kubernetes.io/'

/** The Pod Security Standards: a namespace's labels say how much its pods may ask of the host. */
export function podSecurity({ objects, defaults = {}, exemptions = {}, metrics }: PodSecurityOptions): AdmissionPlugin {
  const counts = metrics && podSecurityMetrics(metrics)
  const exempt = (request: AdmissionRequest, by: 'namespace' | 'user' | 'runtimeClass', names: readonly string[] | undefined, name: string | undefined): boolean => {
    if (name === undefined || !names?.includes(name)) return false
    request.annotate(`${audited}exempt`, by)
    counts?.exempt(request)
    return true
  }
  /** By a namespace's labels, which are frozen: the same for all its pods until they change. */
  const policies = new WeakMap<object, Policy>()
  const policyOf = (labels: Readonly<Record<string, string>>): Policy => {
    let policy = policies.get(labels)
    if (!policy) policies.set(labels, (policy = readPolicy(labels, defaults)))
    return policy
  }
  const none = Object.freeze({})
  const inNamespace = (request: AdmissionRequest, next: (policy: Policy) => void): void | Promise<void> => {
    const settle = (namespace: KubeObject | undefined): void => next(policyOf(namespace?.metadata.labels ?? none))
    const namespace = getOrLive(objects, namespaces, { name: request.namespace })
    return namespace instanceof Promise ? namespace.then(settle) : settle(namespace)
  }
  return {
    name: 'PodSecurity',
    handles: (operation, resource, subresource) => {
      if (operation !== 'CREATE' && operation !== 'UPDATE') return false
      const key = keyOf(resource)
      return key === 'pods' ? !otherSubresources.has(subresource) : subresource === '' && (key === 'namespaces' || templates[key] !== undefined)
    },
    validate(request) {
      const key = keyOf(request.resource)
      if (key === 'namespaces') return checkNamespace(request, objects, defaults, exemptions)
      if (exempt(request, 'namespace', exemptions.namespaces, request.namespace) || exempt(request, 'user', exemptions.usernames, request.user.name)) return
      return inNamespace(request, (policy) => {
        const pod = key === 'pods' ? (request.object as Pod) : templates[key]!(request.object)
        if (!pod?.spec || (policy.enforce.level === 'privileged' && policy.warn.level === 'privileged' && policy.audit.level === 'privileged')) {
          if (pod?.spec && key === 'pods') {
            request.annotate(`${audited}enforce-policy`, showLevel(policy.enforce))
            counts?.evaluated('enforce', policy.enforce, true, request)
          }
          return
        }
        if (key === 'pods' && request.operation === 'UPDATE' && sameImages(request.object as Pod, request.old as Pod)) return
        if (exempt(request, 'runtimeClass', exemptions.runtimeClasses, pod.spec.runtimeClassName)) return
        const audit = evaluate(policy.audit, pod)
        if (audit.length > 0) counts?.evaluated('audit', policy.audit, false, request)
        if (audit.length > 0) request.annotate(`${audited}audit-violations`, `would violate PodSecurity "${showLevel(policy.audit)}": ${describe(audit)}`)
        if (key === 'pods') {
          request.annotate(`${audited}enforce-policy`, showLevel(policy.enforce))
          const found = evaluate(policy.enforce, pod)
          counts?.evaluated('enforce', policy.enforce, found.length === 0, request)
          if (found.length > 0) throw refuse(request, `violates PodSecurity "${showLevel(policy.enforce)}": ${describe(found)}`)
        }
        const found = evaluate(policy.warn, pod)
        if (found.length > 0) counts?.evaluated('warn', policy.warn, false, request)
        if (found.length > 0) request.warn(`would violate PodSecurity "${showLevel(policy.warn)}": ${describe(found)}`)
      })
    },
  }
}

const keyOf = ({ group, resource }: { group: string; resource: string }): string => (group === '' ? resource : `${resource}.${group}`)

function evaluate(asked: LevelVersion, pod: Checked): Finding[] {
  if (asked.level === 'privileged') return []
  return (asked.level === 'baseline' ? baseline : restricted).flatMap((check) => check({ metadata: pod.metadata ?? {}, spec: pod.spec }, minorOf(asked)) ?? [])
}

const describe = (found: readonly Finding[]): string => found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')

/** A pod that runs cannot change much: new images and new containers count. */
function sameImages(pod: Pod, old: Pod): boolean {
  const before = new Map([...allContainers(old)].map(({ name, image }) => [name, image]))
  return [...allContainers(pod)].every(({ name, image }) => before.has(name) && before.get(name) === image)
}

function checkNamespace(request: AdmissionRequest, objects: ObjectReader, defaults: PodSecurityDefaults, exemptions: Exemptions): void {
  const { object, old, resource } = request
  const errors = new FieldErrors()
  const asked = readPolicy(object!.metadata.labels, defaults, errors.at('metadata', 'labels')).enforce
  const oldErrors = new FieldErrors()
  const before = old ? readPolicy(old.metadata.labels, defaults, oldErrors.at('metadata', 'labels')).enforce : undefined
  // What was wrong before is not this write's fault.
  if (errors.any && JSON.stringify(errors.all) !== JSON.stringify(oldErrors.all)) throw invalid(resource, request.name, errors.all)
  if (!before || asked.level === 'privileged' || (asked.minor === before.minor && compareLevels(asked.level, before.level) <= 0)) return
  if (exemptions.namespaces?.includes(object!.metadata.name)) {
    request.warn(`namespace ${JSON.stringify(object!.metadata.name)} is exempt from Pod Security, and the policy (enforce=${showLevel(asked)}) will be ignored`)
    return
  }
  warnOfPods(request, asked, objects.list(pods, object!.metadata.name))
}

function warnOfPods(request: AdmissionRequest, asked: LevelVersion, all: readonly Pod[]): void {
  const found = new Map<string, string[]>()
  for (const pod of all.slice(0, mostPods)) {
    const reasons = evaluate(asked, pod).map(({ reason }) => reason).join(', ')
    if (reasons !== '') found.set(reasons, [...(found.get(reasons) ?? []), pod.metadata.name])
  }
  if (all.length > mostPods) request.warn(`new PodSecurity enforce level only checked against the first ${mostPods} of ${all.length} existing pods`)
  if (found.size === 0) return
  request.warn(`existing pods in namespace ${JSON.stringify(request.name)} violate the new PodSecurity enforce level "${showLevel(asked)}"`)
  const lines = [...found].map(([reasons, names]) => {
    const others = names.length - 1
    return `${names.sort()[0]}${others === 0 ? '' : ` (and ${others} other pod${others === 1 ? '' : 's'})`}: ${reasons}`
  })
  for (const line of lines.sort()) request.warn(line)
}
