import { about } from '#client/events'
import { pods } from '#api/core/v1/pod'
import type { Container, Pod } from '#api/core/v1/types'
import type { KillReason } from '../pod/actions'
import { readContainerNotes } from '../pod/labels'
import type { ContainerRecord, RuntimePod } from '../pod/runtime-pod'
import { isSidecar } from '../pod/runtime-pod'
import { containerPath, findContainer } from './container-path'
import type { KubeRuntimeDeps } from './kube-runtime'
import { runHook } from './lifecycle-hooks'

/** Even a pod that is to go at once gets a moment, since SIGKILL leaves things half done. */
const shortestGrace = 2

/** Stops one container: its preStop hook first, within the grace period, then the signal. `grace` overrides what the pod says. */
export async function killContainer(deps: KubeRuntimeDeps, pod: Pod | undefined, runtimePod: RuntimePod, record: ContainerRecord, message: string, reason: KillReason, grace: number | undefined, signal: AbortSignal): Promise<void> {
  const { runtime, clock, recorder, log } = deps
  const container = pod && findContainer(pod, record.name)
  const notes = readContainerNotes(record.status.annotations)
  let seconds = grace ?? graceOf(pod, container, reason) ?? notes.gracePeriodSeconds
  if (pod) recorder.event(about(pods, pod, containerPath(pod, record.name)), 'Normal', 'Killing', message || `Stopping container ${record.name}`)
  const preStop = container ? container.lifecycle?.preStop : notes.preStop
  if (preStop && seconds > 0 && record.state === 'running') {
    const began = clock.monotonic()
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
      await Promise.race([
        runHook(preStop, container ?? { name: record.name, resources: {} }, record.id, runtimePod.sandboxes[0]?.ips[0] ?? '', seconds, deps, limit),
        clock.sleep(seconds * 1000, signal),
      ])
    } catch (error) {
      if (signal.aborted) throw error
      log.info('preStop hook failed', { container: record.name, pod: runtimePod.name, error })
      if (pod) recorder.event(about(pods, pod, containerPath(pod, record.name)), 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
    }
    seconds -= Math.floor((clock.monotonic() - began) / 1000)
  }
  await runtime.stopContainer(record.id, Math.max(shortestGrace, seconds))
}

function graceOf(pod: Pod | undefined, container: Container | undefined, reason: KillReason): number | undefined {
  if (!pod) return undefined
  if (pod.metadata.deletionGracePeriodSeconds !== undefined) return pod.metadata.deletionGracePeriodSeconds
  const probe = reason === 'StartupProbe' ? container?.startupProbe : reason === 'LivenessProbe' ? container?.livenessProbe : undefined
  return probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
}

/** Stops everything of a pod: regular containers together, then sidecars from the last to the first, then the sandboxes. */
export async function killPod(deps: KubeRuntimeDeps, pod: Pod | undefined, runtimePod: RuntimePod, grace: number | undefined, signal: AbortSignal): Promise<void> {
  const began = deps.clock.monotonic()
  const left = (): number | undefined => (grace === undefined ? undefined : Math.max(0, grace - Math.floor((deps.clock.monotonic() - began) / 1000)))
  const running = runtimePod.containers.filter((record) => record.state === 'running' || record.state === 'unknown')
  const sidecars = (pod?.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name)
  await Promise.all(running.filter((record) => !sidecars.includes(record.name)).map((record) => killContainer(deps, pod, runtimePod, record, '', '', left(), signal)))
  for (const name of sidecars.reverse()) {
    for (const record of running) if (record.name === name) await killContainer(deps, pod, runtimePod, record, '', '', left(), signal)
  }
  await Promise.all(runtimePod.sandboxes.map((sandbox) => deps.runtime.stopPodSandbox(sandbox.id)))
}
