import type { Pod } from '#api/core/v1/types'

/** A port of the node that a pod takes for itself. */
export interface HostPort {
  /** `0.0.0.0`: all addresses. */
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

const none: readonly HostPort[] = []

/** Of containers that run as long as the pod does. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  let ports: HostPort[] | undefined
  const restartable = spec.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? []
  for (const container of [...restartable, ...spec.containers])
    for (const { hostPort, hostIP, protocol } of container.ports ?? [])
      if (hostPort) (ports ??= []).push({ ip: hostIP || '0.0.0.0', protocol: protocol || 'TCP', port: hostPort })
  return ports ?? none
}

export const hostPortsConflict = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')
