import type { Container, EphemeralContainer, Pod, SeccompProfile } from '#api/core/v1/types'
import { ContainerConfigError } from '../pod/environment'
import { isHostNetwork } from '../pod/runtime-pod'
import type { Image, LinuxContainerSecurityContext, NamespaceOption, SecurityProfile } from '../runtime-service'

/** Paths under /proc and /sys that unprivileged containers do not see, or only read: the original's lists. */
const masked = ['/proc/asound', '/proc/acpi', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap']
const readonly = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export function namespaceOptions(pod: Pod): NamespaceOption {
  return {
    network: isHostNetwork(pod) ? 'node' : 'pod',
    ipc: pod.spec.hostIPC ? 'node' : 'pod',
    pid: pod.spec.hostPID ? 'node' : pod.spec.shareProcessNamespace ? 'pod' : 'container',
  }
}

export function seccompOf(profile: SeccompProfile | undefined): SecurityProfile | undefined {
  switch (profile?.type) {
    case 'RuntimeDefault':
      return { profileType: 'runtime-default' }
    case 'Unconfined':
      return { profileType: 'unconfined' }
    case 'Localhost':
      return { profileType: 'localhost', localhostRef: `/var/lib/kubelet/seccomp/${profile.localhostProfile ?? ''}` }
    default:
      return undefined
  }
}

/** A container's own words, else the pod's, else the image's. Throws ContainerConfigError for root where root is forbidden. */
export function containerSecurityContext(pod: Pod, container: Container | EphemeralContainer, image: Image | undefined, targetId?: string): LinuxContainerSecurityContext {
  const own = container.securityContext
  const all = pod.spec.securityContext
  const runAsUser = own?.runAsUser ?? all?.runAsUser
  const runAsGroup = own?.runAsGroup ?? all?.runAsGroup
  const privileged = own?.privileged === true
  verifyNonRoot(pod, container, runAsUser, own?.runAsNonRoot ?? all?.runAsNonRoot, image)
  const seccomp = privileged ? { profileType: 'unconfined' as const } : (seccompOf(own?.seccompProfile ?? all?.seccompProfile) ?? { profileType: 'unconfined' as const })
  const selinux = own?.seLinuxOptions ?? all?.seLinuxOptions
  const capabilities = own?.capabilities
  const user = runAsUser ?? image?.uid
  return {
    namespaceOptions: { ...namespaceOptions(pod), ...(targetId ? { pid: 'target' as const, targetId } : {}) },
    privileged,
    seccomp,
    ...(user !== undefined ? { runAsUser: user } : image?.username ? { runAsUsername: image.username } : {}),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(own?.readOnlyRootFilesystem ? { readonlyRootfs: true } : {}),
    ...(own?.allowPrivilegeEscalation === false && !privileged ? { noNewPrivs: true } : {}),
    ...(capabilities ? { capabilities: { addCapabilities: strip(capabilities.add), dropCapabilities: strip(capabilities.drop) } } : {}),
    ...(selinux ? { selinuxOptions: selinux } : {}),
    supplementalGroups: [...(all?.fsGroup === undefined ? [] : [all.fsGroup]), ...(all?.supplementalGroups ?? [])],
    ...(all?.supplementalGroupsPolicy === 'Strict' ? { supplementalGroupsPolicy: 'strict' as const } : {}),
    ...(privileged || own?.procMount === 'Unmasked' ? {} : { maskedPaths: masked, readonlyPaths: readonly }),
    ...(privileged ? { apparmor: { profileType: 'unconfined' as const } } : {}),
  }
}

/** The runtime wants `NET_ADMIN`; both ways to write it are allowed. */
function strip(names: readonly string[] | undefined): string[] {
  return (names ?? []).map((name) => name.replace(/^CAP_/, ''))
}

function verifyNonRoot(pod: Pod, container: Container | EphemeralContainer, user: number | undefined, nonRoot: boolean | undefined, image: Image | undefined): void {
  if (nonRoot !== true) return
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})", container: ${container.name})`
  if (user !== undefined) {
    if (user === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`)
    return
  }
  if (image?.uid === 0 || (image && image.uid === undefined && image.username === '')) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`)
  if (image?.uid === undefined && image?.username) throw new ContainerConfigError(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`)
}
