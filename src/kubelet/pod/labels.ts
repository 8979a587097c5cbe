import type { Container, LifecycleHandler, Pod } from '#api/core/v1/types'
import type { Labels } from '../runtime-service'
import { containerHash } from './container-hash'

/** What the kubelet writes on sandboxes and containers, to find them again after it was away: the names are upstream's. */
export const podNameLabel = 'io.kubernetes.pod.name'
export const podNamespaceLabel = 'io.kubernetes.pod.namespace'
export const podUidLabel = 'io.kubernetes.pod.uid'
export const containerNameLabel = 'io.kubernetes.container.name'
const podDeletionGracePeriod = 'io.kubernetes.pod.deletionGracePeriod'
const podTerminationGracePeriod = 'io.kubernetes.pod.terminationGracePeriod'
const hashAnnotation = 'io.kubernetes.container.hash'
const restartCountAnnotation = 'io.kubernetes.container.restartCount'
const messagePathAnnotation = 'io.kubernetes.container.terminationMessagePath'
const messagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy'
const preStopAnnotation = 'io.kubernetes.container.preStopHandler'
const portsAnnotation = 'io.kubernetes.container.ports'
const configSourceAnnotation = 'kubernetes.io/config.source'
const configSeenAnnotation = 'kubernetes.io/config.seen'

export function podLabels(pod: Pod): Record<string, string> {
  const { name, namespace, uid } = pod.metadata
  return { [podNameLabel]: name, [podNamespaceLabel]: namespace ?? '', [podUidLabel]: uid ?? '' }
}

/** A sandbox carries the pod's own labels too; the kubelet's win. */
export function sandboxLabels(pod: Pod): Record<string, string> {
  return { ...pod.metadata.labels, ...podLabels(pod) }
}

export function sandboxAnnotations(pod: Pod): Record<string, string> {
  return { [configSourceAnnotation]: 'api', [configSeenAnnotation]: pod.metadata.creationTimestamp ?? '', ...pod.metadata.annotations }
}

export function containerLabels(container: Container, pod: Pod): Record<string, string> {
  return { ...podLabels(pod), [containerNameLabel]: container.name }
}

export function containerAnnotations(container: Container, pod: Pod, restartCount: number): Record<string, string> {
  return {
    [hashAnnotation]: containerHash(container),
    [restartCountAnnotation]: String(restartCount),
    [messagePathAnnotation]: container.terminationMessagePath ?? '',
    [messagePolicyAnnotation]: container.terminationMessagePolicy ?? '',
    ...(pod.metadata.deletionGracePeriodSeconds === undefined ? {} : { [podDeletionGracePeriod]: String(pod.metadata.deletionGracePeriodSeconds) }),
    [podTerminationGracePeriod]: String(pod.spec.terminationGracePeriodSeconds ?? 30),
    ...(container.lifecycle?.preStop ? { [preStopAnnotation]: JSON.stringify(container.lifecycle.preStop) } : {}),
    ...(container.ports?.length ? { [portsAnnotation]: JSON.stringify(container.ports) } : {}),
  }
}

/** What can be read back from a container whose pod is no longer known. */
export interface ContainerNotes {
  hash: string
  restartCount: number
  terminationMessagePath: string
  terminationMessagePolicy: string
  gracePeriodSeconds: number
  preStop?: LifecycleHandler
}

export function readContainerNotes(annotations: Labels): ContainerNotes {
  const preStop = annotations[preStopAnnotation]
  const grace = annotations[podDeletionGracePeriod] ?? annotations[podTerminationGracePeriod]
  return {
    hash: annotations[hashAnnotation] ?? '',
    restartCount: Number(annotations[restartCountAnnotation] ?? 0) || 0,
    terminationMessagePath: annotations[messagePathAnnotation] ?? '',
    terminationMessagePolicy: annotations[messagePolicyAnnotation] ?? '',
    gracePeriodSeconds: Number(grace ?? 30),
    ...(preStop ? { preStop: JSON.parse(preStop) as LifecycleHandler } : {}),
  }
}
