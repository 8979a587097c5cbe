import type { LifecycleHandler, Probe } from '#api/core/v1/types'
import { allContainers } from '#component-helpers/pod-containers'
import { containerList, containersWhere, isRelaxed, plural, quote, setters, sorted, valuesIn } from './checks'
import type { Check, Checked, Finding } from './checks'

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

const appArmor: Check = (pod) => {
  const bad = (type: string | undefined): boolean => type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost'
  const values = valuesIn(pod, ({ appArmorProfile }) => (bad(appArmorProfile?.type) ? appArmorProfile!.type : undefined))
  const annotations = Object.entries(pod.metadata.annotations ?? {})
    .filter(([name, value]) => name.startsWith(appArmorPrefix) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`).sort()
  const who = [setters(pod, ({ appArmorProfile }) => bad(appArmorProfile?.type)), annotations.length > 0 ? plural(annotations.length, 'annotation') : ''].filter((part) => part !== '')
  const all = [...values, ...annotations]
  if (who.length === 0) return undefined
  return { reason: plural(all.length, 'forbidden AppArmor profile'), detail: `${who.join(' and ')} must not set AppArmor profile type to ${quote(all)}` }
}

const usual = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'])

export const capabilities: Check = (pod) => {
  const added = (container: { securityContext?: { capabilities?: { add?: string[] } } }): string[] => (container.securityContext?.capabilities?.add ?? []).filter((name) => !usual.has(name))
  const names = containersWhere(pod, (container) => added(container).length > 0)
  if (names.length === 0) return undefined
  const all = sorted([...allContainers(pod)].flatMap(added))
  return { reason: 'non-default capabilities', detail: `${containerList(names)} must not include ${quote(all)} in securityContext.capabilities.add` }
}

const hostNamespaces: Check = ({ spec }) => {
  const shared = [spec.hostNetwork && 'hostNetwork=true', spec.hostPID && 'hostPID=true', spec.hostIPC && 'hostIPC=true'].filter(Boolean)
  return shared.length > 0 ? { reason: 'host namespaces', detail: shared.join(', ') } : undefined
}

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
  return names.length > 0 ? { reason: 'hostPath volumes', detail: `${plural(names.length, 'volume')} ${quote(names)}` } : undefined
}

const hostPorts: Check = (pod) => {
  const names = containersWhere(pod, ({ ports }) => ports?.some(({ hostPort }) => hostPort) ?? false)
  if (names.length === 0) return undefined
  const ports = sorted([...allContainers(pod)].flatMap((container) => (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))))
  return { reason: 'hostPort', detail: `${containerList(names)} ${plural(names.length, 'uses', 'use')} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}` }
}

const hostProbes: Check = (pod, minor) => {
  if (minor < 34) return undefined
  const hosts = (handler: LifecycleHandler | Probe | undefined): string[] => [handler?.httpGet?.host, handler?.tcpSocket?.host].flatMap((host) => host || [])
  const found = new Map<string, string[]>()
  for (const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } of allContainers(pod)) {
    const bad = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hosts)
    if (bad.length > 0) found.set(name, bad)
  }
  if (found.size === 0) return undefined
  const [names, all] = [sorted(found.keys()), sorted([...found.values()].flat())]
  return { reason: 'probe or lifecycle host', detail: `${containerList(names)} ${plural(names.length, 'uses', 'use')} ${plural(all.length, 'probe or lifecycle host')} ${quote(all)}` }
}

const privileged: Check = (pod) => {
  const names = containersWhere(pod, ({ securityContext }) => securityContext?.privileged === true)
  return names.length > 0 ? { reason: 'privileged', detail: `${containerList(names)} must not set securityContext.privileged=true` } : undefined
}

/** Of the restricted level, which grants no exception for user namespaces. */
export const procMount = (pod: Checked): Finding | undefined => {
  const names = containersWhere(pod, ({ securityContext }) => (securityContext?.procMount ?? 'Default') !== 'Default')
  if (names.length === 0) return undefined
  const types = sorted([...allContainers(pod)].flatMap(({ securityContext }) => (securityContext?.procMount && securityContext.procMount !== 'Default' ? [securityContext.procMount] : [])))
  return { reason: 'procMount', detail: `${containerList(names)} must not set securityContext.procMount to ${quote(types)}` }
}

const seLinux: Check = (pod, minor) => {
  const types = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', ...(minor >= 31 ? ['container_engine_t'] : [])])
  const badType = (type: string | undefined): boolean => !types.has(type ?? '')
  const who = setters(pod, ({ seLinuxOptions: options }) => options !== undefined && (badType(options.type) || !!options.user || !!options.role))
  if (who === '') return undefined
  const bad = valuesIn(pod, ({ seLinuxOptions }) => (badType(seLinuxOptions?.type) ? seLinuxOptions!.type : undefined))
  const sets = (field: 'user' | 'role'): boolean => valuesIn(pod, ({ seLinuxOptions }) => seLinuxOptions?.[field] || undefined).length > 0
  const what = [...(bad.length > 0 ? [`${plural(bad.length, 'type')} ${quote(bad)}`] : []), ...(sets('user') ? ['user may not be set'] : []), ...(sets('role') ? ['role may not be set'] : [])]
  return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}` }
}

export const isBadSeccomp = (type: string | undefined): boolean => type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost'

/** Before the field there were annotations; those versions of the standard do not know the field. */
const seccompAnnotations = (pod: Checked): Finding | undefined => {
  const names = ['seccomp.security.alpha.kubernetes.io/pod', ...[...allContainers(pod)].map(({ name }) => `container.seccomp.security.alpha.kubernetes.io/${name}`)]
  const bad = names.flatMap((name) => {
    const value = pod.metadata.annotations?.[name]
    return value === undefined || value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/') ? [] : [`${name}=${JSON.stringify(value)}`]
  })
  return bad.length > 0 ? { reason: 'seccompProfile', detail: `forbidden ${plural(bad.length, 'annotation')} ${sorted(bad).join(', ')}` } : undefined
}

export const seccomp: Check = (pod, minor) => {
  if (minor < 19) return seccompAnnotations(pod)
  const who = setters(pod, ({ seccompProfile }) => isBadSeccomp(seccompProfile?.type))
  if (who === '') return undefined
  const types = valuesIn(pod, ({ seccompProfile }) => (isBadSeccomp(seccompProfile?.type) ? seccompProfile!.type : undefined))
  return { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to ${quote(types)}` }
}

/** Harmless ones, with the version that allowed them. */
const sysctlsSince: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0, 'net.ipv4.ip_local_port_range': 0, 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.ping_group_range': 0, 'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27, 'net.ipv4.tcp_keepalive_time': 29, 'net.ipv4.tcp_fin_timeout': 29, 'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29, 'net.ipv4.tcp_rmem': 32, 'net.ipv4.tcp_wmem': 32,
}

const sysctls: Check = ({ spec }, minor) => {
  const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => (sysctlsSince[name] ?? Infinity) > minor)
  return bad.length > 0 ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined
}

const windowsHostProcess: Check = (pod) => {
  const who = setters(pod, ({ windowsOptions }) => windowsOptions?.hostProcess === true)
  return who === '' ? undefined : { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` }
}

/** In the order in which findings are told. */
export const baseline: readonly Check[] = [
  appArmor, capabilities, hostNamespaces, hostPathVolumes, hostPorts, hostProbes, privileged, (pod, minor) => (isRelaxed(pod, minor) ? undefined : procMount(pod)), seLinux, seccomp,
  sysctls, windowsHostProcess,
]
/** What the restricted level has stricter checks for, or none of its own exceptions. */
export const withoutOverridden: readonly Check[] = [appArmor, hostNamespaces, hostPorts, hostProbes, privileged, procMount, seLinux, sysctls, windowsHostProcess]
