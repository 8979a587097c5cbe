import { about } from '#client/events'
import { pods } from '#api/core/v1/pod'
import type { Pod, PodStatus } from '#api/core/v1/types'
import type { KubeRuntimeDeps } from './kuberuntime/kube-runtime'
import { applyPodActions } from './kuberuntime/kube-runtime'
import { killPod } from './kuberuntime/kill'
import { readRuntimePod } from './kuberuntime/read-runtime'
import type { AppliedResources } from './kuberuntime/resize'
import { rememberResources, resizeContainers } from './kuberuntime/resize'
import { computePodActions } from './pod/actions'
import type { Refusal } from './pod/admission'
import type { StartFailure } from './pod/container-status'
import { isTerminalPhase } from './pod/phase'
import { podStatus } from './pod/pod-status'
import type { PodSyncer, Verdict } from './pod/pod-workers'
import type { ContainerRecord, RuntimePod } from './pod/runtime-pod'
import { hasRunningContainers, isHostNetwork } from './pod/runtime-pod'
import { MountError } from './pod-host'
import type { ProbeManager } from './prober/probe-manager'
import type { StatusManager } from './status/status-manager'

export interface PodSyncerDeps extends KubeRuntimeDeps {
  /** `containerd`, as the runtime names itself. */
  runtimeName(): string
  statuses: StatusManager
  probes: ProbeManager
  hostIps(): readonly string[]
  /** Why pods get no network now, or undefined. */
  networkProblem(): string | undefined
  /** Asked once, before anything of the pod was made. */
  refuse(pod: Pod): Refusal | undefined
}

/** What the kubelet remembers of a pod between syncs, beside what the runtime knows. */
interface Memory {
  failures: Map<string, StartFailure>
  verdict: Verdict | undefined
  admitted: boolean
  applied: AppliedResources
  /** What the runtime had of it when everything was stopped: nothing changes that. */
  stopped: RuntimePod | undefined
}

/** Brings single pods from what is to what should be, and down again: what the workers call. */
export function createPodSyncer(deps: PodSyncerDeps): PodSyncer {
  const { runtime, host, recorder, statuses, probes, clock, log } = deps
  const memories = new Map<string, Memory>()
  const memoryOf = (uid: string): Memory => {
    let memory = memories.get(uid)
    if (!memory) memories.set(uid, (memory = { failures: new Map(), verdict: undefined, admitted: false, applied: new Map(), stopped: undefined }))
    return memory
  }

  const read = async (pod: Pod): Promise<RuntimePod> => {
    const runtimePod = await readRuntimePod(runtime, deps.runtimeName(), pod.metadata.uid ?? '', pod.metadata.name, pod.metadata.namespace ?? '')
    for (const record of runtimePod.containers) if (record.state === 'exited' && record.message === '') await addLastWords(pod, record)
    return runtimePod
  }
  const addLastWords = async (pod: Pod, record: ContainerRecord): Promise<void> => {
    const message = await host.terminationMessage(pod, record)
    if (message) record.message = message
  }

  const statusFor = (pod: Pod, runtimePod: RuntimePod, memory: Memory, isTerminal: boolean): PodStatus =>
    podStatus({
      pod, runtimePod, results: probes.results, failures: (name) => memory.failures.get(name), recursiveReadOnly: false,
      old: statuses.get(pod.metadata.uid ?? '') ?? pod.status, hostIps: deps.hostIps(), now: clock.now(), isTerminal,
      ...(memory.verdict ? { verdict: memory.verdict } : {}),
    })

  /** Milliseconds until the pod's deadline; undefined where it has none. */
  const deadline = (pod: Pod): number | undefined => {
    const { activeDeadlineSeconds } = pod.spec
    const start = statuses.get(pod.metadata.uid ?? '')?.startTime ?? pod.status.startTime
    return activeDeadlineSeconds === undefined || start === undefined ? undefined : Date.parse(start) + activeDeadlineSeconds * 1000 - clock.now()
  }

  async function setUp(pod: Pod, signal: AbortSignal): ReturnType<typeof host.setUp> {
    try {
      return await host.setUp(pod, signal)
    } catch (error) {
      if (error instanceof MountError && !signal.aborted) recorder.event(about(pods, pod), 'Warning', 'FailedMount', error.message)
      throw error
    }
  }

  return {
    async sync(pod, signal) {
      const uid = pod.metadata.uid ?? ''
      const memory = memoryOf(uid)
      let before = await read(pod)
      rememberResources(memory.applied, before, statuses.get(uid) ?? pod.status)
      if (!memory.admitted) {
        const refusal = before.sandboxes.length === 0 ? deps.refuse(pod) : undefined
        if (refusal) {
          memory.verdict = refusal
          recorder.event(about(pods, pod), 'Warning', refusal.reason, refusal.message)
        } else memory.admitted = true
      }
      const left = deadline(pod)
      if (left !== undefined && left <= 0 && !memory.verdict) {
        memory.verdict = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }
        recorder.event(about(pods, pod), 'Normal', 'DeadlineExceeded', memory.verdict.message)
      }
      const first = statusFor(pod, before, memory, false)
      statuses.set(pod, first, hasRunningContainers(before))
      if (isTerminalPhase(first.phase)) return { terminal: true }

      const network = isHostNetwork(pod) ? undefined : deps.networkProblem()
      if (network !== undefined) {
        recorder.event(about(pods, pod), 'Warning', 'NetworkNotReady', `network is not ready: ${network}`)
        throw new Error(`network is not ready: ${network}`)
      }
      const { cgroupParent, againInMs: volumesAgain } = await setUp(pod, signal)
      signal.throwIfAborted()
      if (await resizeContainers(deps, pod, before, memory.applied, signal)) before = await read(pod)
      const actions = computePodActions(pod, before, probes.results)
      const result = await applyPodActions(deps, pod, before, actions, cgroupParent, signal)
      memory.failures = result.failures
      signal.throwIfAborted()

      const after = await read(pod)
      const status = statusFor(pod, after, memory, false)
      statuses.set(pod, status, hasRunningContainers(after))
      probes.update(pod)
      // An init container that has ended already, for instance: there is more to do at once. What we stop ourselves sends no event.
      const more = (result.started > 0 || actions.containersToKill.length > 0) && computePodActions(pod, after, probes.results)
      const wants = more && (more.initContainersToStart.length > 0 || more.containersToStart.length > 0 || more.killPod)
      const again = Math.min(wants ? 0 : Infinity, result.againInMs ?? Infinity, volumesAgain ?? Infinity, deadline(pod) ?? Infinity)
      return { terminal: isTerminalPhase(status.phase), ...(again === Infinity ? {} : { againInMs: Math.max(0, again) }) }
    },

    async terminate(pod, { gracePeriodSeconds, verdict }, signal) {
      const uid = pod.metadata.uid ?? ''
      const memory = memoryOf(uid)
      memory.verdict ??= verdict
      const before = await read(pod)
      statuses.set(pod, statusFor(pod, before, memory, false), hasRunningContainers(before))
      probes.stopLiveness(uid)
      await killPod(deps, pod, before, gracePeriodSeconds, signal)
      probes.remove(uid)
      const after = await read(pod)
      const running = after.containers.filter((record) => record.state === 'running').map((record) => record.name)
      if (running.length > 0) throw new Error(`detected running containers after a successful KillPod, CRI violation: ${running.join(', ')}`)
      memory.stopped = after
      statuses.set(pod, statusFor(pod, after, memory, true), false)
    },

    async terminateOrphan(runtimePod, signal) {
      const whole = await readRuntimePod(runtime, deps.runtimeName(), runtimePod.uid, runtimePod.name, runtimePod.namespace)
      log.info('pod is not wanted any more, stopping it', { pod: `${runtimePod.namespace}/${runtimePod.name}`, uid: runtimePod.uid })
      await killPod(deps, undefined, whole, undefined, signal)
      await host.tearDown(runtimePod)
    },

    async cleanUp(pod) {
      const uid = pod.metadata.uid ?? ''
      const memory = memoryOf(uid)
      const status = statusFor(pod, memory.stopped ?? (await read(pod)), memory, true)
      await host.tearDown({ uid, name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' })
      // Whatever it was when it was told to end, a pod whose containers are gone has ended.
      statuses.set(pod, isTerminalPhase(status.phase) ? status : { ...status, phase: 'Failed' }, false)
      statuses.finish(uid)
      memories.delete(uid)
    },

    forget(uid) {
      statuses.forget(uid)
      probes.remove(uid)
      memories.delete(uid)
      void removeFromRuntime(uid)
    },
  }

  async function removeFromRuntime(uid: string): Promise<void> {
    try {
      const runtimePod = await readRuntimePod(runtime, deps.runtimeName(), uid, '', '')
      for (const record of runtimePod.containers) await runtime.removeContainer(record.id)
      for (const sandbox of runtimePod.sandboxes) await runtime.removePodSandbox(sandbox.id)
      const labels = runtimePod.sandboxes[0]?.metadata
      if (labels) await host.forgetLogs({ uid, name: labels.name, namespace: labels.namespace })
    } catch (error) {
      log.warn('remains of a pod not removed', { uid, error })
    }
  }
}
