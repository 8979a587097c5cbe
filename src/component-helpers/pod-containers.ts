import type { Container, ContainerPort, EphemeralContainer, Pod } from '#api/core/v1/types'
import type { IntOrString } from '#apimachinery/meta/v1/scalars'

/** An init container that keeps running beside the others: a sidecar. */
export const isRestartableInit = (container: Container): boolean => container.restartPolicy === 'Always'

/** Containers that run for as long as the pod does: sidecars and regular ones. */
export function longRunningContainers({ spec }: Pick<Pod, 'spec'>): Container[] {
  return [...(spec.initContainers ?? []).filter(isRestartableInit), ...spec.containers]
}

/** All containers, in the order in which they are started; ephemeral ones last. */
export function allContainers({ spec }: Pick<Pod, 'spec'>): (Container | EphemeralContainer)[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]
}

/** The port that a Service's `targetPort` leads to: a number as it is, a name where a container has it for that protocol. */
export function findPort(pod: Pick<Pod, 'spec'>, { targetPort, protocol = 'TCP' }: { targetPort: IntOrString; protocol?: string }): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  return namedPort(pod, targetPort, protocol)?.containerPort
}

/** Regular containers come before sidecars. */
export function namedPort({ spec }: Pick<Pod, 'spec'>, name: string, protocol = 'TCP'): ContainerPort | undefined {
  for (const { ports } of [...spec.containers, ...(spec.initContainers ?? []).filter(isRestartableInit)]) {
    const port = ports?.find((candidate) => candidate.name === name && (candidate.protocol ?? 'TCP') === protocol)
    if (port) return port
  }
  return undefined
}

/** Ports that a pod takes on its node. */
export function hostPorts(pod: Pick<Pod, 'spec'>): ContainerPort[] {
  return longRunningContainers(pod).flatMap(({ ports }) => (ports ?? []).filter((port) => (port.hostPort ?? 0) > 0))
}
