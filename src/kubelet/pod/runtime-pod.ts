import type { Container, Pod } from '#api/core/v1/types'
import type { ContainerState, PodSandboxStatus, RuntimeContainerStatus } from '../runtime-service'
import { containerNameLabel, readContainerNotes } from './labels'

/** What the runtime has of one pod, as read in one go. Newest first in both lists. */
export interface RuntimePod {
  uid: string
  name: string
  namespace: string
  sandboxes: readonly PodSandboxStatus[]
  containers: readonly ContainerRecord[]
}

/** A container of the runtime with what the kubelet noted on it. */
export interface ContainerRecord {
  id: string
  name: string
  state: ContainerState
  createdAt: number
  startedAt: number
  finishedAt: number
  exitCode: number
  reason: string
  message: string
  /** `containerd://<id>`: how the API names it. */
  containerId: string
  image: string
  imageId: string
  hash: string
  restartCount: number
  logPath: string
  status: RuntimeContainerStatus
}

export const noRuntimePod = (uid: string, name: string, namespace: string): RuntimePod => ({ uid, name, namespace, sandboxes: [], containers: [] })

export function recordOf(status: RuntimeContainerStatus, runtimeName: string): ContainerRecord {
  const notes = readContainerNotes(status.annotations)
  return {
    id: status.id,
    name: status.labels[containerNameLabel] ?? status.metadata.name,
    state: status.state,
    createdAt: status.createdAt,
    startedAt: status.startedAt,
    finishedAt: status.finishedAt,
    exitCode: status.exitCode,
    reason: status.reason,
    message: status.message,
    containerId: `${runtimeName}://${status.id}`,
    image: status.image,
    imageId: status.imageRef,
    hash: notes.hash,
    restartCount: notes.restartCount,
    logPath: status.logPath,
    status,
  }
}

/** The newest container of that name. */
export function latest(pod: RuntimePod, name: string): ContainerRecord | undefined {
  for (const container of pod.containers) if (container.name === name) return container
  return undefined
}

export function isSidecar(container: Pick<Container, 'restartPolicy'>): boolean {
  return container.restartPolicy === 'Always'
}

export function isHostNetwork(pod: Pod): boolean {
  return pod.spec.hostNetwork === true
}

/** A regular container runs or was made: then every init container has done its work at some time. */
export function anyRegularContainerCreated(pod: Pod, runtimePod: RuntimePod): boolean {
  return pod.spec.containers.some((container) => {
    const record = latest(runtimePod, container.name)
    return record !== undefined && record.state !== 'unknown'
  })
}

/** A regular container of the sandbox in use runs or has run. */
export function anyActiveRegularContainerStarted(pod: Pod, runtimePod: RuntimePod): boolean {
  return pod.spec.containers.some((container) => {
    const record = latest(runtimePod, container.name)
    return record !== undefined && (record.state === 'running' || record.state === 'exited')
  })
}

export function hasRunningContainers(runtimePod: RuntimePod): boolean {
  return runtimePod.containers.some((container) => container.state === 'running')
}
