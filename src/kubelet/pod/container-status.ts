import type { Container, ContainerState, ContainerStatus, Pod, VolumeMountStatus } from '#api/core/v1/types'
import type { ProbeResults } from './probe-state'
import { shouldBeStarted } from './restart'
import type { ContainerRecord, RuntimePod } from './runtime-pod'
import { anyRegularContainerCreated, isSidecar } from './runtime-pod'
import { containerHash } from './container-hash'
import { toTime } from './time'

/** Why a container could not be started the last time: what its `waiting` state shows. */
export interface StartFailure { reason: string; message: string }
export type StartFailures = (containerName: string) => StartFailure | undefined

export interface StatusSources {
  pod: Pod
  runtimePod: RuntimePod
  results: ProbeResults
  failures: StartFailures
  recursiveReadOnly: boolean
}

const lost = (message: string): ContainerState => ({ terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message } })

/** The statuses of one sort of containers, in the order of the spec. `old` is what was reported before. */
export function containerStatuses(sources: StatusSources, containers: readonly Container[], old: readonly ContainerStatus[] | undefined, sort: 'init' | 'regular' | 'ephemeral'): ContainerStatus[] {
  return containers.map((container) => containerStatus(sources, container, old?.find((status) => status.name === container.name), sort))
}

function containerStatus(sources: StatusSources, container: Container, old: ContainerStatus | undefined, sort: 'init' | 'regular' | 'ephemeral'): ContainerStatus {
  const { pod, runtimePod } = sources
  const records = runtimePod.containers.filter((record) => record.name === container.name)
  const record = records[0]
  const status = record ? statusOfRecord(sources, container, record, old) : statusWithoutRecord(sources, container, old)
  if (records[1]) status.lastState = stateOf(records[1], undefined)
  else if (record && old && Object.keys(status.lastState).length === 0) carryLastState(status, old)

  if (sort === 'init') {
    if (record?.state === 'exited' && record.exitCode === 0) return withReadiness(sources, container, status, old, sort)
    if (!record && !isSidecar(container) && status.state.waiting && anyRegularContainerCreated(pod, runtimePod)) {
      status.state = { terminated: { exitCode: 0, reason: 'Completed', message: 'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally' } }
      return withReadiness(sources, container, status, old, sort)
    }
  }
  const failure = shouldBeStarted(container, pod, runtimePod) ? sources.failures(container.name) : undefined
  if (failure) {
    if (status.state.terminated) status.lastState = status.state
    status.state = { waiting: { reason: failure.reason, ...(failure.message ? { message: failure.message } : {}) } }
  }
  return withReadiness(sources, container, status, old, sort)
}

function statusOfRecord({ pod, recursiveReadOnly }: StatusSources, container: Container, record: ContainerRecord, old: ContainerStatus | undefined): ContainerStatus {
  const { user, stopSignal } = record.status
  const current = record.hash === '' || record.hash === containerHash(container)
  const mounts = old?.volumeMounts ?? mountStatuses(container, recursiveReadOnly)
  const state = stateOf(record, old)
  const wasRunning = record.state === 'unknown' && old?.state.running !== undefined
  return {
    name: container.name,
    state,
    lastState: {},
    ready: false,
    restartCount: wasRunning ? old!.restartCount + 1 : Math.max(record.restartCount, old && old.containerID === record.containerId ? old.restartCount : 0),
    // Tags that share a digest are one image to the runtime, which then names any of them: the spec knows which was asked for.
    image: current ? (container.image ?? record.image) : record.image,
    imageID: record.imageId,
    containerID: record.containerId,
    ...(container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
    ...(pod.spec.ephemeralContainers?.some((c) => c.name === container.name) ? {} : { resources: container.resources ?? {} }),
    ...(mounts ? { volumeMounts: mounts } : {}),
    ...(user ? { user: { linux: { uid: user.uid, gid: user.gid, ...(user.supplementalGroups.length ? { supplementalGroups: [...user.supplementalGroups] } : {}) } } } : {}),
    ...(stopSignal ? { stopSignal } : {}),
  }
}

function stateOf(record: ContainerRecord, old: ContainerStatus | undefined): ContainerState {
  switch (record.state) {
    case 'running': {
      const startedAt = toTime(record.startedAt)
      return { running: startedAt ? { startedAt } : {} }
    }
    case 'exited': {
      const startedAt = toTime(record.startedAt)
      const finishedAt = toTime(record.finishedAt)
      return {
        terminated: {
          exitCode: record.exitCode,
          ...(record.reason ? { reason: record.reason } : {}),
          ...(record.message ? { message: record.message } : {}),
          ...(startedAt ? { startedAt } : {}),
          ...(finishedAt ? { finishedAt } : {}),
          containerID: record.containerId,
        },
      }
    }
    case 'unknown':
      return old?.state.running ? lost('The container could not be located when the pod was terminated') : { waiting: {} }
    default:
      return { waiting: {} }
  }
}

function statusWithoutRecord({ pod, recursiveReadOnly }: StatusSources, container: Container, old: ContainerStatus | undefined): ContainerStatus {
  if (old?.state.terminated) return { ...old, lastState: old.lastState ?? {} }
  const mounts = mountStatuses(container, recursiveReadOnly)
  const status: ContainerStatus = {
    name: container.name,
    state: { waiting: { reason: pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...(mounts ? { volumeMounts: mounts } : {}),
  }
  // It ran, and the runtime knows nothing of it any more: it ended, nobody can say how.
  if (old?.state.running && !status.lastState.terminated) {
    status.lastState = lost('The container could not be located when the pod was deleted.  The container used to be Running')
    if (pod.metadata.deletionTimestamp === undefined) status.restartCount++
  }
  return status
}

/** The runtime keeps a container's forerunner until it is collected; after that only the status remembers it. */
function carryLastState(status: ContainerStatus, old: ContainerStatus): void {
  if (old.containerID !== undefined && old.containerID !== status.containerID && old.state.terminated) status.lastState = old.state
  else if (old.lastState?.terminated) status.lastState = old.lastState
}

function mountStatuses(container: Container, recursiveReadOnly: boolean): VolumeMountStatus[] | undefined {
  if (!container.volumeMounts?.length) return undefined
  return container.volumeMounts.map((mount) => ({
    name: mount.name,
    mountPath: mount.mountPath,
    ...(mount.readOnly
      ? { readOnly: true, recursiveReadOnly: recursiveReadOnly && (mount.recursiveReadOnly === 'Enabled' || mount.recursiveReadOnly === 'IfPossible') ? 'Enabled' : 'Disabled' }
      : {}),
  }))
}

/** `started` and `ready`, as probes have it; a container without a probe is started and ready when it runs. */
function withReadiness({ results }: StatusSources, container: Container, status: ContainerStatus, old: ContainerStatus | undefined, sort: 'init' | 'regular' | 'ephemeral'): ContainerStatus {
  if (sort === 'ephemeral') return status
  const id = status.containerID?.slice(status.containerID.indexOf('://') + 3) ?? ''
  const same = old !== undefined && old.containerID === status.containerID
  const running = status.state.running !== undefined
  const verdict = running && container.startupProbe ? results.get('startup', id) : undefined
  const started = running && (!container.startupProbe || verdict === 'success' || (verdict === undefined && same && old.started === true))
  status.started = started
  if (sort === 'init' && !isSidecar(container)) {
    status.ready = status.state.terminated?.exitCode === 0
    return status
  }
  if (!started) return status
  const readiness = container.readinessProbe ? results.get('readiness', id) : 'success'
  status.ready = readiness === 'success' || (readiness === undefined && same && old.ready)
  return status
}
