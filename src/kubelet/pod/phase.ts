import type { Container, ContainerStatus, Pod } from '#api/core/v1/types'
import { restartsAfter } from './restart'
import { isSidecar } from './runtime-pod'

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/**
 * The phase that a pod's container statuses (init and regular together) amount to. `isTerminal`: the kubelet will not start
 * anything of it again, whatever its restart policy says.
 */
export function podPhase(pod: Pod, statuses: readonly ContainerStatus[], isTerminal: boolean, hasInitialized: boolean): PodPhase {
  const of = (container: Container): ContainerStatus | undefined => statuses.find((status) => status.name === container.name)
  const comesBack = (container: Container, exitCode: number): boolean => restartsAfter(container, pod.spec, exitCode)
  let pendingInit = 0
  let pendingSidecars = 0
  let failedForGood = 0
  let unknown = 0
  let running = 0
  let waiting = 0

  for (const container of pod.spec.initContainers ?? []) {
    const status = of(container)
    if (isSidecar(container)) {
      if (!status) unknown++
      else if (status.state.running) {
        if (status.started !== true) pendingSidecars++
        running++
      } else if (status.state.waiting && !status.lastState.terminated) {
        pendingSidecars++
        waiting++
      }
      continue
    }
    const ended = status?.state.terminated ?? (status?.state.waiting ? status.lastState.terminated : undefined)
    if (!ended) pendingInit++
    else if (ended.exitCode !== 0 && !comesBack(container, ended.exitCode)) failedForGood++
  }

  let stopped = 0
  let stoppedForGood = 0
  let succeeded = 0
  for (const container of pod.spec.containers) {
    const status = of(container)
    if (!status) unknown++
    else if (status.state.running) running++
    else if (status.state.terminated) {
      stopped++
      if (status.state.terminated.exitCode === 0) succeeded++
      if (!comesBack(container, status.state.terminated.exitCode)) stoppedForGood++
    } else if (status.lastState.terminated) {
      stopped++
      if (!comesBack(container, status.lastState.terminated.exitCode)) stoppedForGood++
    } else {
      waiting++
    }
  }

  if (failedForGood > 0) return 'Failed'
  if (pendingInit > 0 || (pendingSidecars > 0 && !hasInitialized) || waiting > 0) return 'Pending'
  if (running > 0 && unknown === 0) return 'Running'
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (!isTerminal && stopped !== stoppedForGood) return 'Running'
    return stopped === succeeded ? 'Succeeded' : 'Failed'
  }
  return 'Pending'
}
