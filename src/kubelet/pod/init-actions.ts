import type { Container, Pod } from '#api/core/v1/types'
import type { KillReason, PodActions } from './actions'
import { containerHash } from './container-hash'
import type { ProbeResults } from './probe-state'
import { restartsAfter } from './restart'
import type { ContainerRecord, RuntimePod } from './runtime-pod'
import { isSidecar, latest } from './runtime-pod'

/**
 * Init containers run one after another; sidecars stay, and the next one starts once they have started. Returns whether the
 * pod is initialized. Looks from the last to the first, since the records of early ones may be gone already: the last one
 * that left a trace says how far the pod has come.
 */
export function initContainerActions(pod: Pod, runtimePod: RuntimePod, results: ProbeResults, actions: PodActions): boolean {
  const inits = pod.spec.initContainers ?? []
  if (inits.length === 0) return true
  let initialized = pod.spec.containers.some((container) => {
    const state = latest(runtimePod, container.name)?.state
    return state === 'created' || state === 'running'
  })
  let laterSeen = initialized
  const start = new Set<number>()

  for (let i = inits.length - 1; i >= 0; i--) {
    const container = inits[i]!
    const record = latest(runtimePod, container.name)
    const sidecar = isSidecar(container)
    if (!record) {
      if (laterSeen && sidecar) start.add(i)
      continue
    }
    if (laterSeen && !sidecar) continue
    const last = i === inits.length - 1

    switch (record.state) {
      case 'created':
        start.add(i)
        break
      case 'running':
        if (!sidecar) break
        switch (sidecarState(container, record, results)) {
          case 'startup-failed':
            kill(actions, record, container, `Init container ${container.name} failed startup probe`, 'StartupProbe')
            start.add(i)
            break
          case 'starting':
            break
          case 'started':
            if (last) initialized = true
            else if (!laterSeen) start.add(i + 1)
            if (record.hash !== '' && record.hash !== containerHash(container)) {
              kill(actions, record, container, `Init container ${container.name} definition changed`, '')
              start.add(i)
            } else if (results.get('liveness', record.id) === 'failure') {
              kill(actions, record, container, `Init container ${container.name} failed liveness probe`, 'LivenessProbe')
              start.add(i)
            }
        }
        break
      case 'exited':
        if (sidecar) {
          start.add(i)
        } else if (record.exitCode === 0) {
          if (last) initialized = true
          else start.add(i + 1)
        } else if (restartsAfter(container, pod.spec, record.exitCode)) {
          start.add(i)
        } else {
          actions.killPod = true
          actions.initContainersToStart = []
          return false
        }
        break
      default:
        if (!sidecar && (container.restartPolicy ?? pod.spec.restartPolicy) === 'Never') {
          actions.killPod = true
          actions.initContainersToStart = []
          return false
        }
        kill(actions, record, container, 'Init container is in "unknown" state, try killing it before restart', 'Unknown')
        start.add(i)
    }
    laterSeen = true
  }
  if (!laterSeen) start.add(0)
  actions.initContainersToStart = [...start].sort((a, b) => a - b).map((i) => inits[i]!)
  return initialized
}

function sidecarState(container: Container, record: ContainerRecord, results: ProbeResults): 'starting' | 'started' | 'startup-failed' {
  if (!container.startupProbe) return 'started'
  const result = results.get('startup', record.id)
  return result === 'success' ? 'started' : result === 'failure' ? 'startup-failed' : 'starting'
}

function kill(actions: PodActions, record: ContainerRecord, container: Container, message: string, reason: KillReason): void {
  actions.containersToKill.push({ id: record.id, name: record.name, container, message, reason })
}
