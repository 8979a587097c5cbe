import { pods } from '#api/core/v1/pod'
import { services } from '#api/core/v1/service'
import type { Pod, Service, ServicePort } from '#api/core/v1/types'
import { parseIp } from '#base/ip'
import { on } from '#controller-runtime/controller'
import type { Watch } from '#controller-runtime/controller'
import { isTerminal } from '#component-helpers/pod-status'

/** Pods that a service selects, and the services of a pod, for both controllers that publish endpoints. */
export const watchPodsForServices: Watch = on(pods, (pod, cached) => {
  const keys: string[] = []
  for (const service of cached(services).list(pod.metadata.namespace)) if (selectsPod(service, pod)) keys.push(`${pod.metadata.namespace}/${service.metadata.name}`)
  return keys
})

export function selectsPod({ spec }: Service, pod: Pod): boolean {
  if (!spec.selector) return false
  for (const key in spec.selector) if (pod.metadata.labels?.[key] !== spec.selector[key]) return false
  return true
}

/** Whether anybody but the user makes a service's endpoints. */
export const isSelected = ({ spec }: Service): boolean => spec.type !== 'ExternalName' && spec.selector !== undefined

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None' || !spec.clusterIP

/** A pod that may be reached now, or that some may want to hear of. */
export const hasEndpoint = (pod: Pod, includeTerminating: boolean): boolean =>
  !isTerminal(pod) && addressesOf(pod).length > 0 && (includeTerminating || pod.metadata.deletionTimestamp === undefined)

export function addressesOf({ status }: Pod): readonly string[] {
  if (status?.podIPs?.length) return status.podIPs.map(({ ip }) => ip)
  return status?.podIP ? [status.podIP] : []
}

export const familyOf = (address: string): 'IPv4' | 'IPv6' | undefined => {
  const ip = parseIp(address)
  return ip && (ip.family === 4 ? 'IPv4' : 'IPv6')
}

/** Where a service's port is on a pod: a number, or the container port of that name. Undefined where the pod has none. */
export function portOn(pod: Pod, { targetPort, port, protocol }: ServicePort): number | undefined {
  if (typeof targetPort !== 'string') return targetPort || port
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? []
  for (const container of [...pod.spec.containers, ...sidecars])
    for (const found of container.ports ?? []) if (found.name === targetPort && found.protocol === protocol) return found.containerPort
  return undefined
}

/** Headless services publish the names of pods of their subdomain. */
export const publishesHostname = (pod: Pod, service: Service): boolean =>
  !!pod.spec.hostname && pod.spec.subdomain === service.metadata.name && service.metadata.namespace === pod.metadata.namespace
