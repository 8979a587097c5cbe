import type { Container, ContainerStatus, Pod, Probe } from '#api/core/v1/types'
import { restartsAfter } from './restart'
import { isSidecar } from './runtime-pod'

export type ProbeKind = 'startup' | 'liveness' | 'readiness'
export type ProbeResult = 'success' | 'failure' | 'unknown'

/** What probes have found out so far, by container of the runtime. Decisions and statuses read it, probers write it. */
export interface ProbeResults {
  get(kind: ProbeKind, containerId: string): ProbeResult | undefined
}

/** The memory of one probe of one container name; it outlives single containers. */
export interface ProbeState {
  /** As in the status: `containerd://...`; empty before the first. */
  containerId: string
  lastResult: ProbeResult | undefined
  run: number
  /** A failed liveness or any settled startup probe waits for the next container. */
  onHold: boolean
}
export const newProbeState = (): ProbeState => ({ containerId: '', lastResult: undefined, run: 0, onHold: false })

export const probeOf = (container: Container, kind: ProbeKind): Probe | undefined =>
  kind === 'startup' ? container.startupProbe : kind === 'liveness' ? container.livenessProbe : container.readinessProbe

/** Before its first run: a container counts as alive, not as ready or started. */
export const initialResult: Record<ProbeKind, ProbeResult> = { startup: 'unknown', liveness: 'success', readiness: 'failure' }

export type ProbeStep =
  /** The prober ends for good. */
  | { do: 'stop'; set?: ProbeResult }
  /** Nothing to ask now; `set` is the result that holds meanwhile, `waitMs` how long at least. */
  | { do: 'wait'; set?: ProbeResult; waitMs?: number }
  /** Ask the container. */
  | { do: 'probe' }

/** What a probe does on its turn, given the container's status. Changes `state` when a new container is met. */
export function probeStep(kind: ProbeKind, pod: Pod, container: Container, status: ContainerStatus | undefined, phase: string | undefined, state: ProbeState, now: number): ProbeStep {
  if (phase === 'Failed' || phase === 'Succeeded') return { do: 'stop' }
  if (!status?.containerID) return { do: 'wait' }
  let set: ProbeResult | undefined
  if (state.containerId !== status.containerID) {
    state.containerId = status.containerID
    state.onHold = false
    state.lastResult = undefined
    state.run = 0
    // A container that was ready or started before the kubelet came back stays so until a probe says otherwise.
    const adopted = kind === 'readiness' ? status.ready : kind === 'startup' ? status.started === true : false
    set = adopted && status.state.running ? 'success' : initialResult[kind]
  }
  const wait = (waitMs?: number): ProbeStep => ({ do: 'wait', ...(set ? { set } : {}), ...(waitMs === undefined ? {} : { waitMs }) })
  if (state.onHold) return wait()
  const running = status.state.running
  if (!running) {
    const terminated = status.state.terminated
    const comesBack = !terminated || isSidecar(container) || restartsAfter(container, pod.spec, terminated.exitCode)
    return comesBack ? { do: 'wait', set: 'failure' } : { do: 'stop', set: 'failure' }
  }
  if (pod.metadata.deletionTimestamp !== undefined && kind !== 'readiness') return { do: 'stop', set: 'success' }
  const probe = probeOf(container, kind)!
  const since = now - Date.parse(running.startedAt ?? '')
  const delay = (probe.initialDelaySeconds ?? 0) * 1000
  if (since < delay) return wait(delay - since)
  const started = status.started === true
  if (started === (kind === 'startup')) return wait()
  if (set) state.lastResult = undefined
  return { do: 'probe' }
}

/** Counts a result; returns the verdict once the threshold is reached. */
export function probeResult(kind: ProbeKind, probe: Probe, state: ProbeState, result: 'success' | 'failure'): 'success' | 'failure' | undefined {
  if (state.lastResult === result) state.run++
  else {
    state.lastResult = result
    state.run = 1
  }
  if (result === 'failure' ? state.run < (probe.failureThreshold ?? 3) : state.run < (probe.successThreshold ?? 1)) return undefined
  if (kind === 'startup' || (kind === 'liveness' && result === 'failure')) {
    state.onHold = true
    state.run = 0
  }
  return result
}
