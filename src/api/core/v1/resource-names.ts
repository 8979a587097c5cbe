// Names of resources (cpu, memory, example.com/gpu), and which of them mean what.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isQualifiedName } from '#apimachinery/names'

const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage'])
const standardResources = new Set([
  ...containerResources, 'requests.cpu', 'requests.memory', 'requests.storage', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory',
  'limits.ephemeral-storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'persistentvolumeclaims', 'configmaps',
  'services.nodeports', 'services.loadbalancers', 'storage',
])

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isStandard = (name: string): boolean => standardResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
/** Kubernetes' own: without a domain, or under kubernetes.io. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
export const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0
/** Extended resources and huge pages must be limited to what is requested. */
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

const wholeNumbers = new Set([
  'pods', 'replicationcontrollers', 'services', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers',
])
export const isCounted = (name: string): boolean => wholeNumbers.has(name) || isExtended(name) || name.startsWith('count/')

/** A resource that a quota, a node or a limit may name. Returns whether it is fine. */
export function resourceName(errors: FieldErrors, name: string): boolean {
  if (isStandard(name)) return true
  const messages = isQualifiedName(name)
  for (const message of messages) errors.invalid(name, message)
  if (messages.length > 0) return false
  if (!name.includes('/')) errors.invalid(name, 'must be a standard resource type or fully qualified')
  else return true
  return false
}

export function containerResourceName(errors: FieldErrors, name: string): void {
  if (containerResources.has(name)) return
  const messages = isQualifiedName(name)
  for (const message of messages) errors.invalid(name, message)
  if (!name.includes('/')) {
    if (messages.length === 0 && !isStandard(name)) errors.invalid(name, 'must be a standard resource type or fully qualified')
    if (!isHugePages(name)) errors.invalid(name, 'must be a standard resource for containers')
  } else if (!isNative(name) && !isExtended(name)) errors.invalid(name, "doesn't follow extended resource name standard")
}

const podResources = ['cpu', 'hugepages-', 'memory']

export function podResourceName(errors: FieldErrors, name: string): void {
  if (name === 'cpu' || name === 'memory' || isHugePages(name)) return
  if (resourceName(errors, name)) errors.notSupported(name, podResources)
}
