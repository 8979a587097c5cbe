import { messageOf } from '#base/error-message'
import { about } from '#client/events'
import type { EventRecorder } from '#client/events'
import { pods } from '#api/core/v1/pod'
import type { Container, EphemeralContainer, Pod, Secret } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { ImageManager } from '../images/image-manager'
import type { ContainerToKill, PodActions } from '../pod/actions'
import type { BackOff } from '../pod/back-off'
import type { StartFailure } from '../pod/container-status'
import type { EnvSources } from '../pod/environment'
import type { RuntimePod } from '../pod/runtime-pod'
import { isHostNetwork, isSidecar } from '../pod/runtime-pod'
import type { PodHost } from '../pod-host'
import type { ImageService, PodSandboxConfig, RuntimeService } from '../runtime-service'
import { podTitle } from './container-path'
import { killContainer, killPod } from './kill'
import { sandboxConfig } from './sandbox-config'
import { startContainer } from './start-container'

export interface KubeRuntimeDeps {
  runtime: RuntimeService
  imageService: ImageService
  images: ImageManager
  host: PodHost
  recorder: EventRecorder
  clock: Clock
  log: Log
  backOff: BackOff
  clusterDomain: string
  /** For oom scores. */
  nodeMemoryBytes(): number
  environment(pod: Pod, podIps: readonly string[]): Promise<EnvSources>
  pullSecrets(pod: Pod): Promise<readonly Secret[]>
  runtimeHandler(pod: Pod): Promise<string>
}

/** What came of the actions: why containers did not start, and when to look again. */
export interface ActionsResult { failures: Map<string, StartFailure>; started: number; againInMs?: number }

/** Does what `computePodActions` decided. Throws when the pod as a whole cannot go on (no sandbox). */
export async function applyPodActions(deps: KubeRuntimeDeps, pod: Pod, runtimePod: RuntimePod, actions: PodActions, cgroupParent: string | undefined, signal: AbortSignal): Promise<ActionsResult> {
  const result: ActionsResult = { failures: new Map(), started: 0 }
  if (actions.killPod) {
    if (actions.createSandbox && actions.sandbox) deps.recorder.event(about(pods, pod), 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    await killPod(deps, pod, runtimePod, undefined, signal)
    if (!actions.createSandbox) return result
  } else {
    await Promise.all(actions.containersToKill.map((kill) => stop(deps, pod, runtimePod, kill, signal)))
  }
  await removeOldContainers(deps, runtimePod)

  const config = sandboxConfig(pod, actions.attempt, {
    logDirectory: deps.host.logDirectory(pod), clusterDomain: deps.clusterDomain, ...(cgroupParent ? { cgroupParent } : {}), ...given(await deps.host.dnsConfig(pod)),
  })
  const sandbox = actions.createSandbox ? await createSandbox(deps, pod, config) : { id: actions.sandbox!.id, ips: actions.sandbox!.ips }
  signal.throwIfAborted()

  const start = async (container: Container | EphemeralContainer): Promise<boolean> => {
    const outcome = await startContainer(deps, pod, container, sandbox, config, runtimePod, signal)
    if (!outcome) {
      result.started++
      return true
    }
    result.failures.set(container.name, outcome.failure)
    if (outcome.againInMs !== undefined) result.againInMs = Math.min(result.againInMs ?? Infinity, outcome.againInMs)
    return false
  }
  for (const container of actions.ephemeralContainersToStart) await start(container)
  for (const container of actions.initContainersToStart) {
    if (!(await start(container)) && !isSidecar(container)) return result
  }
  for (const container of actions.containersToStart) await start(container)
  return result
}

const given = <T>(dnsConfig: T | undefined): { dnsConfig?: T } => (dnsConfig === undefined ? {} : { dnsConfig })

async function stop(deps: KubeRuntimeDeps, pod: Pod, runtimePod: RuntimePod, kill: ContainerToKill, signal: AbortSignal): Promise<void> {
  const record = runtimePod.containers.find((one) => one.id === kill.id)
  if (record) await killContainer(deps, pod, runtimePod, record, kill.message, kill.reason, undefined, signal)
}

async function createSandbox(deps: KubeRuntimeDeps, pod: Pod, config: PodSandboxConfig): Promise<{ id: string; ips: readonly string[] }> {
  try {
    const id = await deps.runtime.runPodSandbox(config, await deps.runtimeHandler(pod))
    return { id, ips: isHostNetwork(pod) ? [] : (await deps.runtime.podSandboxStatus(id)).ips }
  } catch (error) {
    const text = messageOf(error)
    deps.recorder.event(about(pods, pod), 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${text}`)
    throw new Error(`failed to "CreatePodSandbox" for "${podTitle(pod)}": ${text}`, { cause: error })
  }
}

/** Of each container the newest and its forerunner stay (for logs and the last state); what is older goes. */
async function removeOldContainers({ runtime, host }: KubeRuntimeDeps, runtimePod: RuntimePod): Promise<void> {
  const seen = new Map<string, number>()
  for (const record of runtimePod.containers) {
    const count = (seen.get(record.name) ?? 0) + 1
    seen.set(record.name, count)
    // The newest will be the forerunner soon, when it has ended and is started again.
    if (count > 1 && record.state === 'exited') {
      await runtime.removeContainer(record.id)
      await host.forgetContainerLog(record.logPath)
    }
  }
}
