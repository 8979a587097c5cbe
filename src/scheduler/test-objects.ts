import type { Node, Pod, PodSpec, Taint } from '#api/core/v1/types'

/** Small nodes and pods for the scheduler's tests: what is not said is generous. */
export function node(name: string, { cpu = '8', memory = '32Gi', pods = '110', labels = {}, taints, unschedulable }: { cpu?: string; memory?: string; pods?: string; labels?: Record<string, string>; taints?: Taint[]; unschedulable?: boolean } = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: { allocatable: { cpu, memory, pods } },
  } as unknown as Node
}

export function pod(name: string, { cpu, memory, labels = {}, ...spec }: { cpu?: string; memory?: string; labels?: Record<string, string> } & Partial<PodSpec> = {}): Pod {
  const requests = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, uid: name, resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', labels },
    spec: { containers: [{ name: 'main', image: 'busybox', resources: { requests } }], schedulerName: 'default-scheduler', ...spec },
    status: { phase: 'Pending' },
  } as Pod
}
