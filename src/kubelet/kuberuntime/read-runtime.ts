import { podUidLabel } from '../pod/labels'
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

/** The whole node at once: for relists and for finding pods that nobody asks for any more. */
export async function takeCensus(runtime: RuntimeService): Promise<Map<string, Census>> {
  const { sandboxes, containers } = await runtime.overview()
  const pods = new Map<string, Census>()
  const bySandbox = new Map<string, Census>()
  for (const { id, state, metadata, labels } of sandboxes.toSorted(byId)) {
    // Made by hand (crictl): none of ours, and not ours to end.
    if (labels[podUidLabel] !== metadata.uid) continue
    let census = pods.get(metadata.uid)
    if (!census) pods.set(metadata.uid, (census = { uid: metadata.uid, name: metadata.name, namespace: metadata.namespace, fingerprint: '', running: false }))
    bySandbox.set(id, census)
    census.fingerprint += `${id}:${state};`
    if (state === 'ready') census.running = true
  }
  for (const { id, state, podSandboxId } of containers.toSorted(byId)) {
    const census = bySandbox.get(podSandboxId)
    // Without its sandbox it is no pod's: the runtime is about to remove it.
    if (!census) continue
    census.fingerprint += `${id}:${state};`
    if (state === 'running') census.running = true
  }
  return pods
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
