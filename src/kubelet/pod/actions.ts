import type { Container, EphemeralContainer, Pod } from '#api/core/v1/types'
import type { PodSandboxStatus } from '../runtime-service'
import { containerHash } from './container-hash'
import { initContainerActions } from './init-actions'
import type { ProbeResults } from './probe-state'
import { restartsOnFailure, shouldBeStarted } from './restart'
import type { RuntimePod } from './runtime-pod'
import { anyRegularContainerCreated, isHostNetwork, latest } from './runtime-pod'

export type KillReason = 'LivenessProbe' | 'StartupProbe' | 'FailedPostStartHook' | 'Unknown' | ''
export interface ContainerToKill {
  id: string
  name: string
  container: Container
  /** Goes into the Killing event. */
  message: string
  reason: KillReason
}

/** What is to be done to bring a pod from what the runtime has to what its spec asks for. */
export interface PodActions {
  /** Everything of the pod is stopped, its sandbox too. */
  killPod: boolean
  createSandbox: boolean
  attempt: number
  /** The sandbox that stays, or the newest of those that are to be left. */
  sandbox?: PodSandboxStatus
  initContainersToStart: Container[]
  containersToStart: Container[]
  ephemeralContainersToStart: EphemeralContainer[]
  containersToKill: ContainerToKill[]
}

export function sandboxChanged(pod: Pod, runtimePod: RuntimePod): { changed: boolean; attempt: number; sandbox?: PodSandboxStatus } {
  const newest = runtimePod.sandboxes[0]
  if (!newest) return { changed: true, attempt: 0 }
  const ready = runtimePod.sandboxes.filter((sandbox) => sandbox.state === 'ready').length
  const next = newest.metadata.attempt + 1
  if (ready > 1 || newest.state !== 'ready') return { changed: true, attempt: next, sandbox: newest }
  // A pod with a network of its own and no address lost it: nothing in it can be reached.
  if (!isHostNetwork(pod) && newest.ips.length === 0) return { changed: true, attempt: next, sandbox: newest }
  return { changed: false, attempt: newest.metadata.attempt, sandbox: newest }
}

/** Decides, does nothing: the same pod, runtime state and probe results give the same actions. */
export function computePodActions(pod: Pod, runtimePod: RuntimePod, results: ProbeResults): PodActions {
  const { changed, attempt, sandbox } = sandboxChanged(pod, runtimePod)
  const actions: PodActions = {
    killPod: changed, createSandbox: changed, attempt, ...(sandbox ? { sandbox } : {}),
    initContainersToStart: [], containersToStart: [], ephemeralContainersToStart: [], containersToKill: [],
  }
  if (changed) {
    startFromNothing(pod, runtimePod, actions)
    return actions
  }

  for (const container of pod.spec.ephemeralContainers ?? []) {
    if (!latest(runtimePod, container.name)) actions.ephemeralContainersToStart.push(container)
  }
  const initialized = initContainerActions(pod, runtimePod, results, actions)
  if (actions.killPod || !initialized) return actions

  let kept = 0
  for (const container of pod.spec.containers) {
    if (regularContainerActions(container, pod, runtimePod, results, actions) === 'keep') kept++
  }
  if (kept === 0 && actions.containersToStart.length === 0) {
    actions.killPod = true
    // Sidecars alone are no reason for a pod to stay.
    actions.initContainersToStart = []
  }
  return actions
}

function startFromNothing(pod: Pod, runtimePod: RuntimePod, actions: PodActions): void {
  // A pod that does not restart and had containers is done, unless none was ever made: then the sandbox is tried again.
  if (!restartsOnFailure(pod) && actions.attempt !== 0 && runtimePod.containers.length !== 0) {
    actions.createSandbox = false
    return
  }
  const toStart = pod.spec.containers.filter((container) => {
    if ((container.restartPolicy ?? pod.spec.restartPolicy) !== 'OnFailure') return true
    const record = latest(runtimePod, container.name)
    return !(record?.state === 'exited' && record.exitCode === 0)
  })
  if (toStart.length === 0 && anyRegularContainerCreated(pod, runtimePod)) {
    actions.createSandbox = false
    return
  }
  const firstInit = pod.spec.initContainers?.[0]
  if (firstInit) actions.initContainersToStart = [firstInit]
  else actions.containersToStart = toStart
}

function regularContainerActions(
  container: Container, pod: Pod, runtimePod: RuntimePod, results: ProbeResults, actions: PodActions,
): 'keep' | 'changed' | 'gone' {
  const record = latest(runtimePod, container.name)
  if (record?.state !== 'running') {
    if (shouldBeStarted(container, pod, runtimePod)) {
      actions.containersToStart.push(container)
      // Nobody knows whether it runs: two at once would be worse than one killed in vain.
      if (record?.state === 'unknown') {
        actions.containersToKill.push({ id: record.id, name: record.name, container, message: 'Container is in "unknown" state, try killing it before restart', reason: 'Unknown' })
      }
    }
    return 'gone'
  }
  let restart = (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never'
  let message: string
  let reason: KillReason = ''
  if (record.hash !== '' && record.hash !== containerHash(container)) {
    message = `Container ${container.name} definition changed`
    restart = true
  } else if (results.get('liveness', record.id) === 'failure') {
    message = `Container ${container.name} failed liveness probe`
    reason = 'LivenessProbe'
  } else if (results.get('startup', record.id) === 'failure') {
    message = `Container ${container.name} failed startup probe`
    reason = 'StartupProbe'
  } else {
    return 'keep'
  }
  if (restart) {
    message += ', will be restarted'
    actions.containersToStart.push(container)
  }
  actions.containersToKill.push({ id: record.id, name: record.name, container, message, reason })
  return 'changed'
}
