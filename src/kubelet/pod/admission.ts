import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '#api/core/v1/types'
import { hostPortsConflict, hostPortsOf } from '#component-helpers/host-ports'
import { amount, milli } from './amount'
import { podTotal } from './resources'

/** Why the kubelet will not run a pod that was bound to it: its phase becomes Failed with these. */
export interface Refusal { reason: string; message: string }

/** What is checked again when the pod arrives, since the scheduler may have seen an older node, or none was asked. */
export function refuse(pod: Pod, node: Node, others: readonly Pod[]): Refusal | undefined {
  return refuseOs(pod) ?? refuseUnsupported(pod) ?? refuseResources(pod, node, others) ?? refuseAffinity(pod, node) ?? refusePorts(pod, others) ?? refuseTaints(pod, node)
}

function refuseOs(pod: Pod): Refusal | undefined {
  const asked = pod.spec.nodeSelector?.['kubernetes.io/os']
  if (asked !== undefined && asked !== 'linux') return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message: 'Failed to admit pod as the `kubernetes.io/os` label doesn\'t match node label' }
  if (pod.spec.os && pod.spec.os.name !== 'linux') return { reason: 'PodOSNotSupported', message: 'Failed to admit pod as the OS field doesn\'t match node OS' }
  return undefined
}

function refuseUnsupported(pod: Pod): Refusal | undefined {
  if (pod.spec.hostUsers === false) return { reason: 'UnsupportedFeature', message: 'Pod was rejected: user namespaces (hostUsers: false) are not supported by this kubelet' }
  if (pod.spec.resourceClaims?.length) return { reason: 'UnsupportedFeature', message: 'Pod was rejected: dynamic resource allocation (resourceClaims) is not supported by this kubelet' }
  return undefined
}

function refuseAffinity(pod: Pod, node: Node): Refusal | undefined {
  const labels = node.metadata.labels ?? {}
  const wanted = Object.entries(pod.spec.nodeSelector ?? {})
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (wanted.every(([key, value]) => labels[key] === value) && (!terms || terms.some((term) => matchesTerm(term, node)))) return undefined
  return { reason: 'NodeAffinity', message: 'Pod was rejected: Predicate NodeAffinity failed: node(s) didn\'t match Pod\'s node affinity/selector' }
}

function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? []
  const byField = term.matchFields ?? []
  if (expressions.length === 0 && byField.length === 0) return false
  return expressions.every((one) => matches(one, node.metadata.labels?.[one.key])) && byField.every((one) => matches(one, one.key === 'metadata.name' ? node.metadata.name : undefined))
}

function matches({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

function refusePorts(pod: Pod, others: readonly Pod[]): Refusal | undefined {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0 || !others.some((other) => hostPortsOf(other).some((taken) => wanted.some((port) => hostPortsConflict(port, taken))))) return undefined
  return { reason: 'NodePorts', message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" }
}

function refuseTaints(pod: Pod, node: Node): Refusal | undefined {
  const untolerated = (node.spec.taints ?? []).some((taint) => taint.effect === 'NoExecute' && !(pod.spec.tolerations ?? []).some((toleration) =>
    (!toleration.effect || toleration.effect === taint.effect) && (!toleration.key || toleration.key === taint.key)
    && (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''))))
  return untolerated ? { reason: 'TaintToleration', message: 'Pod was rejected: Predicate TaintToleration failed' } : undefined
}

function refuseResources(pod: Pod, node: Node, others: readonly Pod[]): Refusal | undefined {
  const allocatable = node.status.allocatable ?? {}
  const maximum = amount(allocatable['pods'])
  if (allocatable['pods'] !== undefined && others.length + 1 > maximum) return outOf('pods', 1, others.length, maximum)
  for (const [name, asked] of requestsOf(pod)) {
    if (asked === 0 || name.startsWith('attachable-volumes-')) continue
    const has = allocatable[name]
    if (has === undefined && name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage') return outOf(name, asked, 0, 0)
    if (has === undefined) continue
    const capacity = readerOf(name)(has)
    let used = 0
    for (const other of others) used += requestsOf(other).get(name) ?? 0
    if (asked + used > capacity) return outOf(name, asked, used, capacity)
  }
  return undefined
}

const readerOf = (name: string) => (name === 'cpu' ? milli : amount)
/** A pod is looked at once for each that comes after it: reading its quantities each time was half the cost of a simulated pod. */
const known = new WeakMap<Pod, ReadonlyMap<string, number>>()

function requestsOf(pod: Pod): ReadonlyMap<string, number> {
  let requests = known.get(pod)
  if (!requests) {
    const names = new Set<string>(Object.keys(pod.spec.resources?.requests ?? {}))
    for (const container of pod.spec.containers) for (const name of Object.keys(container.resources?.requests ?? {})) names.add(name)
    for (const container of pod.spec.initContainers ?? []) for (const name of Object.keys(container.resources?.requests ?? {})) names.add(name)
    requests = new Map(Array.from(names, (name) => [name, podTotal(pod, 'requests', name, readerOf(name))]))
    known.set(pod, requests)
  }
  return requests
}

function outOf(resource: string, asked: number, used: number, capacity: number): Refusal {
  return {
    reason: `OutOf${resource}`,
    message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${asked}, used: ${used}, capacity: ${capacity}`,
  }
}
