import { messageOf } from '#base/error-message'
import { about } from '#client/events'
import type { EventRecorder } from '#client/events'
import { pods } from '#api/core/v1/pod'
import type { Container, ContainerStatus, Pod, PodStatus } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { containerPath } from '../kuberuntime/container-path'
import type { ProbeKind, ProbeResult, ProbeResults, ProbeState } from '../pod/probe-state'
import { newProbeState, probeOf, probeResult, probeStep } from '../pod/probe-state'
import { isSidecar } from '../pod/runtime-pod'
import type { ProbeRunner } from './probe-runner'

/** Runs the probes of this node's pods. Timers only while a container is really being probed. */
export interface ProbeManager {
  readonly results: ProbeResults
  /** The pod has this status now: probes of containers that run begin, others rest. */
  update(pod: Pod): void
  /** The pod terminates: only readiness goes on. */
  stopLiveness(uid: string): void
  remove(uid: string): void
}

export interface ProbeManagerDeps {
  run: ProbeRunner
  clock: Clock
  log: Log
  recorder: EventRecorder
  signal: AbortSignal
  status(uid: string): PodStatus | undefined
  /** A verdict turned: the pod wants another look. */
  changed(uid: string): void
}

interface Worker { kind: ProbeKind; container: Container; state: ProbeState; timer: Disposable | undefined; probing: AbortController | undefined; settled: boolean; ended: boolean }
interface PodProbes { pod: Pod; workers: Worker[] }

const kinds: readonly ProbeKind[] = ['startup', 'liveness', 'readiness']
const tries = 3
const titles: Record<ProbeKind, string> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }

export function createProbeManager(deps: ProbeManagerDeps): ProbeManager {
  const { run, clock, log, recorder, signal } = deps
  const pending = new Map<string, PodProbes>()
  const verdicts: Record<ProbeKind, Map<string, ProbeResult>> = { startup: new Map(), liveness: new Map(), readiness: new Map() }

  const bare = (containerId: string): string => containerId.slice(containerId.indexOf('://') + 3)

  function set(probes: PodProbes, worker: Worker, result: ProbeResult): void {
    const id = bare(worker.state.containerId)
    if (id === '' || verdicts[worker.kind].get(id) === result) return
    verdicts[worker.kind].set(id, result)
    deps.changed(probes.pod.metadata.uid ?? '')
  }

  function later(probes: PodProbes, worker: Worker, ms: number): void {
    worker.timer?.[Symbol.dispose]()
    worker.timer = clock.after(ms, () => {
      worker.timer = undefined
      turn(probes, worker)
    })
  }

  /** One turn of one probe: decide, and ask where it is time. */
  function turn(probes: PodProbes, worker: Worker): void {
    if (worker.ended || worker.probing || worker.timer || signal.aborted) return
    const { pod } = probes
    const status = deps.status(pod.metadata.uid ?? '')
    const own = containerStatusOf(status, worker.container.name)
    const before = worker.state.containerId
    const step = probeStep(worker.kind, pod, worker.container, own, status?.phase, worker.state, clock.now())
    if (before !== worker.state.containerId) {
      if (before !== '') verdicts[worker.kind].delete(bare(before))
      worker.settled = false
    }
    if (step.do !== 'probe' && step.set) set(probes, worker, step.set)
    if (step.do === 'stop') end(worker)
    else if (step.do === 'wait' && step.waitMs !== undefined) later(probes, worker, step.waitMs)
    else if (step.do === 'probe' && !worker.settled) void probe(probes, worker, own!, status!)
  }

  async function probe(probes: PodProbes, worker: Worker, own: ContainerStatus, status: PodStatus): Promise<void> {
    const { kind, container, state } = worker
    const spec = probeOf(container, kind)!
    const abort = new AbortController()
    worker.probing = abort
    const asked = state.containerId
    try {
      const outcome = await attempt(worker, () => run(spec, { containerId: bare(own.containerID!), container, podIp: status.podIP ?? '' }, AbortSignal.any([signal, abort.signal])))
      if (outcome && !worker.ended && !signal.aborted && asked === state.containerId) {
        worker.settled = outcome.settled === true
        const result = outcome.result === 'failure' ? 'failure' : 'success'
        if (result === 'failure') tell(probes.pod, container, 'Unhealthy', `${titles[kind]} probe failed: ${outcome.output}`)
        else if (outcome.result === 'warning') tell(probes.pod, container, 'ProbeWarning', `${titles[kind]} probe warning: ${outcome.output}`)
        const verdict = probeResult(kind, spec, state, result)
        if (verdict) set(probes, worker, verdict)
      }
    } catch (error) {
      if (!abort.signal.aborted && !signal.aborted) {
        tell(probes.pod, container, 'Unhealthy', `${titles[kind]} probe errored and resulted in unknown state: ${messageOf(error)}`)
        log.debug('probe errored', { pod: probes.pod.metadata.name, container: container.name, kind, error })
      }
    } finally {
      worker.probing = undefined
    }
    if (!worker.ended && !state.onHold && !worker.settled) later(probes, worker, (spec.periodSeconds ?? 10) * 1000)
  }

  async function attempt<T>(worker: Worker, ask: () => Promise<T>): Promise<T | undefined> {
    for (let n = 1; ; n++) {
      try {
        return await ask()
      } catch (error) {
        if (n === tries || worker.ended || signal.aborted) throw error
      }
    }
  }

  function tell(pod: Pod, container: Container, reason: string, message: string): void {
    recorder.event(about(pods, pod, containerPath(pod, container.name)), 'Warning', reason, message)
  }

  function end(worker: Worker): void {
    worker.ended = true
    worker.timer?.[Symbol.dispose]()
    worker.timer = undefined
    worker.probing?.abort(new Error('the probe has ended'))
  }

  return {
    results: { get: (kind, containerId) => verdicts[kind].get(containerId) },
    update(pod) {
      const uid = pod.metadata.uid ?? ''
      let probes = pending.get(uid)
      if (!probes) {
        const workers: Worker[] = []
        for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]) {
          for (const kind of kinds) {
            if (probeOf(container, kind)) workers.push({ kind, container, state: newProbeState(), timer: undefined, probing: undefined, settled: false, ended: false })
          }
        }
        if (workers.length === 0) return
        pending.set(uid, (probes = { pod, workers }))
      }
      probes.pod = pod
      for (const worker of probes.workers) turn(probes, worker)
    },
    stopLiveness(uid) {
      for (const worker of pending.get(uid)?.workers ?? []) if (worker.kind !== 'readiness') end(worker)
    },
    remove(uid) {
      const probes = pending.get(uid)
      if (!probes) return
      pending.delete(uid)
      for (const worker of probes.workers) {
        end(worker)
        verdicts[worker.kind].delete(bare(worker.state.containerId))
      }
    },
  }
}

function containerStatusOf(status: PodStatus | undefined, name: string): ContainerStatus | undefined {
  return status?.containerStatuses?.find((one) => one.name === name) ?? status?.initContainerStatuses?.find((one) => one.name === name)
}
