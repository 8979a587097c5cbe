import type { Pod } from '#api/core/v1/types'
import { sandboxAnnotations, sandboxLabels } from '../pod/labels'
import { isHostNetwork } from '../pod/runtime-pod'
import { podCgroupResources } from '../pod/resources'
import type { DnsConfig, PodSandboxConfig, PortMapping } from '../runtime-service'
import { namespaceOptions, seccompOf } from './security-context'

export interface SandboxSurroundings {
  logDirectory: string
  cgroupParent?: string
  dnsConfig?: DnsConfig
  /** `cluster.local`; for hostnames as FQDN. */
  clusterDomain: string
}

/** The sandbox of a pod as the runtime is told of it; the same inputs give the same config. */
export function sandboxConfig(pod: Pod, attempt: number, surroundings: SandboxSurroundings): PodSandboxConfig {
  const security = pod.spec.securityContext
  const resources = podCgroupResources(pod)
  const ports = portMappings(pod)
  const seccomp = seccompOf(security?.seccompProfile)
  const hostname = isHostNetwork(pod) ? undefined : podHostname(pod, surroundings.clusterDomain)
  return {
    metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '', uid: pod.metadata.uid ?? '', attempt },
    ...(hostname ? { hostname } : {}),
    ...(surroundings.logDirectory ? { logDirectory: surroundings.logDirectory } : {}),
    ...(surroundings.dnsConfig ? { dnsConfig: surroundings.dnsConfig } : {}),
    ...(ports.length > 0 ? { portMappings: ports } : {}),
    labels: sandboxLabels(pod),
    annotations: sandboxAnnotations(pod),
    linux: {
      ...(surroundings.cgroupParent ? { cgroupParent: surroundings.cgroupParent } : {}),
      ...(security?.sysctls?.length ? { sysctls: Object.fromEntries(security.sysctls.map(({ name, value }) => [name.replaceAll('/', '.'), value])) } : {}),
      resources: {
        cpuShares: resources.cpuShares,
        ...(resources.cpuQuota === undefined ? {} : { cpuQuota: resources.cpuQuota, cpuPeriod: 100_000 }),
        ...(resources.memoryLimitBytes === undefined ? {} : { memoryLimitInBytes: resources.memoryLimitBytes }),
      },
      securityContext: {
        namespaceOptions: namespaceOptions(pod),
        privileged: anyPrivileged(pod),
        seccomp: seccomp ?? { profileType: 'runtime-default' },
        ...(security?.runAsUser === undefined ? {} : { runAsUser: security.runAsUser }),
        ...(security?.runAsGroup === undefined || security.runAsUser === undefined ? {} : { runAsGroup: security.runAsGroup }),
        ...(security?.seLinuxOptions ? { selinuxOptions: security.seLinuxOptions } : {}),
        supplementalGroups: [...(security?.fsGroup === undefined ? [] : [security.fsGroup]), ...(security?.supplementalGroups ?? [])],
        ...(security?.supplementalGroupsPolicy === 'Strict' ? { supplementalGroupsPolicy: 'strict' as const } : {}),
      },
    },
  }
}

/** Longer names are cut, since the kernel takes 63 bytes; a cut must not end in a dash or a dot. */
export function podHostname(pod: Pod, clusterDomain: string): string {
  if (pod.spec.hostnameOverride) return pod.spec.hostnameOverride
  const name = (pod.spec.hostname || pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '')
  if (!pod.spec.setHostnameAsFQDN || !pod.spec.subdomain) return name
  const full = `${name}.${pod.spec.subdomain}.${pod.metadata.namespace ?? ''}.svc.${clusterDomain}`
  if (full.length > 64) throw new Error(`failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, ${full.length} characters requested)`)
  return full
}

function portMappings(pod: Pod): PortMapping[] {
  const mappings: PortMapping[] = []
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const port of container.ports ?? []) {
      mappings.push({
        protocol: (port.protocol ?? 'TCP') as 'TCP' | 'UDP' | 'SCTP', containerPort: port.containerPort,
        ...(port.hostPort && !isHostNetwork(pod) ? { hostPort: port.hostPort } : {}), ...(port.hostIP ? { hostIp: port.hostIP } : {}),
      })
    }
  }
  return mappings
}

function anyPrivileged(pod: Pod): boolean {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some((container) => container.securityContext?.privileged === true)
}
