import type { ContainerConfig, ContainerStats, ExecSyncResult, PodSandbox, PodSandboxConfig, RuntimeContainerStatus } from '../runtime-service'

/** How simulated containers behave; every rule may be left out. A rule that throws a RuntimeError makes the verb fail with it. */
export interface FakeRules {
  outcome?(config: ContainerConfig, sandbox: PodSandbox): ContainerOutcome | undefined
  failSandbox?(config: PodSandboxConfig): void
  failCreate?(config: ContainerConfig): void
  exec?(config: ContainerConfig, command: readonly string[]): ExecSyncResult
  usage?(status: RuntimeContainerStatus): Partial<ContainerStats>
  /** The error text of a pull, where it fails. */
  failPull?(image: string): string | undefined
}

export interface ContainerOutcome {
  /** Milliseconds that the start takes. */
  startDelayMs?: number
  /** Milliseconds after which it ends by itself; absent: it runs until it is stopped. */
  runMs?: number
  exitCode?: number
  reason?: string
  /** The runtime cannot start it: the error's text. */
  failStart?: string
  /** Milliseconds from the stop signal to its end; the grace period is the limit. */
  stopDelayMs?: number
  stopExitCode?: number
  /** Runs through its grace period and is killed. */
  ignoresStop?: boolean
}

export const runsForever: ContainerOutcome = {}
