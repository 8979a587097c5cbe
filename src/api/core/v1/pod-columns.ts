// How `kubectl get pods` sums up a pod: a status that is not in the API, and restarts with their age.
import type { Column } from '#apimachinery/resource'
import { ageColumn, column, nameColumn, since, wide } from '../../printing'
import { isRestartable } from './pod-containers'
import type { ContainerStateTerminated, ContainerStatus, Pod } from './types'

export interface PodSummary { ready: number; total: number; status: string; restarts: number; lastRestart?: string }

export function summarize({ metadata, spec, status: pod }: Pod): PodSummary {
  const sidecars = new Set((spec.initContainers ?? []).filter(isRestartable).map((container) => container.name))
  const total = (spec.containers ?? []).length + sidecars.size
  const gated = pod.conditions?.some((condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')
  let status = gated ? 'SchedulingGated' : pod.reason || pod.phase || ''
  let ready = 0
  const all = new Restarts()
  const ofSidecars = new Restarts()
  let initializing = false
  for (const [i, container] of (pod.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(container.name)
    all.add(container)
    if (sidecar) ofSidecars.add(container)
    const { terminated, waiting } = container.state
    if (terminated?.exitCode === 0) continue
    if (sidecar && container.started) {
      if (container.ready) ready++
      continue
    }
    initializing = true
    if (terminated) status = `Init:${terminated.reason || exitText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') status = `Init:${waiting.reason}`
    else status = `Init:${i}/${spec.initContainers?.length ?? 0}`
    break
  }
  let restarts = all
  const initialized = pod.conditions?.find((condition) => condition.type === 'Initialized')?.status === 'True'
  if (!initializing || initialized) {
    restarts = ofSidecars
    let running = false
    let failure = ''
    for (const container of (pod.containerStatuses ?? []).toReversed()) {
      restarts.add(container)
      const { waiting, terminated } = container.state
      if (waiting?.reason) status = waiting.reason
      else if (terminated) {
        status = terminated.reason || exitText(terminated)
        if (terminated.exitCode !== 0) failure = status
      } else if (container.ready && container.state.running) {
        running = true
        ready++
      }
    }
    if (status === 'Completed') {
      const isReady = pod.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')
      if (running && isReady) status = 'Running'
      else if (failure) status = failure
      else if (running) status = 'NotReady'
    }
  }
  if (metadata.deletionTimestamp) {
    if (pod.reason === 'NodeLost') status = 'Unknown'
    else if (pod.phase !== 'Succeeded' && pod.phase !== 'Failed') status = 'Terminating'
  }
  return { ready, total, status, restarts: restarts.count, ...(restarts.last ? { lastRestart: restarts.last } : {}) }
}

const exitText = ({ signal, exitCode }: ContainerStateTerminated): string => (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

class Restarts {
  count = 0
  last: string | undefined
  add({ restartCount, lastState }: ContainerStatus): void {
    this.count += restartCount
    const finished = lastState?.terminated?.finishedAt
    if (finished && (!this.last || finished > this.last)) this.last = finished
  }
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', (pod) => {
    const { ready, total } = summarize(pod)
    return `${ready}/${total}`
  }),
  column('Status', (pod) => summarize(pod).status),
  column('Restarts', (pod, now) => {
    const { restarts, lastRestart } = summarize(pod)
    return restarts > 0 && lastRestart ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts)
  }),
  ageColumn,
  wide('IP', ({ status }) => status.podIPs?.[0]?.ip || '<none>'),
  wide('Node', ({ spec }) => spec.nodeName || '<none>'),
  wide('Nominated Node', ({ status }) => status.nominatedNodeName || '<none>'),
  wide('Readiness Gates', ({ spec, status }) => {
    const gates = spec.readinessGates
    if (!gates?.length) return '<none>'
    const met = gates.filter((gate) => status.conditions?.find((condition) => condition.type === gate.conditionType)?.status === 'True')
    return `${met.length}/${gates.length}`
  }),
]
