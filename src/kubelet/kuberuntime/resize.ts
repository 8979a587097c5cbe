import type { Container, Pod, PodStatus, ResourceRequirements } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import { amount } from '../pod/amount'
import { linuxResources } from '../pod/resources'
import type { RuntimePod } from '../pod/runtime-pod'
import { latest } from '../pod/runtime-pod'
import { killContainer } from './kill'
import type { KubeRuntimeDeps } from './kube-runtime'

/** What each running container was given, by its id. */
export type AppliedResources = Map<string, ResourceRequirements>

/** A container that is met for the first time has what its last status says: older runtimes do not tell. */
export function rememberResources(applied: AppliedResources, runtimePod: RuntimePod, status: PodStatus): void {
  for (const told of status.containerStatuses ?? []) {
    const record = latest(runtimePod, told.name)
    if (record && told.containerID === record.containerId && told.resources && !applied.has(record.id)) applied.set(record.id, told.resources)
  }
}

/** Gives running containers what their spec asks for now; resolves with whether one was stopped to be started anew. */
export async function resizeContainers(deps: KubeRuntimeDeps, pod: Pod, runtimePod: RuntimePod, applied: AppliedResources, signal: AbortSignal): Promise<boolean> {
  let stopped = false
  for (const container of pod.spec.containers) {
    const record = latest(runtimePod, container.name)
    const has = record?.state === 'running' ? applied.get(record.id) : undefined
    if (!record || !has || sameData(has, container.resources ?? {})) continue
    if (needsRestart(container, has)) {
      await killContainer(deps, pod, runtimePod, record, `Container ${container.name} resize requires restart`, '', undefined, signal)
      stopped = true
    } else {
      await deps.runtime.updateContainerResources(record.id, linuxResources(pod, container, { capacityBytes: deps.nodeMemoryBytes() }))
    }
    applied.set(record.id, container.resources ?? {})
  }
  for (const id of applied.keys()) if (!runtimePod.containers.some((record) => record.id === id)) applied.delete(id)
  return stopped
}

function needsRestart(container: Container, has: ResourceRequirements): boolean {
  return (container.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer'
    && (['requests', 'limits'] as const).some((sort) => amount(has[sort]?.[resourceName]) !== amount(container.resources?.[sort]?.[resourceName])))
}
