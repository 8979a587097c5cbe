/**
 * The container runtime interface (CRI v1) in our types: a method per verb, a pod's sandbox and its containers as plain data.
 * Drivers: `cri/` talks to containerd and its like over a unix socket, `fake/` keeps everything in memory. What both must do
 * alike is in `runtime-service-suite.ts`.
 *
 * Times are milliseconds since 1970 (with a fraction, since CRI counts nanoseconds); 0 means not yet. Failures are
 * `RuntimeError`s: ask `isRuntimeNotFound(error)`.
 */
export interface RuntimeService extends AsyncDisposable {
  version(): Promise<RuntimeVersion>
  status(): Promise<RuntimeStatus>
  /** Creates and starts a sandbox (network included); resolves with its id. */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler?: string): Promise<string>
  /** Kills what still runs in it and gives its network back. Idempotent. */
  stopPodSandbox(id: string): Promise<void>
  /** Idempotent: a sandbox that is not there is removed. */
  removePodSandbox(id: string): Promise<void>
  podSandboxStatus(id: string): Promise<PodSandboxStatus>
  listPodSandboxes(filter?: PodSandboxFilter): Promise<readonly PodSandbox[]>
  createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string>
  startContainer(id: string): Promise<void>
  /** Sends the stop signal, then SIGKILL after `timeoutSeconds`. Idempotent. */
  stopContainer(id: string, timeoutSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  listContainers(filter?: ContainerFilter): Promise<readonly RuntimeContainer[]>
  containerStatus(id: string): Promise<RuntimeContainerStatus>
  updateContainerResources(id: string, resources: LinuxContainerResources): Promise<void>
  reopenContainerLog(id: string): Promise<void>
  /** Throws a RuntimeError with code `deadline-exceeded` when the command takes longer; 0 seconds: no limit. */
  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecSyncResult>
  /** URLs of the runtime's own streaming server, good for one use. */
  exec(request: ExecRequest): Promise<string>
  attach(request: AttachRequest): Promise<string>
  portForward(sandboxId: string, ports: readonly number[]): Promise<string>
  listContainerStats(filter?: ContainerFilter): Promise<readonly ContainerStats[]>
  /** Who is there and how: asked each second where there are no events, so without all that describes them. */
  overview(): Promise<RuntimeOverview>
  /**
   * Delivers what happens to containers until the signal ends it. Undefined where the runtime does not send events: then
   * the kubelet lists and compares. Events are hints; a relist reconciles.
   */
  readonly events?: (deliver: (event: ContainerEvent) => void, signal: AbortSignal) => Promise<void>
}

export interface ImageService {
  listImages(): Promise<readonly Image[]>
  /** Undefined when the image is not there. */
  imageStatus(image: string): Promise<Image | undefined>
  /** Resolves with the reference (digest or id) that `createContainer` takes. */
  pullImage(image: string, auth?: AuthConfig, sandboxConfig?: PodSandboxConfig): Promise<string>
  removeImage(image: string): Promise<void>
  imageFsInfo(): Promise<readonly FilesystemUsage[]>
}

export type RuntimeErrorCode =
  | 'not-found' | 'already-exists' | 'invalid-argument' | 'deadline-exceeded' | 'unavailable' | 'unimplemented' | 'failed-precondition' | 'unknown'

/** `message` is the runtime's own words: statuses and events repeat them. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly code: RuntimeErrorCode
  constructor(code: RuntimeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
const has = (code: RuntimeErrorCode) => (error: unknown): error is RuntimeError => error instanceof RuntimeError && error.code === code
export const isRuntimeNotFound = has('not-found')
export const isDeadlineExceeded = has('deadline-exceeded')
export const isUnimplemented = has('unimplemented')

export type SandboxState = 'ready' | 'not-ready'
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown'
export type NamespaceMode = 'pod' | 'container' | 'node' | 'target'
export type Labels = Readonly<Record<string, string>>

export interface RuntimeVersion { version: string; runtimeName: string; runtimeVersion: string; runtimeApiVersion: string }
export interface RuntimeCondition { type: string; status: boolean; reason?: string; message?: string }
export interface RuntimeStatus {
  conditions: readonly RuntimeCondition[]
  /** By handler name; `''` is the default one. */
  handlers: readonly { name: string; recursiveReadOnlyMounts: boolean; userNamespaces: boolean }[]
  supplementalGroupsPolicy: boolean
}

export interface PodSandboxMetadata { name: string; uid: string; namespace: string; attempt: number }
export interface DnsConfig { servers?: readonly string[]; searches?: readonly string[]; options?: readonly string[] }
export interface PortMapping { protocol?: 'TCP' | 'UDP' | 'SCTP'; containerPort: number; hostPort?: number; hostIp?: string }
export interface NamespaceOption {
  network?: NamespaceMode
  pid?: NamespaceMode
  ipc?: NamespaceMode
  /** Container whose pid namespace is shared when `pid` is `target`. */
  targetId?: string
}
export interface SecurityProfile { profileType: 'runtime-default' | 'unconfined' | 'localhost'; localhostRef?: string }
export interface SeLinuxOption { user?: string; role?: string; type?: string; level?: string }

export interface LinuxSandboxSecurityContext {
  namespaceOptions?: NamespaceOption
  selinuxOptions?: SeLinuxOption
  runAsUser?: number
  runAsGroup?: number
  readonlyRootfs?: boolean
  supplementalGroups?: readonly number[]
  supplementalGroupsPolicy?: 'merge' | 'strict'
  privileged?: boolean
  seccomp?: SecurityProfile
  apparmor?: SecurityProfile
}
export interface LinuxPodSandboxConfig {
  cgroupParent?: string
  securityContext?: LinuxSandboxSecurityContext
  sysctls?: Labels
  overhead?: LinuxContainerResources
  resources?: LinuxContainerResources
}
export interface PodSandboxConfig {
  metadata: PodSandboxMetadata
  hostname?: string
  logDirectory?: string
  dnsConfig?: DnsConfig
  portMappings?: readonly PortMapping[]
  labels?: Labels
  annotations?: Labels
  linux?: LinuxPodSandboxConfig
}
export interface PodSandbox {
  id: string
  metadata: PodSandboxMetadata
  state: SandboxState
  createdAt: number
  labels: Labels
  annotations: Labels
  runtimeHandler: string
}
export interface PodSandboxStatus extends PodSandbox {
  /** Empty while there is no network of its own (host network, or stopped). */
  ips: readonly string[]
}
export interface PodSandboxFilter { id?: string; state?: SandboxState; labels?: Labels }

export interface ContainerMetadata { name: string; attempt: number }
export interface Mount {
  containerPath: string
  hostPath: string
  readonly?: boolean
  selinuxRelabel?: boolean
  propagation?: 'private' | 'host-to-container' | 'bidirectional'
  recursiveReadOnly?: boolean
}
export interface Device { containerPath: string; hostPath: string; permissions: string }
export interface LinuxContainerResources {
  cpuPeriod?: number
  cpuQuota?: number
  cpuShares?: number
  memoryLimitInBytes?: number
  oomScoreAdj?: number
  cpusetCpus?: string
  cpusetMems?: string
  hugepageLimits?: readonly { pageSize: string; limit: number }[]
  unified?: Labels
  memorySwapLimitInBytes?: number
}
export interface LinuxContainerSecurityContext extends LinuxSandboxSecurityContext {
  capabilities?: { addCapabilities?: readonly string[]; dropCapabilities?: readonly string[] }
  runAsUsername?: string
  noNewPrivs?: boolean
  maskedPaths?: readonly string[]
  readonlyPaths?: readonly string[]
}
export interface ContainerConfig {
  metadata: ContainerMetadata
  /** What `ImageService` gave; the user's own words stay in `userSpecifiedImage`. */
  image: { image: string; userSpecifiedImage?: string }
  command?: readonly string[]
  args?: readonly string[]
  workingDir?: string
  envs?: readonly { key: string; value: string }[]
  mounts?: readonly Mount[]
  devices?: readonly Device[]
  labels?: Labels
  annotations?: Labels
  /** Relative to the sandbox's log directory. */
  logPath?: string
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
  linux?: { resources?: LinuxContainerResources; securityContext?: LinuxContainerSecurityContext }
  /** `SIGUSR1`; the image's own when absent. */
  stopSignal?: string
}
export interface RuntimeContainer {
  id: string
  podSandboxId: string
  metadata: ContainerMetadata
  image: string
  imageRef: string
  state: ContainerState
  createdAt: number
  labels: Labels
  annotations: Labels
}
export interface RuntimeContainerStatus extends Omit<RuntimeContainer, 'podSandboxId'> {
  startedAt: number
  finishedAt: number
  exitCode: number
  reason: string
  message: string
  mounts: readonly Mount[]
  /** Absolute. */
  logPath: string
  imageId: string
  resources?: LinuxContainerResources
  user?: { uid: number; gid: number; supplementalGroups: readonly number[] }
  stopSignal?: string
}
export interface ContainerFilter { id?: string; state?: ContainerState; podSandboxId?: string; labels?: Labels }

export interface RuntimeOverview {
  sandboxes: readonly Pick<PodSandbox, 'id' | 'metadata' | 'state' | 'labels'>[]
  containers: readonly Pick<RuntimeContainer, 'id' | 'podSandboxId' | 'state'>[]
}

export interface ExecSyncResult { stdout: Uint8Array; stderr: Uint8Array; exitCode: number }
export interface ExecRequest { containerId: string; command: readonly string[]; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }
export interface AttachRequest { containerId: string; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }

export interface FilesystemUsage { timestamp: number; mountpoint: string; usedBytes: number; inodesUsed: number }
export interface ContainerStats {
  id: string
  metadata: ContainerMetadata
  labels: Labels
  timestamp: number
  cpuUsageCoreNanoSeconds?: number
  cpuUsageNanoCores?: number
  memoryWorkingSetBytes?: number
  memoryUsageBytes?: number
  memoryRssBytes?: number
  memoryAvailableBytes?: number
  memoryPageFaults?: number
  memoryMajorPageFaults?: number
  writableLayer?: FilesystemUsage
}
export interface ContainerEvent {
  containerId: string
  type: 'created' | 'started' | 'stopped' | 'deleted'
  /** The pod's uid where the event names it. */
  podUid?: string
  /** It ends because somebody here stops it, who waits for that and looks at it himself. */
  asked?: boolean
}

export interface Image {
  id: string
  repoTags: readonly string[]
  repoDigests: readonly string[]
  sizeBytes: number
  /** The user the image asks for: a number, or a name that must be looked up in it. */
  uid?: number
  username: string
  pinned: boolean
}
export interface AuthConfig { username?: string; password?: string; auth?: string; serverAddress?: string; identityToken?: string; registryToken?: string }
