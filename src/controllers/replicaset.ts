import { replicasets } from '#api/apps/v1/replica-set'
import { selects } from '#controller-runtime/selecting'
import { keepReplicas } from './replicas'

/** Keeps as many pods as a ReplicaSet asks for. */
export const replicaset = keepReplicas({
  name: 'replicaset-controller',
  resource: replicasets,
  picks: (set, pod) => selects(set.spec.selector, pod.metadata.labels),
  countsTerminating: true,
})
