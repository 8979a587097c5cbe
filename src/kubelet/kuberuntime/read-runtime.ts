import { podNameLabel, podNamespaceLabel, podUidLabel } from '../pod/labels'
import type { ContainerRecord, RuntimePod } from '../pod/runtime-pod'
import { noRuntimePod, recordOf } from '../pod/runtime-pod'
import type { PodSandboxStatus, RuntimeContainerStatus, RuntimeService } from '../runtime-service'
import { isRuntimeNotFound } from '../runtime-service'

/** Reads what the runtime has of one pod. What vanishes between list and status is left out. */
export async function readRuntimePod(runtime: RuntimeService, runtimeName: string, uid: string, name: string, namespace: string): Promise<RuntimePod> {
  const labels = { [podUidLabel]: uid }
  const [sandboxList, containerList] = await Promise.all([runtime.listPodSandboxes({ labels }), runtime.listContainers({ labels })])
  if (sandboxList.length === 0 && containerList.length === 0) return noRuntimePod(uid, name, namespace)
  const [sandboxes, statuses] = await Promise.all([
    Promise.all(sandboxList.map((sandbox) => orGone(runtime.podSandboxStatus(sandbox.id)))),
    Promise.all(containerList.map((container) => orGone(runtime.containerStatus(container.id)))),
  ])
  const containers: ContainerRecord[] = []
  for (const status of statuses) if (status) containers.push(recordOf(status, runtimeName))
  return {
    uid, name, namespace,
    sandboxes: sandboxes.filter((one): one is PodSandboxStatus => one !== undefined).sort((a, b) => b.metadata.attempt - a.metadata.attempt || b.createdAt - a.createdAt),
    containers: newestFirst(containers),
  }
}

function newestFirst(containers: ContainerRecord[]): ContainerRecord[] {
  return containers.sort((a, b) => b.createdAt - a.createdAt || b.restartCount - a.restartCount)
}

async function orGone<T extends PodSandboxStatus | RuntimeContainerStatus>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isRuntimeNotFound(error)) return undefined
    throw error
  }
}

/** Who lives in the runtime: what every pod's containers and sandboxes are and how they are, in a string that tells changes. */
export interface Census { uid: string; name: string; namespace: string; fingerprint: string; running: boolean }

/** Two calls for the whole node: for relists and for finding pods that nobody asks for any more. */
export async function takeCensus(runtime: RuntimeService): Promise<Map<string, Census>> {
  const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(), runtime.listContainers()])
  const pods = new Map<string, Census>()
  const of = (labels: Readonly<Record<string, string>>): Census | undefined => {
    const uid = labels[podUidLabel]
    if (!uid) return undefined
    let census = pods.get(uid)
    if (!census) pods.set(uid, (census = { uid, name: labels[podNameLabel] ?? '', namespace: labels[podNamespaceLabel] ?? '', fingerprint: '', running: false }))
    return census
  }
  for (const sandbox of sandboxes.toSorted(byId)) {
    const census = of(sandbox.labels)
    if (!census) continue
    census.fingerprint += `${sandbox.id}:${sandbox.state};`
    if (sandbox.state === 'ready') census.running = true
  }
  for (const container of containers.toSorted(byId)) {
    const census = of(container.labels)
    if (!census) continue
    census.fingerprint += `${container.id}:${container.state};`
    if (container.state === 'running') census.running = true
  }
  return pods
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
