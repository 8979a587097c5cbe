import type { Container, Pod, ResourceFieldSelector } from '#api/core/v1/types'
import { amount, milli } from './amount'

/** What the downward API shows of a pod. Throws for paths that it does not know. */
export function fieldValue(pod: Pod, path: string): string {
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(path)
  if (subscript) return pod.metadata[subscript[1] as 'annotations' | 'labels']?.[subscript[2]!] ?? ''
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name
    case 'metadata.namespace':
      return pod.metadata.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata.uid ?? ''
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations)
    case 'metadata.labels':
      return formatMap(pod.metadata.labels)
    case 'spec.nodeName':
      return pod.spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? ''
    case 'status.hostIP':
      return pod.status.hostIP ?? ''
    case 'status.hostIPs':
      return (pod.status.hostIPs ?? []).map(({ ip }) => ip).join(',')
    case 'status.podIP':
      return pod.status.podIP ?? ''
    case 'status.podIPs':
      return (pod.status.podIPs ?? []).map(({ ip }) => ip).join(',')
    default:
      throw new Error(`unsupported fieldPath: ${path}`)
  }
}

/** Lines of `key="value"`, sorted, the value quoted as Go quotes. */
function formatMap(map: Record<string, string> | undefined): string {
  return Object.keys(map ?? {}).sort().map((key) => `${key}=${JSON.stringify(map![key])}`).join('\n')
}

export interface Allocatable { cpuMilli: number; memoryBytes: number; ephemeralStorageBytes: number }

/** A container's request or limit in units of the divisor, rounded up; what is not limited is as large as the node. */
export function resourceValue(pod: Pod, selector: ResourceFieldSelector, defaultContainer: Container | undefined, node: Allocatable): string {
  const container = selector.containerName
    ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === selector.containerName)
    : defaultContainer
  if (!container) throw new Error(`container ${selector.containerName ?? ''} not found`)
  const [sort, ...rest] = selector.resource.split('.')
  const name = rest.join('.')
  if ((sort !== 'limits' && sort !== 'requests') || name === '') throw new Error(`unsupported container resource : ${selector.resource}`)
  const divisor = amount(selector.divisor) || 1
  const given = container.resources?.[sort]?.[name]
  const fallback = sort === 'requests' ? 0 : name === 'cpu' ? node.cpuMilli / 1000 : name === 'memory' ? node.memoryBytes : name === 'ephemeral-storage' ? node.ephemeralStorageBytes : 0
  if (name === 'cpu') return String(Math.ceil((given === undefined ? fallback * 1000 : milli(given)) / (divisor * 1000)))
  return String(Math.ceil((given === undefined ? fallback : amount(given)) / divisor))
}
