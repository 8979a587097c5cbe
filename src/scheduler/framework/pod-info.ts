import type { Pod } from '#api/core/v1/types'
import type { ComputeResources } from '#component-helpers/compute-resources'
import { type HostPort, hostPortsOf } from '#component-helpers/host-ports'
import { podRequests } from '#component-helpers/pod-requests'
import { claimsOfPod } from '#component-helpers/volumes'

/** What a container that asks for nothing counts as when pods are spread: the original's figures. */
const assumed = { milliCpu: 100, memory: 200 * 1024 * 1024 }

/** A pod and what every plugin wants to know of it, worked out once. */
export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly priority: number
  readonly requests: ComputeResources
  /** Requests with 100m and 200 MB standing in where a container asks for nothing: for spreading, not for fitting. */
  readonly nonZero: { milliCpu: number; memory: number }
  readonly hostPorts: readonly HostPort[]
  /** Claims that it uses, by `namespace/name`. */
  readonly claims: readonly string[]
}

export function podInfoOf(pod: Pod): PodInfo {
  const requests = podRequests(pod)
  requests.pods = 1
  return {
    pod,
    key: `${pod.metadata.namespace}/${pod.metadata.name}`,
    priority: pod.spec.priority ?? 0,
    requests,
    nonZero: podRequests(pod, { assume: assumed }),
    hostPorts: hostPortsOf(pod),
    claims: pod.spec.volumes ? claimsOfPod(pod).map(({ name }) => `${pod.metadata.namespace}/${name}`) : noClaims,
  }
}

const noClaims: readonly string[] = []
