import { messageOf } from '#base/error-message'
import { about } from '#client/events'
import { pods } from '#api/core/v1/pod'
import type { Container, EphemeralContainer, Pod } from '#api/core/v1/types'
import { ImageError } from '../images/image-manager'
import { containerHash } from '../pod/container-hash'
import type { StartFailure } from '../pod/container-status'
import { ContainerConfigError } from '../pod/environment'
import type { RuntimePod } from '../pod/runtime-pod'
import { latest } from '../pod/runtime-pod'
import { formatDuration } from '#component-base/options/duration'
import type { PodSandboxConfig } from '../runtime-service'
import { containerConfig } from './container-config'
import { containerPath, podTitle } from './container-path'
import type { KubeRuntimeDeps } from './kube-runtime'
import { runHook } from './lifecycle-hooks'

/** A container whose config is wrong is tried again after that time: what it refers to may have come. */
const configRetryMs = 10_000

export interface FailedStart { failure: StartFailure; againInMs?: number }

/** Pulls, creates, starts, runs postStart. Undefined when it runs; else why not, in the words that the status shows. */
export async function startContainer(
  deps: KubeRuntimeDeps, pod: Pod, container: Container | EphemeralContainer, sandbox: { id: string; ips: readonly string[] },
  config: PodSandboxConfig, runtimePod: RuntimePod, signal: AbortSignal,
): Promise<FailedStart | undefined> {
  const { runtime, imageService, recorder, clock } = deps
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void => recorder.event(about(pods, pod, containerPath(pod, container.name)), type, reason, message)
  const before = latest(runtimePod, container.name)
  const exited = runtimePod.containers.find((record) => record.name === container.name && record.state === 'exited')
  if (exited) {
    const key = `${pod.metadata.uid ?? ''}_${container.name}_${containerHash(container)}`
    const left = deps.backOff.remaining(key, exited.finishedAt)
    if (left > 0) {
      tell('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${podTitle(pod)}`)
      return {
        failure: { reason: 'CrashLoopBackOff', message: `back-off ${formatDuration(deps.backOff.delay(key))} restarting failed container=${container.name} pod=${podTitle(pod)}` },
        againInMs: left,
      }
    }
    deps.backOff.next(key, exited.finishedAt)
  }

  let id: string
  try {
    const { ref, image } = await deps.images.ensure(pod, container as Container, () => deps.pullSecrets(pod), config)
    signal.throwIfAborted()
    const attempt = before ? before.restartCount + 1 : await deps.host.runsByLogs(pod, container as Container)
    const target = (container as EphemeralContainer).targetContainerName
    const targetId = target ? latest(runtimePod, target)?.id : undefined
    const env = await deps.environment(pod, sandbox.ips)
    const created = await containerConfig(pod, container, attempt, {
      host: deps.host, env, imageRef: ref, image: image ?? (await imageService.imageStatus(ref)), nodeMemoryBytes: deps.nodeMemoryBytes(), ...(targetId ? { targetId } : {}),
    }).catch((error: unknown) => {
      throw error instanceof ContainerConfigError ? error : new ContainerConfigError(messageOf(error), { cause: error })
    })
    id = await runtime.createContainer(sandbox.id, created, config)
  } catch (error) {
    if (signal.aborted) throw error
    const text = messageOf(error)
    if (error instanceof ImageError) {
      tell('Warning', 'Failed', `Error: ${error.reason}`)
      return { failure: { reason: error.reason, message: error.message }, againInMs: error.againInMs ?? configRetryMs }
    }
    tell('Warning', 'Failed', `Error: ${text}`)
    return { failure: { reason: error instanceof ContainerConfigError ? 'CreateContainerConfigError' : 'CreateContainerError', message: text }, againInMs: configRetryMs }
  }
  tell('Normal', 'Created', 'Container created')
  try {
    await runtime.startContainer(id)
  } catch (error) {
    const text = messageOf(error)
    tell('Warning', 'Failed', `Error: ${text}`)
    return { failure: { reason: 'RunContainerError', message: text }, againInMs: configRetryMs }
  }
  tell('Normal', 'Started', 'Container started')

  const postStart = container.lifecycle?.postStart
  if (!postStart) return undefined
  try {
    await runHook(postStart, container as Container, id, sandbox.ips[0] ?? '', 0, { runtime, clock }, signal)
    return undefined
  } catch (error) {
    if (signal.aborted) throw error
    const text = messageOf(error)
    tell('Warning', 'FailedPostStartHook', 'PostStartHook failed')
    tell('Normal', 'Killing', 'FailedPostStartHook')
    await runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? 30)
    return { failure: { reason: 'PostStartHookError', message: text }, againInMs: configRetryMs }
  }
}
