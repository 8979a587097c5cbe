import type {
  AuthConfig, ContainerConfig, ContainerEvent, ContainerMetadata, ContainerState, DnsConfig, ExecSyncResult, Labels, LinuxContainerResources, LinuxContainerSecurityContext,
  LinuxPodSandboxConfig, LinuxSandboxSecurityContext, Mount, NamespaceOption, PodSandboxConfig, PodSandboxMetadata, PortMapping, RuntimeVersion, SandboxState, SecurityProfile, SeLinuxOption,
} from '../runtime-service'
import type { Codec } from './wire'
import { message } from './wire'

/** Field numbers of CRI v1 (runtime.v1): the part that the kubelet uses. Names are ours where ours differ. */
type Any = Codec<never>
const as = <T>(codec: Codec<T>): Any => codec as unknown as Any
const list = <T>(codec: Codec<T>): { list: Any } => ({ list: as(codec) })

const states: readonly ContainerState[] = ['created', 'running', 'exited', 'unknown']
const sandboxStates: readonly SandboxState[] = ['ready', 'not-ready']
const namespaceModes = ['pod', 'container', 'node', 'target'] as const
/** By number; 0 is the runtime's own choice. */
export const signals = [
  '', 'SIGABRT', 'SIGALRM', 'SIGBUS', 'SIGCHLD', 'SIGCLD', 'SIGCONT', 'SIGFPE', 'SIGHUP', 'SIGILL', 'SIGINT', 'SIGIO', 'SIGIOT', 'SIGKILL', 'SIGPIPE', 'SIGPOLL', 'SIGPROF', 'SIGPWR', 'SIGQUIT',
  'SIGSEGV', 'SIGSTKFLT', 'SIGSTOP', 'SIGSYS', 'SIGTERM', 'SIGTRAP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGWINCH', 'SIGXCPU', 'SIGXFSZ', 'SIGRTMIN',
  ...Array.from({ length: 15 }, (_, i) => `SIGRTMIN+${i + 1}`), ...Array.from({ length: 14 }, (_, i) => `SIGRTMAX-${14 - i}`), 'SIGRTMAX',
]

const podSandboxMetadata = message<PodSandboxMetadata>({ name: [1, 'string'], uid: [2, 'string'], namespace: [3, 'string'], attempt: [4, 'int32'] })
const containerMetadata = message<ContainerMetadata>({ name: [1, 'string'], attempt: [2, 'int32'] })
const dnsConfig = message<DnsConfig>({ servers: [1, { list: 'string' }], searches: [2, { list: 'string' }], options: [3, { list: 'string' }] })
const portMapping = message<PortMapping>({ protocol: [1, ['TCP', 'UDP', 'SCTP']], containerPort: [2, 'int32'], hostPort: [3, 'int32'], hostIp: [4, 'string'] })
const namespaceOption = message<NamespaceOption>({ network: [1, namespaceModes], pid: [2, namespaceModes], ipc: [3, namespaceModes], targetId: [4, 'string'] })
const securityProfile = message<SecurityProfile>({ profileType: [1, ['runtime-default', 'unconfined', 'localhost']], localhostRef: [2, 'string'] })
const selinuxOption = message<SeLinuxOption>({ user: [1, 'string'], role: [2, 'string'], type: [3, 'string'], level: [4, 'string'] })
const linuxResources = message<LinuxContainerResources>({
  cpuPeriod: [1, 'int64'], cpuQuota: [2, 'int64'], cpuShares: [3, 'int64'], memoryLimitInBytes: [4, 'int64'], oomScoreAdj: [5, 'int64'], cpusetCpus: [6, 'string'], cpusetMems: [7, 'string'],
  hugepageLimits: [8, list(message<{ pageSize: string; limit: number }>({ pageSize: [1, 'string'], limit: [2, 'uint64'] }))], unified: [9, 'labels'], memorySwapLimitInBytes: [10, 'int64'],
})
const sandboxSecurity = message<LinuxSandboxSecurityContext>({
  namespaceOptions: [1, as(namespaceOption)], selinuxOptions: [2, as(selinuxOption)], runAsUser: [3, 'int64Value'], runAsGroup: [8, 'int64Value'], readonlyRootfs: [4, 'bool'],
  supplementalGroups: [5, { list: 'int64' }], privileged: [6, 'bool'], seccomp: [9, as(securityProfile)], apparmor: [10, as(securityProfile)], supplementalGroupsPolicy: [11, ['merge', 'strict']],
})
const containerSecurity = message<LinuxContainerSecurityContext>({
  capabilities: [1, as(message<{ addCapabilities: string[]; dropCapabilities: string[] }>({ addCapabilities: [1, { list: 'string' }], dropCapabilities: [2, { list: 'string' }] }))],
  privileged: [2, 'bool'], namespaceOptions: [3, as(namespaceOption)], selinuxOptions: [4, as(selinuxOption)], runAsUser: [5, 'int64Value'], runAsGroup: [12, 'int64Value'], runAsUsername: [6, 'string'],
  readonlyRootfs: [7, 'bool'], supplementalGroups: [8, { list: 'int64' }], noNewPrivs: [11, 'bool'], maskedPaths: [13, { list: 'string' }], readonlyPaths: [14, { list: 'string' }],
  seccomp: [15, as(securityProfile)], apparmor: [16, as(securityProfile)], supplementalGroupsPolicy: [17, ['merge', 'strict']],
})
const podSandboxConfig = message<PodSandboxConfig>({
  metadata: [1, as(podSandboxMetadata)], hostname: [2, 'string'], logDirectory: [3, 'string'], dnsConfig: [4, as(dnsConfig)], portMappings: [5, list(portMapping)], labels: [6, 'labels'], annotations: [7, 'labels'],
  linux: [8, as(message<LinuxPodSandboxConfig>({ cgroupParent: [1, 'string'], securityContext: [2, as(sandboxSecurity)], sysctls: [3, 'labels'], overhead: [4, as(linuxResources)], resources: [5, as(linuxResources)] }))],
})
const imageSpec = message<{ image: string; userSpecifiedImage?: string }>({ image: [1, 'string'], userSpecifiedImage: [18, 'string'] })
const mount = message<Mount>({
  containerPath: [1, 'string'], hostPath: [2, 'string'], readonly: [3, 'bool'], selinuxRelabel: [4, 'bool'], propagation: [5, ['private', 'host-to-container', 'bidirectional']], recursiveReadOnly: [8, 'bool'],
})
const keyValue = message<{ key: string; value: string }>({ key: [1, 'string'], value: [2, 'string'] })
const containerConfig = message<ContainerConfig>({
  metadata: [1, as(containerMetadata)], image: [2, as(imageSpec)], command: [3, { list: 'string' }], args: [4, { list: 'string' }], workingDir: [5, 'string'], envs: [6, list(keyValue)], mounts: [7, list(mount)],
  devices: [8, list(message<{ containerPath: string; hostPath: string; permissions: string }>({ containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] }))],
  labels: [9, 'labels'], annotations: [10, 'labels'], logPath: [11, 'string'], stdin: [12, 'bool'], stdinOnce: [13, 'bool'], tty: [14, 'bool'],
  linux: [15, as(message<{ resources?: LinuxContainerResources; securityContext?: LinuxContainerSecurityContext }>({ resources: [1, as(linuxResources)], securityContext: [2, as(containerSecurity)] }))],
  stopSignal: [18, signals],
})

export interface WireSandbox { id: string; metadata: PodSandboxMetadata; state: SandboxState; createdAt: number; labels: Labels; annotations: Labels; runtimeHandler: string }
export interface WireSandboxStatus extends WireSandbox { network?: { ip: string; additionalIps: { ip: string }[] } }
const sandboxStatus = message<WireSandboxStatus>({
  id: [1, 'string'], metadata: [2, as(podSandboxMetadata)], state: [3, sandboxStates], createdAt: [4, 'nanos'], labels: [7, 'labels'], annotations: [8, 'labels'], runtimeHandler: [9, 'string'],
  network: [5, as(message<{ ip: string; additionalIps: { ip: string }[] }>({ ip: [1, 'string'], additionalIps: [2, list(message<{ ip: string }>({ ip: [1, 'string'] }))] }))],
})
export interface WireContainerStatus {
  id: string; metadata: ContainerMetadata; state: ContainerState; createdAt: number; startedAt: number; finishedAt: number; exitCode: number; image?: { image: string; userSpecifiedImage?: string }; imageRef: string
  reason: string; message: string; labels: Labels; annotations: Labels; mounts: Mount[]; logPath: string; resources?: { linux?: LinuxContainerResources }; imageId: string
  user?: { linux?: { uid: number; gid: number; supplementalGroups: number[] } }; stopSignal: string
}
const containerStatus = message<WireContainerStatus>({
  id: [1, 'string'], metadata: [2, as(containerMetadata)], state: [3, states], createdAt: [4, 'nanos'], startedAt: [5, 'nanos'], finishedAt: [6, 'nanos'], exitCode: [7, 'int32'], image: [8, as(imageSpec)], imageRef: [9, 'string'],
  reason: [10, 'string'], message: [11, 'string'], labels: [12, 'labels'], annotations: [13, 'labels'], mounts: [14, list(mount)], logPath: [15, 'string'],
  resources: [16, as(message<{ linux?: LinuxContainerResources }>({ linux: [1, as(linuxResources)] }))], imageId: [17, 'string'],
  user: [18, as(message<{ linux?: { uid: number; gid: number; supplementalGroups: number[] } }>({ linux: [1, as(message<{ uid: number; gid: number; supplementalGroups: number[] }>({ uid: [1, 'int64'], gid: [2, 'int64'], supplementalGroups: [3, { list: 'int64' }] }))] }))],
  stopSignal: [19, signals],
})
export interface WireContainer { id: string; podSandboxId: string; metadata: ContainerMetadata; image?: { image: string; userSpecifiedImage?: string }; imageRef: string; state: ContainerState; createdAt: number; labels: Labels; annotations: Labels }
const container = message<WireContainer>({
  id: [1, 'string'], podSandboxId: [2, 'string'], metadata: [3, as(containerMetadata)], image: [4, as(imageSpec)], imageRef: [5, 'string'], state: [6, states], createdAt: [7, 'nanos'], labels: [8, 'labels'], annotations: [9, 'labels'],
})
const sandbox = message<WireSandbox>({
  id: [1, 'string'], metadata: [2, as(podSandboxMetadata)], state: [3, sandboxStates], createdAt: [4, 'nanos'], labels: [5, 'labels'], annotations: [6, 'labels'], runtimeHandler: [7, 'string'],
})
const briefSandbox = message<Pick<WireSandbox, 'id' | 'metadata' | 'state' | 'labels'>>({ id: [1, 'string'], metadata: [2, as(podSandboxMetadata)], state: [3, sandboxStates], labels: [5, 'labels'] })
const briefContainer = message<Pick<WireContainer, 'id' | 'podSandboxId' | 'state'>>({ id: [1, 'string'], podSandboxId: [2, 'string'], state: [6, states] })
const sandboxFilter = message<{ id?: string; state?: { state: SandboxState }; labels?: Labels }>({ id: [1, 'string'], state: [2, as(message<{ state: SandboxState }>({ state: [1, sandboxStates] }))], labels: [3, 'labels'] })
const containerFilter = message<{ id?: string; state?: { state: ContainerState }; podSandboxId?: string; labels?: Labels }>({
  id: [1, 'string'], state: [2, as(message<{ state: ContainerState }>({ state: [1, states] }))], podSandboxId: [3, 'string'], labels: [4, 'labels'],
})
export interface WireFsUsage { timestamp: number; fsId?: { mountpoint: string }; usedBytes?: number; inodesUsed?: number }
const fsUsage = message<WireFsUsage>({ timestamp: [1, 'nanos'], fsId: [2, as(message<{ mountpoint: string }>({ mountpoint: [1, 'string'] }))], usedBytes: [3, 'uint64Value'], inodesUsed: [4, 'uint64Value'] })
interface WireCpu { timestamp: number; usageCoreNanoSeconds?: number; usageNanoCores?: number }
interface WireMemory { timestamp: number; workingSetBytes?: number; availableBytes?: number; usageBytes?: number; rssBytes?: number; pageFaults?: number; majorPageFaults?: number }
export interface WireStats { attributes?: { id: string; metadata: ContainerMetadata; labels: Labels }; cpu?: WireCpu; memory?: WireMemory; writableLayer?: WireFsUsage }
const stats = message<WireStats>({
  attributes: [1, as(message<{ id: string; metadata: ContainerMetadata; labels: Labels }>({ id: [1, 'string'], metadata: [2, as(containerMetadata)], labels: [3, 'labels'] }))],
  cpu: [2, as(message<WireCpu>({ timestamp: [1, 'nanos'], usageCoreNanoSeconds: [2, 'uint64Value'], usageNanoCores: [3, 'uint64Value'] }))],
  memory: [3, as(message<WireMemory>({ timestamp: [1, 'nanos'], workingSetBytes: [2, 'uint64Value'], availableBytes: [3, 'uint64Value'], usageBytes: [4, 'uint64Value'], rssBytes: [5, 'uint64Value'], pageFaults: [6, 'uint64Value'], majorPageFaults: [7, 'uint64Value'] }))],
  writableLayer: [4, as(fsUsage)],
})
export interface WireImage { id: string; repoTags: string[]; repoDigests: string[]; size: number; uid?: number; username: string; pinned: boolean }
const image = message<WireImage>({ id: [1, 'string'], repoTags: [2, { list: 'string' }], repoDigests: [3, { list: 'string' }], size: [4, 'uint64'], uid: [5, 'int64Value'], username: [6, 'string'], pinned: [8, 'bool'] })
const auth = message<AuthConfig>({ username: [1, 'string'], password: [2, 'string'], auth: [3, 'string'], serverAddress: [4, 'string'], identityToken: [5, 'string'], registryToken: [6, 'string'] })
const condition = message<{ type: string; status: boolean; reason: string; message: string }>({ type: [1, 'string'], status: [2, 'bool'], reason: [3, 'string'], message: [4, 'string'] })
export interface WireRuntimeStatus {
  status?: { conditions: { type: string; status: boolean; reason: string; message: string }[] }
  runtimeHandlers: { name: string; features?: { recursiveReadOnlyMounts: boolean; userNamespaces: boolean } }[]
  features?: { supplementalGroupsPolicy: boolean }
}

const nothing = message<object>({})
const sandboxId = message<{ id: string }>({ id: [1, 'string'] })
const url = message<{ url: string }>({ url: [1, 'string'] })

export interface Method<Q, A> { path: string; request: Codec<Q>; response: Codec<A> }
const method = <Q, A>(service: 'RuntimeService' | 'ImageService', name: string, request: Codec<Q>, response: Codec<A>): Method<Q, A> => ({ path: `/runtime.v1.${service}/${name}`, request, response })

export const methods = {
  version: method('RuntimeService', 'Version', message<{ version: string }>({ version: [1, 'string'] }), message<RuntimeVersion>({ version: [1, 'string'], runtimeName: [2, 'string'], runtimeVersion: [3, 'string'], runtimeApiVersion: [4, 'string'] })),
  status: method('RuntimeService', 'Status', message<{ verbose?: boolean }>({ verbose: [1, 'bool'] }), message<WireRuntimeStatus>({
    status: [1, as(message<{ conditions: object[] }>({ conditions: [1, list(condition)] }))],
    runtimeHandlers: [3, list(message<{ name: string; features?: object }>({ name: [1, 'string'], features: [2, as(message<{ recursiveReadOnlyMounts: boolean; userNamespaces: boolean }>({ recursiveReadOnlyMounts: [1, 'bool'], userNamespaces: [2, 'bool'] }))] }))],
    features: [4, as(message<{ supplementalGroupsPolicy: boolean }>({ supplementalGroupsPolicy: [1, 'bool'] }))],
  })),
  runPodSandbox: method('RuntimeService', 'RunPodSandbox', message<{ config: PodSandboxConfig; runtimeHandler: string }>({ config: [1, as(podSandboxConfig)], runtimeHandler: [2, 'string'] }), sandboxId),
  stopPodSandbox: method('RuntimeService', 'StopPodSandbox', sandboxId, nothing),
  removePodSandbox: method('RuntimeService', 'RemovePodSandbox', sandboxId, nothing),
  podSandboxStatus: method('RuntimeService', 'PodSandboxStatus', sandboxId, message<{ status?: WireSandboxStatus }>({ status: [1, as(sandboxStatus)] })),
  listPodSandbox: method('RuntimeService', 'ListPodSandbox', message<{ filter?: object }>({ filter: [1, as(sandboxFilter)] }), message<{ items: WireSandbox[] }>({ items: [1, list(sandbox)] })),
  briefSandboxes: method('RuntimeService', 'ListPodSandbox', nothing, message<{ items: Pick<WireSandbox, 'id' | 'metadata' | 'state' | 'labels'>[] }>({ items: [1, list(briefSandbox)] })),
  briefContainers: method('RuntimeService', 'ListContainers', nothing, message<{ containers: Pick<WireContainer, 'id' | 'podSandboxId' | 'state'>[] }>({ containers: [1, list(briefContainer)] })),
  createContainer: method('RuntimeService', 'CreateContainer', message<{ podSandboxId: string; config: ContainerConfig; sandboxConfig: PodSandboxConfig }>({ podSandboxId: [1, 'string'], config: [2, as(containerConfig)], sandboxConfig: [3, as(podSandboxConfig)] }), sandboxId),
  startContainer: method('RuntimeService', 'StartContainer', sandboxId, nothing),
  stopContainer: method('RuntimeService', 'StopContainer', message<{ id: string; timeout: number }>({ id: [1, 'string'], timeout: [2, 'int64'] }), nothing),
  removeContainer: method('RuntimeService', 'RemoveContainer', sandboxId, nothing),
  listContainers: method('RuntimeService', 'ListContainers', message<{ filter?: object }>({ filter: [1, as(containerFilter)] }), message<{ containers: WireContainer[] }>({ containers: [1, list(container)] })),
  containerStatus: method('RuntimeService', 'ContainerStatus', sandboxId, message<{ status?: WireContainerStatus }>({ status: [1, as(containerStatus)] })),
  updateContainerResources: method('RuntimeService', 'UpdateContainerResources', message<{ id: string; linux: LinuxContainerResources }>({ id: [1, 'string'], linux: [2, as(linuxResources)] }), nothing),
  reopenContainerLog: method('RuntimeService', 'ReopenContainerLog', sandboxId, nothing),
  execSync: method('RuntimeService', 'ExecSync', message<{ id: string; cmd: readonly string[]; timeout: number }>({ id: [1, 'string'], cmd: [2, { list: 'string' }], timeout: [3, 'int64'] }), message<ExecSyncResult>({ stdout: [1, 'bytes'], stderr: [2, 'bytes'], exitCode: [3, 'int32'] })),
  exec: method('RuntimeService', 'Exec', message<{ containerId: string; command: readonly string[]; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }>({ containerId: [1, 'string'], command: [2, { list: 'string' }], tty: [3, 'bool'], stdin: [4, 'bool'], stdout: [5, 'bool'], stderr: [6, 'bool'] }), url),
  attach: method('RuntimeService', 'Attach', message<{ containerId: string; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }>({ containerId: [1, 'string'], stdin: [2, 'bool'], tty: [3, 'bool'], stdout: [4, 'bool'], stderr: [5, 'bool'] }), url),
  portForward: method('RuntimeService', 'PortForward', message<{ id: string; port: readonly number[] }>({ id: [1, 'string'], port: [2, { list: 'int32' }] }), url),
  listContainerStats: method('RuntimeService', 'ListContainerStats', message<{ filter?: object }>({ filter: [1, as(message<{ id?: string; podSandboxId?: string; labels?: Labels }>({ id: [1, 'string'], podSandboxId: [2, 'string'], labels: [3, 'labels'] }))] }), message<{ stats: WireStats[] }>({ stats: [1, list(stats)] })),
  getContainerEvents: method('RuntimeService', 'GetContainerEvents', nothing, message<{ containerId: string; type: ContainerEvent['type']; sandbox?: WireSandboxStatus }>({ containerId: [1, 'string'], type: [2, ['created', 'started', 'stopped', 'deleted']], sandbox: [4, as(sandboxStatus)] })),
  updateRuntimeConfig: method('RuntimeService', 'UpdateRuntimeConfig', message<{ runtimeConfig: { networkConfig: { podCidr: string } } }>({ runtimeConfig: [1, as(message<{ networkConfig: object }>({ networkConfig: [1, as(message<{ podCidr: string }>({ podCidr: [1, 'string'] }))] }))] }), nothing),
  listImages: method('ImageService', 'ListImages', nothing, message<{ images: WireImage[] }>({ images: [1, list(image)] })),
  imageStatus: method('ImageService', 'ImageStatus', message<{ image: { image: string } }>({ image: [1, as(imageSpec)] }), message<{ image?: WireImage }>({ image: [1, as(image)] })),
  pullImage: method('ImageService', 'PullImage', message<{ image: { image: string }; auth?: AuthConfig; sandboxConfig?: PodSandboxConfig }>({ image: [1, as(imageSpec)], auth: [2, as(auth)], sandboxConfig: [3, as(podSandboxConfig)] }), message<{ imageRef: string }>({ imageRef: [1, 'string'] })),
  removeImage: method('ImageService', 'RemoveImage', message<{ image: { image: string } }>({ image: [1, as(imageSpec)] }), nothing),
  imageFsInfo: method('ImageService', 'ImageFsInfo', nothing, message<{ imageFilesystems: WireFsUsage[] }>({ imageFilesystems: [1, list(fsUsage)] })),
}
