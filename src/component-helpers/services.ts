import type { Service } from '#api/core/v1/types'

type Spec = Pick<Service, 'spec'>

/** Reachable from outside of the cluster: by a load balancer, a node port or an external address. */
export const isExternallyAccessible = ({ spec }: Spec): boolean =>
  spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)

/** Traffic from outside goes to pods of the node that it reaches, and keeps its source address. */
export const hasLocalExternalTraffic = (service: Spec): boolean => isExternallyAccessible(service) && service.spec.externalTrafficPolicy === 'Local'

/** A load balancer has to find out which nodes have pods. */
export const needsHealthCheckPort = (service: Spec): boolean => service.spec.type === 'LoadBalancer' && hasLocalExternalTraffic(service)

export const isHeadless = ({ spec }: Spec): boolean => spec.clusterIP === 'None'

/** Has an address of its own that the proxy serves. */
export const hasClusterIP = ({ spec }: Spec): boolean => spec.type !== 'ExternalName' && Boolean(spec.clusterIP) && spec.clusterIP !== 'None'

export const needsNodePorts = ({ spec }: Spec): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
