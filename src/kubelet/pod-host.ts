import type { Container, Pod } from '#api/core/v1/types'
import type { DnsConfig, Mount } from './runtime-service'
import type { ContainerRecord } from './pod/runtime-pod'

/**
 * What a pod needs of the machine around the runtime: directories, cgroups, volumes, files. `linux-host.ts` does it for real;
 * simulated nodes have none of it.
 */
export interface PodHost {
  /** Makes directories, cgroups and volumes; idempotent, and called again to bring volumes up to date. Throws MountError. */
  setUp(pod: Pod, signal: AbortSignal): Promise<HostSetUp>
  /** Mounts of one container: its volumes, /etc/hosts, its termination log. Called before each start. */
  containerMounts(pod: Pod, container: Container, attempt: number, podIps: readonly string[]): Promise<readonly Mount[]>
  /** What the container left as its last words: undefined where there is nothing. */
  terminationMessage(pod: Pod, container: ContainerRecord): Promise<string | undefined>
  /** Takes away what `setUp` made; idempotent. Throws while something is still in use. */
  tearDown(pod: { uid: string; name: string; namespace: string }): Promise<void>
  /** The pod is gone for good: its logs go too. */
  forgetLogs(pod: { uid: string; name: string; namespace: string }): Promise<void>
  /** A container of the past was removed: its log goes too, rotated parts included. */
  forgetContainerLog(path: string): Promise<void>
  /** Absolute; `''` where logs are not kept. */
  logDirectory(pod: Pod): string
  /** The number after those of the logs that are there: how often a container ran that the runtime has forgotten. */
  runsByLogs(pod: Pod, container: Container): Promise<number>
  /** Relative to the log directory. */
  logPath(container: Container, attempt: number): string
  dnsConfig(pod: Pod): Promise<DnsConfig | undefined>
}

export interface HostSetUp {
  cgroupParent?: string
  /** Volumes want another look after that time (tokens to refresh, config maps to follow). */
  againInMs?: number
}

/** Volumes that cannot be set up: the FailedMount event's text. */
export class MountError extends Error {
  override readonly name = 'MountError'
}

/** A machine that has nothing: for simulations. */
export const noHost: PodHost = {
  setUp: async () => ({}),
  containerMounts: async () => [],
  terminationMessage: async () => undefined,
  tearDown: async () => {},
  forgetLogs: async () => {},
  forgetContainerLog: async () => {},
  logDirectory: () => '',
  runsByLogs: async () => 0,
  logPath: (container, attempt) => `${container.name}/${attempt}.log`,
  dnsConfig: async () => undefined,
}
