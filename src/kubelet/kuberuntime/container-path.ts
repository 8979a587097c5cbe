import type { Container, Pod } from '#api/core/v1/types'

/** How events point at a container: `spec.containers{web}`. */
export function containerPath(pod: Pod, name: string): string {
  if (pod.spec.initContainers?.some((container) => container.name === name)) return `spec.initContainers{${name}}`
  if (pod.spec.ephemeralContainers?.some((container) => container.name === name)) return `spec.ephemeralContainers{${name}}`
  return `spec.containers{${name}}`
}

export function findContainer(pod: Pod, name: string): Container | undefined {
  const is = (container: { name: string }): boolean => container.name === name
  return pod.spec.containers.find(is) ?? pod.spec.initContainers?.find(is) ?? (pod.spec.ephemeralContainers?.find(is) as Container | undefined)
}

/** How logs and messages name a pod: `web_default(0b1c...)`. */
export function podTitle(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`
}
