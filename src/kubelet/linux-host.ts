import { messageOf } from '#base/error-message'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container, Pod } from '#api/core/v1/types'
import type { Cgroups } from './cgroups/cgroups'
import { etcHosts } from './etc-hosts'
import { podHostname } from './kuberuntime/sandbox-config'
import { removeLog } from './logs/rotate'
import { tailOfLog } from './logs/tail'
import { ContainerConfigError } from './pod/environment'
import { expand } from './pod/expansion'
import { fieldValue } from './pod/field-path'
import { readContainerNotes } from './pod/labels'
import type { DnsSettings } from './pod-dns'
import { podDns } from './pod-dns'
import type { PodHost } from './pod-host'
import type { Mount } from './runtime-service'
import { makeDirectory, removeDirectory } from './volumes/directories'
import type { Mounts } from './volumes/mounts'
import { bindSubPath, removeSubPaths } from './volumes/sub-path'
import type { VolumeManager } from './volumes/volume-manager'

export interface LinuxHostOptions {
  /** `/var/lib/kubelet`. */
  rootDirectory: string
  /** `/var/log/pods`. */
  podLogsDirectory: string
  clusterDns: readonly string[]
  clusterDomain: string
}
export interface LinuxHostDeps { cgroups: Cgroups; volumes: VolumeManager; mounts: Mounts }

/** The original's limit for a container's last words, and for those taken from its log. */
const longestMessage = 4096
const longestFromLog = { lines: 80, bytes: 2048 }

export const podDirectoryIn = (rootDirectory: string) => (uid: string): string => join(rootDirectory, 'pods', uid)

/** Pods' directories, cgroups, volumes and files on a real machine. Needs root. */
export function createLinuxHost({ rootDirectory, podLogsDirectory, clusterDns, clusterDomain }: LinuxHostOptions, { cgroups, volumes, mounts }: LinuxHostDeps): PodHost {
  const podDirectory = podDirectoryIn(rootDirectory)
  const paths = new Map<string, ReadonlyMap<string, string>>()
  const logsOf = (pod: { uid: string; name: string; namespace: string }): string => join(podLogsDirectory, `${pod.namespace}_${pod.name}_${pod.uid}`)
  const names = (pod: Pod) => ({ uid: pod.metadata.uid ?? '', name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' })

  async function volumeMounts(pod: Pod, container: Container): Promise<Mount[]> {
    const uid = pod.metadata.uid ?? ''
    const found = paths.get(uid)
    const result: Mount[] = []
    for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
      const path = found?.get(mount.name)
      if (path === undefined) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`)
      const subPath = mount.subPathExpr ? expandSubPath(mount.subPathExpr, pod, container) : mount.subPath
      const target = join(podDirectory(uid), 'volume-subpaths', mount.name, container.name, String(index))
      const hostPath = !subPath ? path : await bindSubPath(path, subPath, target, mounts, 0o750).catch((error: unknown) => {
        throw new ContainerConfigError(`failed to prepare subPath for volumeMount ${JSON.stringify(mount.name)} of container ${JSON.stringify(container.name)}: ${messageOf(error)}`, { cause: error })
      })
      result.push({
        containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`, hostPath,
        ...(mount.readOnly ? { readonly: true } : {}),
        propagation: mount.mountPropagation === 'Bidirectional' ? 'bidirectional' : mount.mountPropagation === 'HostToContainer' ? 'host-to-container' : 'private',
      })
    }
    return result
  }

  async function hostsFile(pod: Pod, podIps: readonly string[]): Promise<Mount> {
    const file = join(podDirectory(pod.metadata.uid ?? ''), 'etc-hosts')
    const domain = pod.spec.subdomain ? `${pod.spec.subdomain}.${pod.metadata.namespace ?? ''}.svc.${clusterDomain}` : ''
    await writeFile(file, etcHosts(pod, podIps, podHostname({ ...pod, spec: { ...pod.spec, setHostnameAsFQDN: false } }, clusterDomain), domain, pod.spec.hostNetwork ? await readFile('/etc/hosts', 'utf8') : ''))
    await chmod(file, 0o644)
    return { containerPath: '/etc/hosts', hostPath: file }
  }

  async function terminationLog(pod: Pod, container: Container): Promise<Mount> {
    const directory = join(podDirectory(pod.metadata.uid ?? ''), 'containers', container.name)
    await makeDirectory(directory, 0o750)
    // A name of its own for each run: what the last one said must not be read as this one's.
    const file = join(directory, randomBytes(4).toString('hex'))
    await writeFile(file, '', { flag: 'wx' })
    // The container may run as anybody.
    await chmod(file, 0o666)
    return { containerPath: container.terminationMessagePath!, hostPath: file }
  }

  return {
    async setUp(pod, signal) {
      const uid = pod.metadata.uid ?? ''
      const cgroupParent = await cgroups.ensurePod(pod)
      await mkdir(podDirectory(uid), { recursive: true, mode: 0o750 })
      await mkdir(logsOf(names(pod)), { recursive: true, mode: 0o755 })
      const made = await volumes.setUp(pod, signal)
      paths.set(uid, made.paths)
      return { cgroupParent, ...(made.againInMs === undefined ? {} : { againInMs: made.againInMs }) }
    },
    async containerMounts(pod, container, attempt, podIps) {
      await mkdir(join(logsOf(names(pod)), container.name), { recursive: true, mode: 0o755 })
      const result = await volumeMounts(pod, container)
      const taken = new Set(result.map((mount) => mount.containerPath))
      if (!taken.has('/etc/hosts') && (podIps.length > 0 || pod.spec.hostNetwork)) result.push(await hostsFile(pod, podIps))
      if (container.terminationMessagePath && !taken.has(container.terminationMessagePath)) result.push(await terminationLog(pod, container))
      void attempt
      return result
    },
    async terminationMessage(_pod, record) {
      const notes = readContainerNotes(record.status.annotations)
      const file = record.status.mounts.find((mount) => mount.containerPath === notes.terminationMessagePath)?.hostPath
      const message = file ? await head(file, longestMessage) : ''
      if (message !== '') return message
      if (notes.terminationMessagePolicy === 'FallbackToLogsOnError' && record.exitCode !== 0 && record.logPath) return tailOfLog(record.logPath, longestFromLog)
      return undefined
    },
    async tearDown(pod) {
      await removeSubPaths(join(podDirectory(pod.uid), 'volume-subpaths'), mounts)
      await volumes.tearDown(pod.uid)
      await removeDirectory(podDirectory(pod.uid), mounts)
      await cgroups.removePod(pod.uid)
      paths.delete(pod.uid)
    },
    forgetLogs: (pod) => rm(logsOf(pod), { recursive: true, force: true }),
    forgetContainerLog: (path) => (path === '' ? Promise.resolve() : removeLog(path)),
    logDirectory: (pod) => logsOf(names(pod)),
    async runsByLogs(pod, container) {
      const files = await readdir(join(logsOf(names(pod)), container.name)).catch((error: unknown) => (emptyIfAbsent(error), []))
      return Math.max(0, ...files.map((file) => Number(/^(\d+)\.log/.exec(file)?.[1] ?? -1) + 1))
    },
    logPath: (container, attempt) => `${container.name}/${attempt}.log`,
    async dnsConfig(pod) {
      const settings: DnsSettings = { clusterDns, clusterDomain, resolvConf: await readFile('/etc/resolv.conf', 'utf8').catch(emptyIfAbsent) }
      return podDns(pod, settings)
    },
  }
}

function expandSubPath(text: string, pod: Pod, container: Container): string {
  return expand(text, (name) => {
    const variable = container.env?.find((one) => one.name === name)
    return variable?.valueFrom?.fieldRef ? fieldValue(pod, variable.valueFrom.fieldRef.fieldPath) : variable?.value
  })
}

async function head(file: string, bytes: number): Promise<string> {
  try {
    await using handle = await open(file)
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    return emptyIfAbsent(error)
  }
}

function emptyIfAbsent(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
  throw error
}
